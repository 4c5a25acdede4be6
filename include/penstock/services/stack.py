"""``make up`` and its counterparts: Airflow and the warm Spark server, started, stopped and looked at as one."""

from __future__ import annotations

import functools
import json
import math
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil

from penstock.errors import PenstockError, SourceError
from penstock.services.airflow_components import (
    DEFAULT_PORT,
    FIRST,
    SECOND,
    Health,
    build_stack_environment,
    build_url,
    read_health,
)
from penstock.services.environment import Places, find_places
from penstock.services.locks import hold_lock
from penstock.services.prepare import Say, prepare
from penstock.services.processes import end_marked, find_marked, name_listener, weigh_tree
from penstock.services.spark_jvm import is_listening, read_tail
from penstock.services.spark_server import find_running
from penstock.services.supervisord import STOP_WAIT_S, Component, ComponentState, Supervisor

START_TIMEOUT_S = 240
STOP_TIMEOUT_S = STOP_WAIT_S + 8
POLL_S = 0.3
RESTARTS_THAT_MEAN_BROKEN = 3

say_now: Say = functools.partial(print, flush=True)


@dataclass(frozen=True)
class ServiceStatus:
    """One line of ``make status``."""

    name: str
    pid: int
    state: str
    uptime_s: int
    memory_bytes: int
    health: str


@dataclass(frozen=True)
class StackStatus:
    """What ``make status`` shows; ``url`` is ``None`` when nothing runs."""

    services: Sequence[ServiceStatus]
    url: str | None

    @property
    def is_healthy(self) -> bool:
        """Return whether every service runs and says it is well."""
        return bool(self.services) and all(service.health == "healthy" for service in self.services)


def up(port: int | None = None, *, places: Places | None = None, say: Say = say_now) -> str:
    """Start what does not run, wait until all of it is healthy, and return the address of the web page.

    Raises:
        PenstockError: The port is taken, or the stack runs on another one.
        SourceError: A service did not become healthy; the message ends with its log.
    """
    places = places or find_places()
    began = time.monotonic()
    with hold_lock(places.run / "stack.lock", START_TIMEOUT_S):
        prepare(places, say)
        supervisor = Supervisor(places, (*FIRST, *SECOND))
        port = _start_supervisor(supervisor, port)
        for components in (FIRST, SECOND):
            _start_components(supervisor, components, port, say)
    say(_describe_running(port, time.monotonic() - began))
    return build_url(port)


def _start_supervisor(supervisor: Supervisor, port: int | None) -> int:
    places = supervisor.places
    current = _read_port(places)
    if supervisor.is_alive() and current is not None:
        if port not in {None, current}:
            message = (
                f"expected to start on port {port}, but Penstock runs on {current}; run `make down` first"
            )
            raise PenstockError(message)
        return current
    end_marked(places.home, STOP_WAIT_S)
    port = port or DEFAULT_PORT
    if is_listening(port):
        message = (
            f"expected port {port} of this machine to be free for the web page, {name_listener(port)} listens there; "
            f"stop it, or choose another: make up PORT={port + 1}"
        )
        raise PenstockError(message)
    (places.run / "stack.json").write_text(json.dumps({"port": port}))
    supervisor.start(build_stack_environment(places, port))
    return port


def _read_port(places: Places) -> int | None:
    try:
        return int(json.loads((places.run / "stack.json").read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _start_components(supervisor: Supervisor, components: Sequence[Component], port: int, say: Say) -> None:
    """Start these components together and report each as it becomes healthy."""
    began = time.monotonic()
    states = supervisor.read_states()
    for component in components:
        if not states[component.name].is_running:
            supervisor.start_component(component.name)
    waiting = {component.name for component in components}
    starts: dict[str, set[int]] = {name: set() for name in waiting}
    while waiting:
        states = supervisor.read_states()
        health = _read_all_health(supervisor.places, port, states)
        for name in sorted(name for name in waiting if health.get(name) == "healthy"):
            waiting.remove(name)
            say(f"  {name:<44}up after {time.monotonic() - began:3.0f} s")
        for name in waiting:
            _refuse_broken(supervisor, states.get(name), name, starts[name], time.monotonic() - began)
        time.sleep(POLL_S if waiting else 0)


def _read_all_health(places: Places, port: int, states: dict[str, ComponentState]) -> dict[str, str]:
    """Join what Airflow says of itself, whether Spark answers, and whether the process is there at all."""
    spark = Health("healthy" if find_running(places.home) else "not answering", math.inf)
    health = {**read_health(port), "spark": spark}
    return {
        name: health.get(name, Health("not answering", 0)).describe(state.started_at)
        if state.is_running
        else state.state.lower()
        for name, state in states.items()
    }


def _refuse_broken(
    supervisor: Supervisor, state: ComponentState | None, name: str, starts: set[int], waited_s: float
) -> None:
    if state is None:
        message = f"expected supervisord to keep {name} alive, it is gone (`make down` elsewhere?); run `make up` again"
        raise SourceError(message)
    starts.add(state.started_at)
    if len(starts) <= RESTARTS_THAT_MEAN_BROKEN and state.state != "FATAL" and waited_s < START_TIMEOUT_S:
        return
    log_path = supervisor.log_path(name)
    why = "it ends again and again" if len(starts) > RESTARTS_THAT_MEAN_BROKEN else f"waited {waited_s:.0f} s"
    message = (
        f"expected {name} to become healthy, {why}. The end of its log {log_path}:\n{read_tail(log_path)}"
    )
    raise SourceError(message)


def _describe_running(port: int, seconds: float) -> str:
    return (
        f"\nPenstock is up after {seconds:.0f} s: {build_url(port)}\n"
        "You are admin, as is everybody on this machine; nobody else can reach it.\n"
        "Next: make status | make logs | bin/airflow dags list | make down"
    )


def down(*, places: Places | None = None, say: Say = say_now) -> int:
    """Stop everything of this home, however it was left; return how many processes had to be ended by hand."""
    places = places or find_places()
    began = time.monotonic()
    supervisor = Supervisor(places, (*FIRST, *SECOND))
    was_running = supervisor.is_alive()
    if was_running:
        members = find_marked(places.home)
        supervisor.shut_down()
        psutil.wait_procs(members, timeout=STOP_TIMEOUT_S)
    strays = end_marked(places.home, patience_s=5)
    supervisor.forget()
    (places.run / "stack.json").unlink(missing_ok=True)
    took = f"after {time.monotonic() - began:.0f} s"
    say(f"Penstock is down {took}." if was_running or strays else "Penstock was not running.")
    return strays


def status(*, places: Places | None = None) -> StackStatus:
    """Look at every service."""
    places = places or find_places()
    supervisor = Supervisor(places, (*FIRST, *SECOND))
    states = supervisor.read_states()
    port = _read_port(places)
    if not states or port is None:
        return StackStatus((), None)
    health = _read_all_health(places, port, states)
    names = [component.name for component in supervisor.components if component.name in states]
    return StackStatus([_describe_service(states[name], health[name]) for name in names], build_url(port))


def _describe_service(state: ComponentState, health: str) -> ServiceStatus:
    uptime_s = max(0, int(time.time()) - state.started_at) if state.is_running else 0
    memory_bytes = weigh_tree(state.pid) if state.pid else 0
    return ServiceStatus(state.name, state.pid, state.state.lower(), uptime_s, memory_bytes, health)


def render_status(found: StackStatus) -> str:
    """Return the table of ``make status``."""
    if found.url is None:
        return "Penstock is not running. Start it: make up"
    rows = [
        f"{service.name:<14} {service.pid:>8} {service.state:<10} {timedelta(seconds=service.uptime_s)!s:>16} "
        f"{service.memory_bytes / 2**20:>9.0f}  {service.health}"
        for service in found.services
    ]
    total = sum(service.memory_bytes for service in found.services) / 2**20
    head = f"{'service':<14} {'pid':>8} {'state':<10} {'uptime':>16} {'memory MB':>9}  health"
    return "\n".join([head, *rows, f"{'':<51}{total:>9.0f}", "", found.url])


def logs(component: str | None = None, *, places: Places | None = None) -> None:
    """Replace this process by one that follows the logs of one service, or of all.

    Raises:
        PenstockError: There is no such service, or nothing was ever started.
    """
    os.execvp("tail", ["tail", "-n", "20", "-F", *map(str, find_logs(places or find_places(), component))])  # noqa: S606, S607


def find_logs(places: Places, component: str | None = None) -> list[Path]:
    """Return the log files of one service, or of all."""
    supervisor = Supervisor(places, (*FIRST, *SECOND))
    names = [known.name for known in supervisor.components]
    if component is not None and component not in names:
        message = f"expected one of {', '.join(names)}, got {component!r}; e.g. make logs C=scheduler"
        raise PenstockError(message)
    paths = [supervisor.log_path(name) for name in names if component in {None, name}]
    paths += [places.logs / "spark.log"] if component in {None, "spark"} else []
    found = [path for path in paths if path.exists()]
    if not found or shutil.which("tail") is None:
        message = (
            f"expected logs in {paths[0].parent} and the program `tail`, found none; run `make up` first"
        )
        raise PenstockError(message)
    return found
