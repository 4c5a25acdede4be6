from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import xxhash

from penstock.index.scheme import Scheme
from penstock.index.signing import documents_of, evidence_of, sign
from penstock.text.reference.minhash import signature, simplify
from penstock.text.reference.words import words
from support.near_duplicates import real_documents

TEXTS = [None, "", "four words are few", *real_documents(3, words=40), "naïve Café x y z w 1,234"]


def shingles(text, sketch):
    found = words(simplify(text))
    hashes = {
        xxhash.xxh64_intdigest(" ".join(found[i : i + 5]).encode()) >> 32 for i in range(len(found) - 4)
    }
    return sorted(hashes)[:sketch]


@pytest.mark.parametrize("sketch", [16, 1024])
def test_values_are_those_of_the_specification(sketch):
    scheme = Scheme(sketch=sketch)
    found = sign(pa.array(TEXTS), scheme).to_pylist()
    assert found[:3] == [None, None, None]
    for text, value in zip(TEXTS[3:], found[3:], strict=True):
        assert np.frombuffer(value[:896], "<u8").tolist() == signature(text)
        assert np.frombuffer(value[896:], "<u4").tolist() == shingles(text, sketch)


def test_the_evidence_may_be_the_signature_or_nothing():
    both = sign(pa.array(TEXTS), Scheme(verify="signature"))[4].as_py()
    assert (len(both), both[:896]) == (1792, both[896:])
    assert len(sign(pa.array(TEXTS), Scheme(verify="none"))[4].as_py()) == 896


def test_slices_and_the_evidence_alone_are_the_same():
    scheme = Scheme()
    whole = sign(pa.array(TEXTS), scheme)
    assert sign(pa.array(["x", *TEXTS]).slice(1), scheme).equals(whole)
    alone = evidence_of(pa.array(TEXTS), scheme).to_pylist()
    assert alone == [value and value[896:] for value in whole.to_pylist()]


def test_documents_come_out_of_values():
    scheme = Scheme()
    values = sign(pa.array(TEXTS), scheme)
    ids = pa.chunked_array([[f"{n:032x}" for n in range(len(TEXTS))]])
    some = values.is_valid()
    found = documents_of(ids.filter(some), pa.chunked_array([values.filter(some)]), scheme)
    assert len(found) == 4
    assert found.evidence_of(1).tolist() == shingles(TEXTS[4], 1024)
    assert found.ends[-1] == len(found.evidence)
    keys = scheme.band_keys(np.array([signature(TEXTS[4])], dtype=np.uint64))
    assert (found.keys[1] == keys[0]).all()


def test_a_signature_without_words_is_no_document():
    values = pa.chunked_array([pa.array([b"\xff" * 896, b"\x01" * 900])])
    found = documents_of(pa.chunked_array([["a", "b"]]), values, Scheme())
    assert (found.ids, found.evidence.tolist()) == (["b"], [0x01010101])


def test_no_rows_and_short_values():
    assert len(sign(pa.array([], type=pa.string()), Scheme())) == 0
    none = pa.chunked_array([], type=pa.binary())
    assert len(documents_of(pa.chunked_array([], type=pa.string()), none, Scheme())) == 0
    with pytest.raises(ValueError, match="expected values of 896 bytes or more, got one of 5"):
        documents_of(pa.chunked_array([["a"]]), pa.chunked_array([[b"12345"]]), Scheme())
