from __future__ import annotations

import hashlib

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.errors import RecipeError
from penstock.process.word_list import Listed, WordList
from penstock.process.worker_files import read_uri

LISTED = TypeAdapter(Listed)


def test_a_list_and_a_string_are_short_for_it():
    assert LISTED.validate_python(["a", "b"]) == WordList(words=("a", "b"))
    assert LISTED.validate_python("lists/a.txt") == WordList(uri="lists/a.txt")


def test_reads_an_entry_a_line(tmp_path):
    (tmp_path / "a").write_bytes("\ufeffone\n# no\n\n two words \r\nzwölf".encode())
    assert WordList(words=("first",), uri=f"{tmp_path}/a").entries(read_uri) == [
        "first",
        "one",
        "two words",
        "zwölf",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "got none"), (b"# a\n", "got none"), (b"\xff", "expected UTF-8, got byte 0xff at 0")],
)
def test_a_file_that_is_no_list_is_refused(tmp_path, content, message):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(RecipeError, match=message):
        WordList(uri=f"{tmp_path}/a").entries(read_uri)


def test_a_file_that_changed_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    right = hashlib.sha256(b"one").hexdigest()
    assert WordList(uri=f"{tmp_path}/a", sha256=right).entries(read_uri) == ["one"]
    (tmp_path / "a").write_bytes(b"two")
    with pytest.raises(RecipeError, match=f"expected sha256 {right}"):
        WordList(uri=f"{tmp_path}/a", sha256=right).entries(read_uri)


@pytest.mark.parametrize("wrong", [{}, {"words": ["a"], "sha256": "0" * 64}, {"uri": "a", "sha256": "x"}, 3])
def test_a_wrong_list_is_refused(wrong):
    with pytest.raises(ValidationError):
        LISTED.validate_python(wrong)
