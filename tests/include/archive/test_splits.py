from __future__ import annotations

import gzip
import io

import pytest

from penstock.archive.splits import Split, has_member_per_record, plan
from support.warc import packed, page

PAGES = [page(f"http://a.example/{n}", "text") for n in range(6)]


def splits(files, size, **more):
    return list(plan(files, split_bytes=size, is_splittable=dict.fromkeys(files, True), **more))


def test_a_small_file_is_one_split_and_a_large_one_several():
    assert splits({"a": 100, "b": 50}, 60) == [Split("a", 0, 50), Split("a", 50, None), Split("b", 0, None)]
    assert splits({"a": 100}, 100) == [Split("a")]
    assert splits({"a": 100}, 0) == [Split("a")]
    assert splits({"a": 0}, 10) == [Split("a")]


def test_a_file_that_cannot_be_cut_is_one_split():
    assert list(plan({"a": 1000}, split_bytes=10, is_splittable={"a": False})) == [Split("a")]


def test_goes_on_where_a_reader_stopped():
    assert splits({"a": 100, "b": 50}, 60, resume={"a": 90}) == [Split("a", 90, None), Split("b")]
    assert splits({"a": 100}, 60, resume={"a": 100}) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (packed(*PAGES), True), (packed(*PAGES[:2]), True), (packed(PAGES[0]), False),
        (gzip.compress(b"".join(PAGES)), False), (b"".join(PAGES), False), (b"", False), (packed(*PAGES)[:30], False),
        (packed(PAGES[0]) + b"noise", False),
    ],
)  # fmt: skip
def test_only_a_member_a_record_can_be_cut(content, expected):
    assert has_member_per_record(io.BytesIO(content)) is expected
