"""A small model of fastText, written byte by byte: the library that Penstock has can only predict.

Each word speaks for one label. With ``n`` words of a text known, ``k`` of them for a label, the label's probability is
the softmax over the labels of ``scale * k / n``; a text without a known word has no answer.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

MAGIC, VERSION, SOFTMAX, SUPERVISED = 793712314, 12, 3, 3


def model_of(words: Mapping[str, str], *, scale: float = 4.0, model: int = SUPERVISED) -> bytes:
    """Return the file of a model in which a word (key) speaks for a label (value, with its prefix)."""
    labels = list(dict.fromkeys(words.values()))
    dim = len(labels)
    arguments = struct.pack("<12id", dim, 5, 1, 1, 5, 1, SOFTMAX, model, 0, 0, 0, 100, 1e-4)
    entries = [(word, 0) for word in words] + [(label, 1) for label in labels]
    dictionary = struct.pack("<iiiqq", len(entries), len(words), dim, 2 * len(entries), -1)
    for text, kind in entries:
        dictionary += text.encode() + b"\0" + struct.pack("<qb", 2, kind)
    rows = [[float(label == own) for label in labels] for own in words.values()]
    output = [[scale * (a == b) for b in labels] for a in labels]
    return (
        struct.pack("<ii", MAGIC, VERSION)
        + arguments
        + dictionary
        + b"\0"
        + _dense(rows)
        + b"\0"
        + _dense(output)
    )


def _dense(rows: list[list[float]]) -> bytes:
    flat = [value for row in rows for value in row]
    return struct.pack("<qq", len(rows), len(rows[0])) + struct.pack(f"<{len(flat)}f", *flat)
