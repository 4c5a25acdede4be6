"""Which parts of which files are read together: cut where a record begins, resumed where a reader stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from penstock.archive.members import GZIP, Members
from penstock.archive.raw import RawStream

_PROBE_MEMBERS = 4
_PROBE_BUDGET = 64 << 20


class Split(NamedTuple):
    """The members of ``uri`` that begin at ``start`` or behind it, and before ``end`` (``None``: its end)."""

    uri: str
    start: int = 0
    end: int | None = None


def plan(
    files: Mapping[str, int],
    *,
    split_bytes: int,
    is_splittable: Mapping[str, bool],
    resume: Mapping[str, int] | None = None,
) -> Iterator[Split]:
    """Yield the splits of files (URI to size in bytes).

    A file that is not splittable, or not longer than ``split_bytes`` (0: never split), is one split. ``resume`` has the
    offset of the first record that is still to be read of files that were begun.
    """
    for uri, size in sorted(files.items()):
        start = (resume or {}).get(uri, 0)
        if start and start >= size:
            continue
        if not split_bytes or not is_splittable.get(uri, False) or size - start <= split_bytes:
            yield Split(uri, start)
            continue
        count = -(-(size - start) // split_bytes)
        bounds = [start + (size - start) * n // count for n in range(count)]
        for number, first in enumerate(bounds):
            yield Split(uri, first, bounds[number + 1] if number + 1 < count else None)


def has_member_per_record(stream: IO[bytes]) -> bool:
    """Return whether a file begins as a gzip member a record, as crawlers write it: such a file can be cut.

    Its beginning speaks for the whole file. A file that was packed whole would be one member.
    """
    raw = RawStream(stream)
    if not raw.peek(3).startswith(GZIP):
        return False
    members = Members(raw, budget=_PROBE_BUDGET)
    for number, member in enumerate(members, start=1):
        member.drain()
        if member.damage or members.skipped is not None:
            return False
        if number == _PROBE_MEMBERS or (number > 1 and not raw.peek(1)):
            return True
    return False
