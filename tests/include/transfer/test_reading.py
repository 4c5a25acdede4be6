"""Records of landing files, with identity."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from penstock.errors import ContractError
from penstock.ingest.section import IngestSection
from penstock.transfer.reading import LandingFile, Reader, Record, provenance, rule_for
from penstock.transfer.section import TransferSection


def read(
    content: bytes, name: str = "a.txt", dataset: str = "sample", **keys: Any
) -> tuple[list[Record], Reader]:
    transfer = TransferSection.model_validate(keys.pop("transfer", {}))
    ingest = IngestSection.model_validate({"source": {"kind": "folder", "path": "/x"}, **keys})
    file = LandingFile(name, "file:///x/" + name, rule_for(transfer, name, "there"), transfer.encoding)
    reader = Reader(dataset, ingest)
    return list(reader.read(io.BytesIO(content), file)), reader


def ids(content: bytes, **keys: Any) -> list[str]:
    return [record.doc_id for record in read(content, **keys)[0]]


def test_a_record_has_its_line_digest_and_values() -> None:
    (first, last), _ = read(b"one\r\n\n two")
    assert (first.line, first.values, first.content) == (1, ("one",), b"one")
    assert (last.line, last.values) == (3, (" two",))
    assert first.sha256 == hashlib.sha256(b"one").hexdigest()


def test_ids_are_32_hex_digits_and_the_same_in_every_run() -> None:
    assert ids(b"one\n") == ids(b"one\r\nother\n")[:1]
    assert len(ids(b"one\n")[0]) == 32
    assert int(ids(b"one\n")[0], 16) > 0


def test_equal_records_of_a_file_have_different_ids_that_depend_on_nothing_else() -> None:
    first, second, third = ids(b"one\none\none\n")
    assert len({first, second, third}) == 3
    assert ids(b"other\none\nbetween\none\n")[1::2] == [first, second]


def test_equal_records_of_other_files_or_datasets_have_other_ids() -> None:
    assert len({*ids(b"one\n"), *ids(b"one\n", name="b.txt"), *ids(b"one\n", dataset="other")}) == 3


@pytest.mark.parametrize(
    ("content", "encoding", "expected"),
    [
        ("好".encode(), "utf-8", "好"),
        ("好".encode("gb18030"), "gb18030", "好"),
        (b"\xe9", "latin-1", "é"),
        (b"\xef\xbb\xbfa", "utf-8", "a"),
    ],
)
def test_reads_the_encoding_that_the_recipe_names(content: bytes, encoding: str, expected: str) -> None:
    (record,), _ = read(content, transfer={"encoding": encoding})
    assert list(record.values) == [expected]


@pytest.mark.parametrize("content", [b"\xff", b"good \xc3(", b"\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_a_bad_record(content: bytes) -> None:
    (record,), _ = read(content)
    assert record.bad is not None
    assert record.bad.reason == "invalid_encoding"
    assert record.content == content


def test_nul_bytes_are_kept_and_counted() -> None:
    (record,), reader = read(b"a\x00b\n")
    assert list(record.values) == ["a\x00b"]
    assert reader.counts["nul"] == 1


def test_nothing_is_no_record() -> None:
    assert read(b"")[0] == []
    assert read(b"\n \r\n")[0] == []
    assert read(b"x\n", header=True)[0] == []


def test_a_header_that_is_no_text_is_named() -> None:
    with pytest.raises(ContractError, match="expected a header line in utf-8"):
        read(b"\xff\n1\n", header=True)


def test_the_first_rule_that_fits_a_name_decodes_it() -> None:
    rules = [
        {"files": "a*", "decoder": {"kind": "lines", "column": "first"}},
        {"files": "*.txt", "decoder": {"kind": "lines", "column": "second"}},
    ]
    section = TransferSection.model_validate({"decoders": rules})
    assert rule_for(section, "a.txt", "").files == "a*"
    assert rule_for(section, "b/c.txt", "").files == "*.txt"
    with pytest.raises(ContractError, match=r"expected landing files named as a\*, \*\.txt, got c\.csv"):
        rule_for(section, "c.csv", "there")


def test_provenance_leads_back_to_the_line() -> None:
    (record,), _ = read(b"one\n")
    file = LandingFile("a.txt", "file:///x/a.txt", TransferSection().rules()[0], "utf-8")
    assert provenance(record, file) == ("file:///x/a.txt", "a.txt", 1, hashlib.sha256(b"one").hexdigest())
