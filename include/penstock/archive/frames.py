"""Records of an archive file, each with its headers and its block of bytes, or with what is wrong with it.

FastWARC parses; this module keeps it going: what is damaged, clipped, oversized or no record at all becomes a frame
of its own, so that every record and every damaged stretch is counted, and the next record is found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from penstock.archive.members import Member, Members
from penstock.archive.raw import RawStream

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

CLIPPED, DAMAGED, OVERSIZED = "clipped_record", "damaged_record", "oversized_record"
NO_LENGTH, NO_RECORD = "no_content_length", "not_a_record"
_DAMAGE = {"clipped": CLIPPED, "damaged": DAMAGED, "too_large": OVERSIZED}
_SLACK_BYTES = 1 << 20
_SKIPPED_RECORDS = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """One record, or one stretch of bytes that should have been one.

    ``headers`` are those of WARC, by their names in lower case. ``offset`` is where its member begins in the file,
    ``inner_offset`` where it begins in the unpacked member. ``bad`` is the reason why it is no usable record.
    """

    offset: int
    inner_offset: int
    kind: str = "unknown"
    headers: dict[str, str] = field(default_factory=dict)
    block: bytes = b""
    bad: str = ""
    detail: str = ""


def read_frames(
    stream: IO[bytes],
    *,
    max_bytes: int,
    start: int = 0,
    end: int | None = None,
    wanted: frozenset[str] | None = None,
) -> Iterator[Frame]:
    """Yield a frame for each record of an archive file, in any packing, and for each stretch that is none.

    Nothing in the bytes makes it raise; what ``stream`` raises goes up. ``max_bytes`` bounds the block of one record; a
    longer one is a bad frame without its block. ``start`` and ``end`` (offsets in the file, where ``stream`` already
    stands at ``start``) choose the members that begin between them. ``wanted`` names the record types whose blocks are
    read (default: all).
    """
    raw = RawStream(stream, start)
    budget = max_bytes * _SKIPPED_RECORDS + _SLACK_BYTES
    members = Members(raw, budget=budget)
    if start:
        members.find_start(start)
    for member in members:
        if members.skipped is not None:
            offset, head = members.skipped
            if end is None or offset < end:
                yield Frame(offset, 0, block=head, bad=NO_RECORD, detail="expected a WARC record")
        if end is not None and member.offset >= end:
            return
        yield from _Framer(member, max_bytes, budget, wanted).frames()


def count_frames(stream: IO[bytes], *, max_bytes: int) -> int:
    """Return how many frames `read_frames` yields, without keeping a block."""
    return sum(1 for _ in read_frames(stream, max_bytes=max_bytes, wanted=frozenset()))


class _Framer:
    """Reads the records of one member."""

    def __init__(self, member: Member, max_bytes: int, budget: int, wanted: frozenset[str] | None) -> None:
        self.member, self.max_bytes, self.budget = member, max_bytes, budget
        self.wanted = wanted
        self.base = 0
        self.resume, self.told_until = 1, 0
        self._error: str | None = None

    def frames(self) -> Iterator[Frame]:
        """Yield the frames; one is held back until it is known whether the member is whole."""
        held: Frame | None = None
        while True:
            for frame in self._run():
                if held is not None:
                    yield held
                held = frame
            if self.member.is_plain and held is not None and held.bad in (CLIPPED, NO_LENGTH):
                # Its Content-Length may have swallowed the records behind it: look for them inside.
                self.member.stop_at(held.inner_offset + 1, told_until=None)
                break
            if self._error is None or self.member.damage:
                break
            is_reported = held is not None and held.bad == NO_LENGTH
            if held is not None:
                yield held
            held = None
            if self.member.is_plain:
                self.member.stop_at(self.resume, told_until=self.told_until)
                break
            found = self.member.find_record(self.resume)
            if not is_reported:
                yield Frame(self.member.offset, self.resume, bad=NO_RECORD, detail=self._error)
            if found is None:
                break
            self.base, self.resume = found, found + 1
        self.member.drain()
        yield from self._last(held)

    def _run(self) -> Iterator[Frame]:
        """Yield frames until the end of the member or the first bytes that are no record."""
        from fastwarc.warc import ArchiveIterator

        self._error = None
        self.member.allow(self.budget)
        try:
            source: Any = self.member  # it is read and asked for its place, nothing else
            for record in ArchiveIterator(source, parse_http=False, stream_detect=False, strict_mode=False):
                yield self._frame(record)
                self.member.allow(self.budget)
            self.member.check()
        except GeneratorExit:
            raise
        except BaseException as error:
            self.member.check()
            if not _is_of_the_parser(error):
                raise
            self._error = f"{type(error).__name__}: {error}"[:200]

    def _frame(self, record: WarcRecord) -> Frame:
        pairs = record.headers.items_bytes()
        headers = {name.decode("latin-1").lower(): value.decode("utf-8", "replace") for name, value in pairs}
        place = self.base + record.stream_pos
        size = record.content_length
        # The header's own length is not given: from where to look for a start, and where the record surely ends.
        self.resume = place + 12 + sum(len(name) + len(value) + 3 for name, value in pairs) + size
        self.told_until = self.resume + len(pairs) + 8
        kind = headers.get("warc-type", "unknown").lower()
        frame = Frame(self.member.offset, place, kind, headers)
        if headers.get("content-length", "").strip() != str(size):
            said = headers.get("content-length", "none")
            self.resume = place + 1
            return _with(frame, bad=NO_LENGTH, detail=f"Content-Length: {said[:100]}")
        if size > self.max_bytes:
            detail = f"a block of {size} bytes, more than {self.max_bytes}"
            return _with(frame, bad=OVERSIZED, detail=detail)
        is_wanted = self.wanted is None or kind in self.wanted
        block = _read(record, size) if is_wanted else b""
        came = len(block) if is_wanted else record.consume()
        if came < size:
            self.member.check()
            return _with(
                frame, block=block, bad=CLIPPED, detail=f"expected a block of {size} bytes, got {came}"
            )
        return _with(frame, block=block)

    def _last(self, held: Frame | None) -> Iterator[Frame]:
        """Yield the frame that was held back, judged by how the member ended."""
        reason = _DAMAGE.get(self.member.damage, "")
        is_whole = held is not None and not held.bad and reason == CLIPPED
        if held is not None and reason and not is_whole and held.bad in ("", NO_LENGTH, CLIPPED):
            yield _with(
                held, bad=reason, detail=f"the member at {self.member.offset} is {self.member.damage}"
            )
        elif held is not None:
            yield held
        elif reason:
            yield Frame(self.member.offset, 0, bad=reason, detail="no record could be read of this member")


def _read(record: WarcRecord, size: int) -> bytes:
    content: bytes = record.reader.read(size)
    parts = [content]
    left = size - len(content)
    while left > 0 and (more := record.reader.read(left)):
        parts.append(more)
        left -= len(more)
    return content if len(parts) == 1 else b"".join(parts)


def _with(frame: Frame, *, bad: str = "", detail: str = "", block: bytes | None = None) -> Frame:
    return Frame(
        frame.offset,
        frame.inner_offset,
        frame.kind,
        frame.headers,
        frame.block if block is None else block,
        bad,
        detail,
    )


def _is_of_the_parser(error: BaseException) -> bool:
    """Return whether bytes made the parser fail; a panic of its Rust code is no `Exception`."""
    return isinstance(error, OSError | ValueError) or type(error).__name__ == "PanicException"
