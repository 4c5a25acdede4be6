"""Find, weigh and end processes by a mark in their environment, which they pass on to all their children."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

MARK = "PENSTOCK_STACK"
"""The environment variable that names the home whose stack a process belongs to."""
LOOKS = 8


def find_marked(home: Path) -> list[psutil.Process]:
    """Find the processes of this home's stack, but never the caller or what started it."""
    kin = {process.pid for process in psutil.Process().parents()} | {os.getpid()}
    return [
        process for process in psutil.process_iter() if process.pid not in kin and _is_marked(process, home)
    ]


def _is_marked(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(home) and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def end_processes(processes: Iterable[psutil.Process], patience_s: float) -> int:
    """Ask the processes to end, after ``patience_s`` (seconds) make them; return how many there were."""
    wanted = list(processes)
    for process in wanted:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(wanted, timeout=patience_s)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=patience_s)
    return len(wanted)


def end_marked(home: Path, patience_s: float) -> int:
    """End this home's processes, and those they start meanwhile; return how many there were.

    It looks again until two looks in a row find nothing: a process that is just being started shows no mark.
    """
    ended, empty_looks = 0, 0
    for _ in range(LOOKS):
        found = end_processes(find_marked(home), patience_s)
        ended, empty_looks = ended + found, 0 if found else empty_looks + 1
        if empty_looks == 2:
            break
        time.sleep(0.1)
    return ended


def weigh_tree(pid: int) -> int:
    """Return the memory of a process and its descendants (bytes); shared pages count once where Linux tells."""
    try:
        root = psutil.Process(pid)
        return sum(_weigh(process) for process in (root, *root.children(recursive=True)))
    except psutil.Error:
        return 0


def _weigh(process: psutil.Process) -> int:
    try:
        return int(getattr(process.memory_full_info(), "pss", 0)) or process.memory_info().rss
    except psutil.Error:
        return 0


def name_listener(port: int) -> str:
    """Say who listens on the port, as far as this user may know."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            is_it = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if is_it and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another program"
