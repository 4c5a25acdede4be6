"""Error pages in place of data are refused."""

from __future__ import annotations

import pytest

from penstock.errors import ContractError
from penstock.ingest.content import Promise, check_content, check_type


@pytest.mark.parametrize(
    "head", [b"<!DOCTYPE html>", b"\xef\xbb\xbf \n<html lang='en'>", b"<!-- x -->\n<HEAD>"]
)
@pytest.mark.parametrize("promise", ["json", "jsonl", "csv", "text"])
def test_refuses_html_where_something_else_was_promised(promise: Promise, head: bytes) -> None:
    with pytest.raises(ContractError, match=f"expected {promise} at there, got HTML"):
        check_content(head, promise, "there")


@pytest.mark.parametrize("head", [b"hello", b"<a>", b"\x1f\x8b"])
def test_refuses_what_cannot_be_json(head: bytes) -> None:
    with pytest.raises(ContractError, match="expected json at there, got something else"):
        check_content(head, "json", "there")


@pytest.mark.parametrize(
    ("head", "promise"),
    [
        (b"", "json"),
        (b' {"a": 1}', "json"),
        (b"\xef\xbb\xbf[1]", "json"),
        (b"-1", "jsonl"),
        (b"null", "json"),
        (b"<html>", "html"),
        (b"<html>", "any"),
        (b"a,b\n<html>", "csv"),
        (b"<headline> is a word", "text"),
    ],
)
def test_lets_pass_what_was_promised(head: bytes, promise: Promise) -> None:
    check_content(head, promise, "there")


def test_believes_the_server_that_it_sends_html() -> None:
    with pytest.raises(
        ContractError, match=r"expected csv at there, got HTML \(Content-Type text/html; charset=utf-8\)"
    ):
        check_type("text/html; charset=utf-8", "csv", "there")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "garbage"])
def test_other_types_are_judged_by_content(content_type: str) -> None:
    check_type(content_type, "json", "there")
