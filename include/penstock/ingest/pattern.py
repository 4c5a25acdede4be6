"""Days in paths and addresses: ``{run_key}`` and ``{date:%Y/%m/%d}``."""

from __future__ import annotations

import re

from penstock.days import parse_run_key

_FIELD = re.compile(r"\{(run_key|date(?::([^{}]+))?)\}")
_UNKNOWN = re.compile(r"\{[^{}]*\}")


def fill(pattern: str, run_key: str) -> str:
    """Return ``pattern`` with the day put in: ``{run_key}`` as it is, ``{date:...}`` by the codes of strftime."""
    day = parse_run_key(run_key)

    def one(field: re.Match[str]) -> str:
        return run_key if field[1] == "run_key" else day.strftime(field[2] or "%Y-%m-%d")

    return _FIELD.sub(one, pattern)


def check_pattern(pattern: str) -> str:
    """Return ``pattern``; refuse fields that `fill` does not know, for pydantic.

    Raises:
        ValueError: naming the unknown field.
    """
    unknown = _UNKNOWN.search(_FIELD.sub("", pattern))
    if unknown:
        message = (
            f"expected {{run_key}} or {{date:%Y-%m-%d}}, got the unknown field {unknown[0]} in {pattern!r}"
        )
        raise ValueError(message)
    return pattern
