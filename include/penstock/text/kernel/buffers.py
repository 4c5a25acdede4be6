"""Searches over many texts in one buffer."""

from __future__ import annotations

from penstock.text.kernel.compiled import Bytes, compiled

AT, FULL_STOP = 64, 46


@compiled
def may_hold_address(data: Bytes, starts: Bytes, stops: Bytes, found: Bytes) -> None:
    """Mark the texts with an ``@``, or a full stop between digits: no other holds an e-mail or an IPv4 address."""
    for text in range(len(starts)):
        found[text] = False
        for at in range(starts[text], stops[text]):
            byte = data[at]
            if byte == AT or (byte == FULL_STOP and is_between_digits(data, starts[text], at, stops[text])):
                found[text] = True
                break


@compiled
def is_between_digits(data: Bytes, start: int, at: int, stop: int) -> bool:
    """Whether a digit stands before and after."""
    if at <= start or at + 1 >= stop:
        return False
    before, after = data[at - 1], data[at + 1]
    return bool(48 <= before <= 57 and 48 <= after <= 57)
