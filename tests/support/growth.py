"""Does the cost of an act grow in proportion to its input? Held against itself, so the machine does not matter."""

from __future__ import annotations

import time
from collections.abc import Callable

FLOOR_S = 0.002
"""CPU seconds below which a reading says nothing: what an act costs apart from its input counts as this much."""


def assert_in_proportion(act: Callable[[int], object], size: int, *, by: int = 8, slack: float = 4.0) -> None:
    """Fail when ``act(size)`` takes more than ``slack`` times ``by`` times the CPU time of ``act(size // by)``.

    With the default of 8 a cost that grows with the square is 64 times as large, twice what is allowed. A machine that
    is busy with other things now and then gets two more tries: the least reading of each size counts.
    """
    small = large = float("inf")
    for _ in range(3):
        small = min(small, max(_cpu_seconds(act, size // by), FLOOR_S))
        large = min(large, _cpu_seconds(act, size))
        if large <= small * by * slack:
            return
    message = (
        f"expected at most {by * slack:g} times the CPU time for {by} times the input, "
        f"got {large / small:.0f} ({small:.3f} s, {large:.3f} s)"
    )
    raise AssertionError(message)


def _cpu_seconds(act: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    act(size)
    return time.process_time() - started
