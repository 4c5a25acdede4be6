"""Where one record ends and the next begins."""

from __future__ import annotations

import io

import pytest

from penstock.errors import ContractError
from penstock.ingest.records import Records, content_of, is_blank, read_records


def split(content: bytes, records: Records = "lines", max_bytes: int = 100) -> list[tuple[int, bytes]]:
    return list(read_records(io.BytesIO(content), records, max_bytes=max_bytes, where="there"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"a\nb\n", [(1, b"a\n"), (2, b"b\n")]),
        (b"a\r\nb", [(1, b"a\r\n"), (2, b"b")]),
        (b"\n\n", [(1, b"\n"), (2, b"\n")]),
        (b"a\rb\x00\xff\n", [(1, b"a\rb\x00\xff\n")]),
    ],
)
def test_lines_end_at_a_line_feed_and_stay_as_they_came(
    content: bytes, expected: list[tuple[int, bytes]]
) -> None:
    assert split(content) == expected


def test_csv_records_may_hold_line_feeds_in_quotes() -> None:
    assert split(b'a,"x\ny"\nb,""\n', "csv") == [(1, b'a,"x\ny"\n'), (3, b'b,""\n')]


def test_a_quote_that_never_closes_is_one_record_up_to_the_end() -> None:
    assert split(b'a\nb,"x\ny\n', "csv") == [(1, b"a\n"), (2, b'b,"x\ny\n')]


def test_a_whole_file_is_one_record_and_an_empty_file_none() -> None:
    assert split(b"a\nb\n", "file") == [(1, b"a\nb\n")]
    assert split(b"", "file") == []


@pytest.mark.parametrize("records", ["lines", "csv", "file"])
def test_refuses_a_record_that_is_too_long_and_says_where(records: Records) -> None:
    content = b"" if records == "file" else b"ok\n"
    with pytest.raises(ContractError, match=r"at most 10 bytes.*there:\d"):
        split(content + b"x" * 11, records, max_bytes=10)


def test_refuses_quoted_lines_that_are_too_long_together() -> None:
    with pytest.raises(ContractError, match="there:2"):
        split(b'a\n"bbb\nccc\nddd\n', "csv", max_bytes=10)


def test_a_record_of_exactly_the_bound_passes() -> None:
    assert split(b"123456789\n", max_bytes=10) == [(1, b"123456789\n")]


@pytest.mark.parametrize(
    ("record", "blank"),
    [
        (b"", True),
        (b" \r\n", True),
        ("\u3000\u3000\n".encode(), True),
        (b"\t\t\n", False),
        (b"a\n", False),
        (b"\x00\n", False),
        (b"\xff\n", False),
        ("\u3000好\n".encode(), False),
    ],
)
def test_a_blank_line_is_nothing_but_white_space(record: bytes, blank: bool) -> None:
    assert is_blank(record) is blank


@pytest.mark.parametrize(
    ("record", "content"), [(b"a\r\n", b"a"), (b"a\n\n", b"a\n"), (b"a\r", b"a"), (b"", b"")]
)
def test_takes_off_one_line_end(record: bytes, content: bytes) -> None:
    assert content_of(record) == content
