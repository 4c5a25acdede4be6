"""Where one record ends and the next begins, in a stream of bytes that is never held whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Literal

from penstock.errors import ContractError

Records = Literal["lines", "csv", "file"]


def read_records(
    stream: IO[bytes], records: Records, *, max_bytes: int, where: str
) -> Iterator[tuple[int, bytes]]:
    """Yield each record as it came, line end included, with the number of its first line (from 1).

    Raises:
        ContractError: a record is longer than ``max_bytes``; ``where`` names the file.
    """
    if records == "file":
        content = _bounded(stream.read(max_bytes + 1), max_bytes, where, 1)
        yield from [(1, content)] if content else []
    elif records == "csv":
        yield from _quoted(stream, max_bytes, where)
    else:
        yield from enumerate(_lines(stream, max_bytes, where), start=1)


def _lines(stream: IO[bytes], max_bytes: int, where: str) -> Iterator[bytes]:
    number = 0
    while line := stream.readline(max_bytes + 1):
        number += 1
        yield _bounded(line, max_bytes, where, number)


def _quoted(stream: IO[bytes], max_bytes: int, where: str) -> Iterator[tuple[int, bytes]]:
    """Join lines until their double quotes are even; the last record may lack its closing quote."""
    parts: list[bytes] = []
    size, is_open, first = 0, False, 1
    for number, line in enumerate(_lines(stream, max_bytes, where), start=1):
        parts.append(line)
        size += len(line)
        is_open ^= bool(line.count(b'"') % 2)
        if size > max_bytes:
            _bounded(b"".join(parts), max_bytes, where, first)
        if not is_open:
            yield first, b"".join(parts)
            parts, size, first = [], 0, number + 1
    if parts:
        yield first, b"".join(parts)


def is_blank(record: bytes) -> bool:
    """Return whether there is nothing but white space: such a line is no record.

    Tabs count as content (a row of empty fields is a row), the wide space of Chinese text (U+3000) does not.
    """
    rest = record.strip(b" \r\n")
    if not rest or len(rest) > 60 or rest[0] < 0x80 or b"\t" in rest:
        return not rest
    return not rest.decode("utf-8", "replace").strip()


def content_of(record: bytes) -> bytes:
    """Return a record without its line end."""
    return record.removesuffix(b"\n").removesuffix(b"\r")


def _bounded(record: bytes, max_bytes: int, where: str, line_number: int) -> bytes:
    if len(record) > max_bytes:
        message = (
            f"ingest: expected records of at most {max_bytes} bytes, got a longer one at {where}:{line_number}; "
            "is it a text file with line ends? raise ingest.max_record_mb, or correct ingest.records"
        )
        raise ContractError(message, failed={"oversized_records": 1}, sample_uri=where)
    return record
