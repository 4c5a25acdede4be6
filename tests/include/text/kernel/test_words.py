from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.text.kernel.api import tokeniser
from penstock.text.kernel.layout import WORDS
from penstock.text.kernel.urls import is_url
from penstock.text.kernel.words import NO_ROOM, split_chunk
from penstock.text.reference import words as reference
from support.texts import packed

URL_PARTS = (
    "http://", "ftp", "a.b", "www.x.com", "10.0.0.1", "1.2.3.4", "192.168.1.1", "172.16.2.3", "25.255.3.9",
    ":80", ":", "/x?y",
    "#a", "user@", "@", "é.fr", "_", ".", "-", "com", "٢", "x" * 64, "z" * 62,
)  # fmt: skip


def split(chunk: str, room: int = 1000) -> list[str] | None:
    data, offsets = packed([chunk])
    words = np.zeros(room, dtype=WORDS)
    count = split_chunk(tokeniser().rules, words, 0, data, 0, 0, int(offsets[1]))
    if count == NO_ROOM:
        return None
    return [data[w["start"] : w["start"] + w["size"]].tobytes().decode() for w in words[:count]]


def test_special_cases():
    for chunk in (chunk for chunk in reference.special_cases_once() if not chunk.isspace()):
        assert split(chunk) == reference.split_chunk(chunk)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(URL_PARTS), max_size=6).map("".join).filter(bool))
def test_addresses_are_those_of_the_regular_expression(text: str):
    data, offsets = packed([text])
    assert is_url(tokeniser().rules, data, 0, int(offsets[1])) == bool(reference._url().match(text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="aB.'’,-:;)(/5+…s$°~中", min_size=1, max_size=12), st.integers(1, 8))
def test_too_little_room_is_said_and_never_overrun(chunk: str, room: int):
    found = split(chunk, room)
    assert found is None or found == reference.split_chunk(chunk)
