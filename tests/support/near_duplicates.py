"""Near-duplicates of real text, their plain signatures, and what brute force says of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions

import numpy as np
import pyarrow as pa

from penstock.index.documents import Documents
from penstock.index.scheme import Scheme
from penstock.index.signing import documents_of as as_documents
from penstock.index.signing import sign

SCHEME = Scheme()


def signature(text: str | None) -> bytes | None:
    """The MinHash signature of a text; null where it has too few words."""
    value = sign(pa.array([text], type=pa.string()), SCHEME)[0].as_py()
    return value and value[: SCHEME.signature_bytes]


def documents_of(texts: Sequence[str], scheme: Scheme = SCHEME, *, first: int = 0) -> Documents:
    """The texts as the index sees them; each must have five words."""
    ids = pa.chunked_array([[f"{first + n:032x}" for n in range(len(texts))]], type=pa.string())
    return as_documents(ids, pa.chunked_array([sign(pa.array(texts, type=pa.string()), scheme)]), scheme)


def shingle_sets(texts: Sequence[str]) -> list[np.ndarray]:
    """The whole shingle sets of texts, sorted."""
    whole = Scheme(sketch=1_000_000)
    found = documents_of(texts, whole)
    return [found.evidence_of(row) for row in range(len(found))]


def jaccard(a: str, b: str) -> float:
    """The true similarity of two texts, by their shingles as sets of hashes."""
    x, y = shingle_sets([a, b])
    both = len(np.intersect1d(x, y, assume_unique=True))
    return both / (len(x) + len(y) - both)


def brute_force(texts: Sequence[str], threshold: float = 0.8) -> set[tuple[int, int]]:
    """All pairs of texts at or above the threshold, without any index: each shingle's owners are counted."""
    sets = shingle_sets(texts)
    owners = np.repeat(np.arange(len(texts)), [len(s) for s in sets])
    flat = np.concatenate([np.empty(0, dtype=np.uint32), *sets])
    order = np.argsort(flat, kind="stable")
    _, starts = np.unique(flat[order], return_index=True)
    common: dict[tuple[int, int], int] = {}
    for group in np.split(owners[order], starts[1:]):
        members = group.tolist()
        for i, x in enumerate(members):
            for y in members[i + 1 :]:
                common[x, y] = common.get((x, y), 0) + 1
    sizes = [len(s) for s in sets]
    return {(x, y) for (x, y), n in common.items() if n / (sizes[x] + sizes[y] - n) >= threshold}


def real_paragraphs(at_least: int = 60) -> Iterator[str]:
    """Paragraphs of the descriptions of what is installed here, in a fixed order, each once."""
    seen: set[str] = set()
    for found in sorted(distributions(), key=lambda d: str(d.metadata["Name"]).lower()):
        text = found.metadata.get_payload() or found.metadata.get("Description") or ""
        for paragraph in str(text).split("\n\n"):
            plain = " ".join(paragraph.split())
            if len(plain.split()) >= at_least and plain not in seen:
                seen.add(plain)
                yield plain


def real_documents(count: int, *, words: int = 250) -> list[str]:
    """Texts of about ``words`` words, made of real paragraphs, none of which is in two of them."""
    texts: list[str] = []
    current: list[str] = []
    for paragraph in real_paragraphs(20):
        current += paragraph.split()
        if len(current) >= words:
            texts.append(" ".join(current))
            current = []
        if len(texts) == count:
            break
    return texts


def edited(text: str, edits: int, draw: random.Random) -> str:
    """The text with some words replaced, removed or added."""
    words = text.split()
    for _ in range(edits):
        place = draw.randrange(len(words))
        kind = draw.randrange(3)
        fresh = "".join(draw.choice("abcdefghij") for _ in range(7))
        if kind == 0:
            words[place] = fresh
        elif kind == 1 and len(words) > 10:
            del words[place]
        else:
            words.insert(place, fresh)
    return " ".join(words)


def planted(count: int = 400, *, seed: int = 7) -> list[str]:
    """Real texts, and for each up to three copies with so many edits that similarities spread from 0.5 to 1."""
    draw = random.Random(seed)
    texts = real_documents(count)
    copies = [
        edited(text, draw.randrange(0, max(2, len(text.split()) // 12)), draw)
        for text in texts
        for _ in range(draw.randrange(0, 4))
    ]
    mixed = texts + copies
    draw.shuffle(mixed)
    return mixed
