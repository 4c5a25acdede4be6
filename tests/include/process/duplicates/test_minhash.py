from __future__ import annotations

import numpy as np

from penstock.process.duplicates.minhash import Minhash
from penstock.process.quality.gopher_quality import GopherQuality
from penstock.text.reference.minhash import signature

TEXT = "one two three four five six"


def test_the_signature_is_datatroves(run_fused, raw_of):
    rows = run_fused([Minhash()], raw_of([TEXT, "too few words", None, ""])).to_pylist()
    assert np.frombuffer(rows[0]["minhash"], dtype="<u8").tolist() == signature(TEXT)
    assert [row["minhash"] for row in rows[1:]] == [None] * 3


def test_documents_that_left_are_not_signed(run_fused, raw_of):
    steps = [GopherQuality(min_doc_words=6, min_stop_words=0), Minhash(num_buckets=2, hashes_per_bucket=3)]
    rows = run_fused(steps, raw_of(["one two three four five", TEXT])).to_pylist()
    assert rows[0]["minhash"] is None
    assert np.frombuffer(rows[1]["minhash"], dtype="<u8").tolist() == signature(TEXT, count=6)


def test_shingles_are_kept_beside_the_signature_on_request(run_fused, raw_of):
    from penstock.index.scheme import Scheme
    from penstock.index.signing import sign

    table = raw_of([TEXT, "too few words", None, f"{TEXT} seven"])
    rows = run_fused([Minhash(sketch=1024)], table).to_pylist()
    expected = sign(table["text"].combine_chunks(), Scheme()).to_pylist()
    assert [r["minhash"] and r["minhash"] + r["minhash_shingles"] for r in rows] == expected
    assert [row["minhash_shingles"] for row in rows[1:3]] == [None, None]
