from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.text.kernel.api import minhash_signatures
from penstock.text.kernel.shingles import Signing, signatures_and_sketches
from support.near_duplicates import real_documents


def buffers(texts):
    array = pa.array(texts, type=pa.large_binary())
    _, places, content = array.buffers()
    return np.frombuffer(content, np.uint8), np.frombuffer(places, np.int64)[: len(texts) + 1]


TEXTS = [
    text.encode()
    for text in [*real_documents(20), "", "Σίσυφος ΟΔΟΣ α β γ δ ε ζ", "한국어 텍스트 하나 둘 셋 넷"]
]


def test_signatures_are_those_of_the_kernel():
    data, offsets = buffers(TEXTS)
    found, evidence, bounds = signatures_and_sketches(data, offsets[:-1], offsets[1:])
    assert (found == minhash_signatures(data, offsets)).all()
    assert bounds[-1] == len(evidence)


@pytest.mark.parametrize("sketch", [0, 1, 50])
def test_a_sketch_is_the_beginning_of_the_whole(sketch):
    data, offsets = buffers(TEXTS)
    _, whole, ends = signatures_and_sketches(data, offsets[:-1], offsets[1:])
    _, some, bounds = signatures_and_sketches(data, offsets[:-1], offsets[1:], Signing(sketch=sketch))
    for text in range(len(TEXTS)):
        expected = whole[ends[text] : ends[text + 1]][:sketch]
        assert (
            some[bounds[text] : bounds[text + 1]].tolist()
            == expected.tolist()
            == sorted(set(expected.tolist()))
        )


def test_a_long_text_of_one_word_and_one_of_many_words():
    data, offsets = buffers([b"word " * 200_000, b" ".join(b"a%d" % n for n in range(100_000)).translate(
        bytes.maketrans(b"0123456789", b"bcdefghijk"))])  # fmt: skip
    _, evidence, bounds = signatures_and_sketches(data, offsets[:-1], offsets[1:])
    assert np.diff(bounds).tolist() == [1, 1024]
    assert evidence[1:].max() < 1 << 27, "the least of about 100,000 hashes"
