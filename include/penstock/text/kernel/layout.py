"""The shapes of the kernel's memory: one record each for the rules, the vocabulary and the words of a document."""

from __future__ import annotations

import numpy as np

from penstock.text.kernel.code_points import DISTINCT_PAGES, PAGE_SIZE, PAGES

SPECIAL_SLOTS = 4096
SPECIALS = 1500
"""Room for special cases; English has 1,347."""
SPECIAL_BYTES = 32
"""The longest special case has 29 bytes."""
MAX_PIECES = 3
TAIL_SLOTS = 1024
TAILS = 200
TAIL_BYTES = 12
"""The longest unit or currency has 10 bytes."""

RULES = np.dtype(
    [
        ("pages", np.uint16, PAGES),
        ("bits", np.uint32, DISTINCT_PAGES * PAGE_SIZE),
        ("special_slots", np.int32, SPECIAL_SLOTS),
        ("special_bytes", np.uint8, (SPECIALS, SPECIAL_BYTES)),
        ("special_size", np.int32, SPECIALS),
        ("pieces", np.int32, (SPECIALS, MAX_PIECES)),
        ("piece_count", np.int32, SPECIALS),
        ("pattern", np.uint64, SPECIALS),
        ("pattern_first", np.uint8, 256),
        ("longest_pattern", np.int64),
        ("tail_slots", np.int32, TAIL_SLOTS),
        ("tail_bytes", np.uint8, (TAILS, TAIL_BYTES)),
        ("tail_size", np.int32, TAILS),
    ]
)
"""What is known about characters and special cases. Slots hold an index plus one, 0 is free.

``pieces`` are the bytes of each token of a special case; ``pattern`` has a bit for each byte where a token of its
spelling begins, 0 when it is not looked for among tokens; ``pattern_first`` marks the bytes a pattern begins with.
"""

WORDS = np.dtype(
    [
        ("hash", np.uint64),
        ("total", np.uint64),
        ("start", np.int32),
        ("size", np.int32),
        ("chars", np.int32),
        ("flags", np.int32),
    ]
)
"""A word of a document: where its bytes are from the document's first on, code points, and the flags below.

``total`` is the hash of the words up to it; the repetition rule writes it.
"""

HAS_LETTER = 1
IS_SYMBOL = 2
"""Nothing but datatrove's punctuation: not a word for Gopher."""
IS_PUNCT = 4
ENDS_SENTENCE = 8
BLANK_BEFORE = 16
"""spaCy has a token of white space before this one: more than a single blank."""

AHEAD = np.dtype([("start", np.int64), ("stop", np.int64), ("key", np.uint64), ("blank", np.int64)])
"""A chunk that was found and is not looked up yet: its bytes, its key, and the flag of the white space before it."""

POWERS = 512
"""Powers of the base of hashes that are kept: longer n-grams are rare."""
MEMO_SLOTS = 1 << 19
MEMO_CHUNKS = MEMO_SLOTS // 2
MEMO_WORDS = 1 << 19
SLOT_CELLS, WORD_CELLS = 4, 2
CHUNKS_AHEAD = 64
CACHE_LINE = 64
VOCABULARY = np.dtype(
    [
        ("slots", np.uint64, (2, MEMO_SLOTS * SLOT_CELLS)),
        ("chunk_secret", np.uint64),
        ("chunk_factor", np.uint64),
        ("word_base", np.uint64),
        ("part_secret", np.uint64),
        ("powers", np.uint64, POWERS),
        ("young", np.int64),
        ("chunks", np.int64, 2),
        ("filled", np.int64, 2),
        ("words", np.uint64, (2, MEMO_WORDS * WORD_CELLS)),
        ("ahead", AHEAD, CHUNKS_AHEAD),
        ("touched", np.uint64),
    ]
)
"""What chunks are known, in two generations: when the young one is full it becomes the old one, and the old one goes.

A slot is a key, the first word, and in its last cell how many words follow and where: one visit to memory for chunks of
one word, which most are. The slots come first: two of them are a cache line, and none lies across two. A word is its
hash, and its ``meta``: bytes, code points and flags, a byte each.
"""

PLACES = np.dtype([("start", np.int32), ("size", np.int32)])
"""What goes with a key of a hash table: where a part of a text is, or the first n-gram and how often it was seen."""
