"""MinHash signatures as datatrove 0.10.1 makes them (``MinhashDedupSignature``, 64 bit, xxhash)."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

from penstock.text.characters import DATATROVE_PUNCTUATION
from penstock.text.reference.words import words

MERSENNE = (1 << 61) - 1
NUMBER_MARKS = ".,،٫⎖⎗⎘"
_BLANKS = dict.fromkeys(DATATROVE_PUNCTUATION, " ")


def simplify(text: str) -> str:
    """Return what datatrove compares: lower case, numbers as 0, no punctuation, no marks, single blanks."""
    text = " ".join(_numbers_as_zero(text.lower()).translate(_BLANKS).split())
    plain = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return "".join(plain).strip()


def _numbers_as_zero(text: str) -> str:
    """Replace each number, with one decimal mark in it at most."""
    done: list[str] = []
    at = 0
    while at < len(text):
        end = _digits_end(text, at)
        if end == at:
            done.append(text[at])
            at += 1
            continue
        done.append("0")
        more = _digits_end(text, end + 1) if text[end : end + 1] in tuple(NUMBER_MARKS) else 0
        at = more if more > end + 1 else end
    return "".join(done)


def _digits_end(text: str, at: int) -> int:
    while at < len(text) and unicodedata.category(text[at]) == "Nd":
        at += 1
    return at


def coefficients(count: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the factors and summands of ``count`` hash functions, drawn as datatrove draws them."""
    draw = np.random.RandomState(seed)
    prime = np.uint64(MERSENNE)
    factors = draw.randint(1, prime, dtype=np.uint64, size=(1, count))[0]
    return factors, draw.randint(0, prime, dtype=np.uint64, size=(1, count))[0]


def signature(text: str, *, count: int = 112, ngram: int = 5, seed: int = 1) -> list[int] | None:
    """Return the signature of a text, ``None`` when it has fewer than ``ngram`` words."""
    import xxhash

    found = words(simplify(text))
    shingles = [
        xxhash.xxh64_intdigest(" ".join(found[at : at + ngram]).encode())
        for at in range(len(found) - ngram + 1)
    ]
    factors, summands = coefficients(count, seed)
    if not shingles:
        return None
    return [
        min((x * int(a) + int(b)) % (1 << 64) % MERSENNE for x in shingles)
        for a, b in zip(factors, summands, strict=True)
    ]
