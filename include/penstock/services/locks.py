"""A lock between processes that dies with its holder."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penstock.errors import SourceError

POLL_S = 0.1


@contextmanager
def hold_lock(path: Path, timeout_s: float) -> Iterator[None]:
    """Hold the lock file, waiting at most ``timeout_s`` (seconds) for another process to let go.

    The kernel frees it when the holder dies, however it dies; the file itself stays.

    Raises:
        SourceError: Another process held it all that time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        deadline = time.monotonic() + timeout_s
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                message = (
                    f"expected the lock {path} within {timeout_s:g} s, another process holds it; try again"
                )
                raise SourceError(message)
            time.sleep(POLL_S)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
