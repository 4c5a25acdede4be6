"""Texts that are hard on text rules, and a strategy for more of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

TEXTS = [
    "Hello, world. I'm (sure)!",
    "It's 5km from U.S. to D.C. at 10p.m., isn't it? E.g. http://www.a-b.org:80/x?y=1 or me@x.org.",
    "She said: “I don’t know…” — and left ... :-) (foo):) ('s) ''''bar'''' 3.5°C. US$5 7€ x--y a,b 1-2",
    "tabs\tand\u00a0blanks  twice\n\n\nlines\r\nand\u2028more\x1cand \x85 end",
    "中文，没有空格。日本語のテキスト、ありますか？ ไทย 한국어 텍스트",
    "ﬁne ǅungla İstanbul ΟΔΟΣ K 𝔘𝔫𝔦 e\u0301 \U0001f600\U0001f468\u200d\U0001f469 \ufeff \u200b",
    "\x00\x01 NUL \x7f",
    "",
    " \n ",
    "……a…… +5 +x 5+ 6+7 a/b a:b <b> =c ~d",
    "• one\n- two\n* three...\nfour…\n",
]
WORDS = (
    "the", "The", "cannot", "I'm", "don’t", "they'd've", "a.m.", "Mr.", ":)", "):", "(:", "''", "'", "...", "..", ".",
    "…", "-", "--", "–", "—", "5", "5km", "10€", "US$", "+", "°C.", "foo.bar",
    "x.com", "http://", "1.2.3.4", "10.0.0.1",
    "@", "[12]", "[edit]", "{", "javascript", "Lorem ipsum", "terms of use", "•", "#", "\n", "\n\n", "\r\n", "\t",
    " ", "  ",
    "\u00a0", "\u2028", "中文", "。", "é", "e\u0301", "Σ", "İ", "K", "٣", "½", "word", "Words", "of",
    "and", "\U0001f600", "!", "?", '"',
)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """Return texts made of pieces that rules look at, with arbitrary characters in between."""
    piece = st.sampled_from(WORDS) | st.text(max_size=3)
    joined = st.tuples(st.sampled_from(["", " ", "\n"]), st.lists(piece, max_size=40))
    mixed = st.lists(st.tuples(piece, st.sampled_from(["", " ", " ", "\n", ". "])), max_size=40)
    return joined.map(lambda made: made[0].join(made[1])) | mixed.map(
        lambda made: "".join(map("".join, made))
    )


def packed(many: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return texts as one buffer with offsets, as Arrow has them."""
    encoded = [text.encode("utf-8", "replace") for text in many]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    offsets[1:] = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded) + b" ", dtype=np.uint8).copy(), offsets
