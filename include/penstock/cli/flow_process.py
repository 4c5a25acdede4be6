"""One run of a flow through Airflow, as a child process that never outlives its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from penstock.services.spark_jvm import die_with_parent

_PATIENCE_S = {signal.SIGINT: 8, signal.SIGTERM: 4}


def airflow_command(dataset: str, run_key: str) -> list[str]:
    """Return the command that runs one day of a flow in one process, without a scheduler."""
    return [sys.executable, "-m", "airflow", "dags", "test", dataset, run_key]


class FlowProcess:
    """A command with its output in a log file, as a context: leaving it ends the process and all of its group.

    The child has a process group of its own, so that Ctrl-C reaches this program first; it is then asked to end (its
    stage is recorded as failed and its attempt removed), and made to if it does not.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], log: Path, folder: Path
    ) -> None:
        self.log = log
        self._command, self._environment, self._folder = list(command), dict(environment), folder
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_prepare_child,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def exit_code(self) -> int | None:
        """Return the exit code, or ``None`` while it runs."""
        return None if self._child is None else self._child.poll()

    def end(self) -> None:
        """End the process and everything of its group."""
        child = self._child
        if child is None:
            return
        for number, patience_s in _PATIENCE_S.items():
            if child.poll() is not None:
                break
            _signal_group(child.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                child.wait(patience_s)
        _signal_group(child.pid, signal.SIGKILL)
        child.wait()


def _prepare_child() -> None:
    """Have the child hear Ctrl-C, also below a shell's ``&``, and die with this process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
