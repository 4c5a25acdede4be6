"""Run a command and measure its whole process tree: CPU seconds, wall seconds, memory.

The measuring process is the *subreaper* of what it starts (Linux): a descendant that outlives its parent becomes its
child, so that at the end ``getrusage`` knows the CPU (user + system) of every process that somebody waited for, however
short its life: the Java process, guardians, fork servers. Children of a process that ignores SIGCHLD are waited for by
nobody (PySpark's workers are such): of those, the last of four readings a second counts. Memory is the greatest sum of
proportional set sizes, sampled twice a second. The measuring process's own cost is not counted.

A command says where it is by lines of its output: ``@mark NAME`` (CPU and wall so far are kept under that name)
and ``@result JSON``.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

MARK, RESULT = "@mark ", "@result "
PR_SET_CHILD_SUBREAPER = 36
SAMPLE_S = 0.25
REMAINS_S = 30
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Reading:
    """CPU and wall seconds since the start."""

    cpu_s: float
    wall_s: float


@dataclass
class Usage:
    """What a command cost; ``total`` counts to the end of the last descendant."""

    total: Reading = Reading(0, 0)
    peak_mb: float = 0
    marks: dict[str, Reading] = field(default_factory=dict)
    result: Any = None

    def between(self, first: str, last: str | None = None) -> Reading:
        """Return what passed from one mark to another (or to the end)."""
        end = self.total if last is None else self.marks[last]
        start = self.marks[first]
        return Reading(end.cpu_s - start.cpu_s, end.wall_s - start.wall_s)


def mark(name: str) -> None:
    """Say, in a measured command, that it has come to ``name``."""
    print(f"{MARK}{name}", flush=True)


def result(value: Any) -> None:
    """Give a value, in a measured command, to whoever measures."""
    print(f"{RESULT}{json.dumps(value)}", flush=True)


def measure(
    command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, timeout_s: float = 3600
) -> Usage:
    """Run a command to its end and return what it and all its descendants cost.

    Other children of this process must not end meanwhile: their CPU would be counted.

    Args:
        command: What to run.
        log: Where its output goes, besides the marks.
        env: Its environment (default: this process's).
        timeout_s: When it is killed (seconds).

    Raises:
        subprocess.CalledProcessError: with the end of the log, when it fails or takes too long.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    tree, usage = Tree(), Usage()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as kept:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=kept, text=True
        )
        stop = threading.Event()
        sampler = threading.Thread(target=_sample, args=(tree, usage, stop), daemon=True)
        killer = threading.Timer(timeout_s, process.kill)
        sampler.start()
        killer.start()
        try:
            for line in process.stdout or ():
                if line.startswith(MARK):
                    usage.marks[line.removeprefix(MARK).strip()] = tree.read()
                elif line.startswith(RESULT):
                    usage.result = json.loads(line.removeprefix(RESULT))
                kept.write(line)
                kept.flush()
            code = process.wait()
            tree.reap(REMAINS_S)
        finally:
            killer.cancel()
            stop.set()
            sampler.join()
            tree.reap(0)
    usage.total = tree.read()
    if code:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        print(f"{log}:\n{tail}")
        raise subprocess.CalledProcessError(code, command)
    return usage


class Tree:
    """All descendants of this process, the living and the dead, since the object was made."""

    def __init__(self) -> None:
        self._before, self._start = _reaped_cpu_s(), time.perf_counter()
        self._unwaited: dict[tuple[int, float], float] = {}
        self._lock = threading.Lock()

    def read(self) -> Reading:
        """Return what they have cost so far."""
        with self._lock:
            reaped = _reaped_cpu_s() - self._before
            living = 0.0
            seen = dict(self._unwaited)
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    key = (process.pid, process.create_time())
                    times, parent = process.cpu_times(), process.ppid()
                    used = times.user + times.system + times.children_user + times.children_system
                    living += used
                    seen.pop(key, None)
                    if ignores_dead_children(parent):
                        self._unwaited[key] = used
            return Reading(reaped + living + sum(seen.values()), time.perf_counter() - self._start)

    def reap(self, patience_s: float) -> None:
        """Wait for descendants that outlived the command; those that stay longer than ``patience_s`` are killed."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid:
                with self._lock:  # it was waited for after all
                    self._unwaited = {key: used for key, used in self._unwaited.items() if key[0] != pid}
                continue
            if time.monotonic() > deadline:
                for process in psutil.Process().children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        process.send_signal(signal.SIGKILL)
            time.sleep(0.05)


def ignores_dead_children(pid: int) -> bool:
    """Return whether a process lets its children end without waiting for them (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    ignored = next((line.split()[1] for line in status.splitlines() if line.startswith("SigIgn:")), "0")
    return bool(int(ignored, 16) >> (signal.SIGCHLD - 1) & 1)


def tree_memory_mb() -> float:
    """Proportional set size of the living descendants (MB): shared pages are counted once."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
            total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total * 1024 / MEGABYTE


def _reaped_cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _sample(tree: Tree, usage: Usage, stop: threading.Event) -> None:
    while not stop.wait(SAMPLE_S):
        tree.read()
        usage.peak_mb = max(usage.peak_mb, tree_memory_mb())
