"""supervisord as a library: write its settings, start it, ask it things over a unix socket."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from penstock.errors import PenstockError, SourceError
from penstock.services.environment import Places
from penstock.services.spark_jvm import read_tail

SOCKET_PATH_CHARS = 90
"""The kernel takes 107 (macOS 103), and supervisord first binds the name with its process id behind it."""
STOP_WAIT_S = 12


@dataclass(frozen=True)
class Component:
    """A program that supervisord keeps alive."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class ComponentState:
    """What supervisord knows of a program; ``started_at`` in seconds since 1970."""

    name: str
    state: str
    pid: int
    started_at: int

    @property
    def is_running(self) -> bool:
        """Return whether it runs, or is about to."""
        return self.state in {"RUNNING", "STARTING"}


class Supervisor:
    """The supervisord of one home."""

    def __init__(self, places: Places, components: Sequence[Component]) -> None:
        self.places = places
        self.components = components
        self.socket_path = choose_socket_path(places.run)

    def log_path(self, name: str) -> Path:
        """Return where a component's output goes."""
        return self.places.logs / "services" / f"{name}.log"

    def render(self) -> str:
        """Return the settings file. Nothing starts by itself: the order matters, see ``stack``."""
        head: dict[str, Mapping[str, object]] = {
            "unix_http_server": {"file": self.socket_path, "chmod": "0600"},
            "supervisord": {
                "nodaemon": "true",
                "logfile": self.log_path("supervisord"),
                "logfile_maxbytes": "5MB",
                "logfile_backups": "1",
                "pidfile": self.places.run / "supervisord.pid",
                "childlogdir": self.log_path("supervisord").parent,
            },
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
        }
        programs = {f"program:{component.name}": self._program(component) for component in self.components}
        return "\n".join(_render_section(name, values) for name, values in {**head, **programs}.items())

    def _program(self, component: Component) -> dict[str, object]:
        return {
            "command": shlex.join(component.command),
            "directory": self.places.root,
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "1",
            "startretries": "100",
            "stopwaitsecs": STOP_WAIT_S,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": self.log_path(component.name),
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": "2",
        }

    def start(self, environment: Mapping[str, str], timeout_s: float = 30) -> None:
        """Start supervisord, which starts nothing yet, and wait until it answers.

        Raises:
            SourceError: It ended or did not answer; the message ends with its log.
        """
        self.log_path("supervisord").parent.mkdir(parents=True, exist_ok=True)
        self.places.run.mkdir(parents=True, exist_ok=True)
        self._make_socket_folder()
        settings = self.places.run / "supervisord.conf"
        settings.write_text(self.render())
        log_path = self.log_path("supervisord-start")
        with log_path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(settings)],
                cwd=self.places.root,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout_s
        while not self.is_alive():
            if process.poll() is not None or time.monotonic() > deadline:
                message = (
                    f"expected supervisord to answer on {self.socket_path}; its log:\n{read_tail(log_path)}"
                )
                raise SourceError(message)
            time.sleep(0.1)

    def _make_socket_folder(self) -> None:
        folder = self.socket_path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            message = f"expected {folder} to belong to you, it is another user's; remove it, or set TMPDIR elsewhere"
            raise PenstockError(message)
        self.socket_path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove what a supervisord that is gone left on disk."""
        self.socket_path.unlink(missing_ok=True)
        (self.places.run / "supervisord.pid").unlink(missing_ok=True)
        if self.socket_path.parent != self.places.run:
            with contextlib.suppress(OSError):
                self.socket_path.parent.rmdir()

    def is_alive(self) -> bool:
        """Return whether supervisord answers."""
        try:
            return bool(self._call("getState"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def read_states(self) -> dict[str, ComponentState]:
        """Return the state of each component by name; empty when supervisord does not answer."""
        try:
            rows = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return {}
        states = (ComponentState(row["name"], row["statename"], row["pid"], row["start"]) for row in rows)
        return {state.name: state for state in states}

    def start_component(self, name: str) -> None:
        """Start one component without waiting for it.

        Raises:
            SourceError: supervisord is gone or refuses.
        """
        try:
            self._call("startProcess", name, False)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            message = f"expected supervisord to start {name}, got {error}; run `make down`, then `make up`"
            raise SourceError(message) from error

    def shut_down(self) -> None:
        """Tell supervisord to stop everything and itself, without waiting for it."""
        try:
            self._call("shutdown")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return

    def _call(self, method: str, *arguments: object) -> object:
        with xmlrpc.client.ServerProxy(
            "http://supervisord", transport=_UnixTransport(self.socket_path)
        ) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def choose_socket_path(run: Path) -> Path:
    """Return a path for the socket that the kernel accepts: in ``run``, or a short one in the temporary folder."""
    path = run / "supervisor.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_CHARS:
        return path
    digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"penstock-{os.getuid()}-{digest}" / "supervisor.sock"


def _render_section(name: str, values: Mapping[str, object]) -> str:
    lines = [f"{key} = {value}" for key, value in values.items()]
    for line in lines:
        if "%" in line or " ;" in line or "\n" in line:  # supervisord expands some values once and some twice
            message = f"expected no %, ' ;' or line break, got {line!r}; move the project or PENSTOCK_HOME elsewhere"
            raise PenstockError(message)
    return "\n".join([f"[{name}]", *lines, ""])


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)
