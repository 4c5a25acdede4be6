"""Laws for any text: nothing changes outside of spans, spans never overlap, a second pass changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.process.pii.action import Action, PseudonymKey, replacement
from penstock.process.pii.layer import find_spans, replace
from penstock.process.pii.mask_pii import MaskPii
from support.growth import assert_in_proportion

ALL = MaskPii(kinds="all").kinds
KEY = PseudonymKey("0123456789abcdef" * 2)
DATA = [
    "ann@example.com", "203.0.113.77", "+44 20 7946 0018", "4111 1111 1111 1111",
    "GB29 NWBK 6016 1331 9268 19", "SSN 521-44-9382", "2001:db8:85a3::8a2e:370:7334",
    "72:b3:ba:91:e2:24", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "postgres://a:s3cr3t@h",
    "passport XG9382049", "11010519491231002X", "529.982.247-25", "40.6892°N, 74.0445°W",
    "API_KEY='q8Zr2Lw9TxVb4NcM7pKs'", "<EMAIL>", "<PHONE:01234567:0123456789abcdef>", "\x00", "\ud800",
    "שלום", "\U0001f600", "\u200f", "中文", " ", "\n", "-", "1", "a", "@", ".", ":", "<", ">",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(DATA), st.text(max_size=8)), max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_spans_are_ordered_never_overlap_and_keep_what_is_outside(texts):
    found = list(find_spans(texts, ALL))
    assert len(found) == len(texts)
    for text, (content, spans) in zip(texts, found, strict=True):
        assert content == text.encode("utf-8", "surrogatepass")
        ends = [0, *(span.end for span in spans)]
        assert all(end <= span.start < span.end for end, span in zip(ends, spans, strict=False))
        assert replace(content, spans, lambda span, found: found) == text
        kept = (
            b"".join(content[end : span.start] for end, span in zip(ends, spans, strict=False))
            + content[ends[-1] :]
        )
        assert replace(content, spans, lambda span, found: "") == kept.decode("utf-8", "surrogatepass")


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(list(Action)))
def test_a_second_pass_changes_nothing_it_put_there(text, action):
    ((content, spans),) = find_spans([text], ALL)
    once = replace(content, spans, lambda span, found: replacement(action, span.kind, found, span.value, KEY))
    ((content, again),) = find_spans([once], ALL)
    twice = replace(
        content, again, lambda span, found: replacement(action, span.kind, found, span.value, KEY)
    )
    for span in spans:
        put = replacement(action, span.kind, "", span.value, KEY)
        assert once.count(put) <= twice.count(put)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=6))
def test_a_text_does_not_depend_on_its_neighbours(texts):
    together = [spans for _, spans in find_spans(texts, ALL)]
    alone = [spans for text in texts for _, spans in find_spans([text], ALL)]
    assert together == alone


def test_the_surer_kind_gets_characters_that_two_want(values):
    assert [kind for kind, _ in values("postgres://ann:s3cr3t@db.example.com/x")] == ["url_credentials"]
    assert [kind for kind, _ in values("tel 521-44-9382 SSN")] == ["us_ssn"]


def test_nothing_is_found_in_placeholders(finds):
    assert finds("<EMAIL> <PHONE:01234567:0123456789abcdef> <CREDIT_CARD> a@b.io") == ["a@b.io"]


@pytest.mark.parametrize(
    "unit",
    [
        "1", "1.", "1 ", "1 2 34 ", "(1) ", "+1-", "@", "a@", "a.", "@a.", ":", "a:", "::1",
        "-----BEGIN", "A1", "AA11 ", "0x", "/:", "://a:", "password=", "token ", "eyJ", "passport ",
        "lat 1.", "°", "<", "\xe9", "中", "1A", "bc1q", "key: \"", "12 34 56 78 90 ", "2127365000 ",
    ],
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion(unit):
    list(find_spans(["warm"], ALL))
    assert_in_proportion(lambda size: list(find_spans([unit * (size // len(unit.encode()))], ALL)), 400_000)


def test_a_line_of_fifty_megabytes(finds):
    text = "word 12 " * 6_250_000
    assert finds(f"{text}ann@example.com") == ["ann@example.com"]


@pytest.mark.integration
def test_a_million_random_texts():
    """Every kind on a million short texts: none raises, spans are in order and inside, what is outside stays."""
    import random

    choose = random.Random(4)
    pieces = [*DATA, *"0123456789abcdefXYZ@.:/-+() \n\xff中\x00"]
    for _ in range(1000):
        texts = ["".join(choose.choices(pieces, k=choose.randrange(12))) for _ in range(1000)]
        for text, (content, spans) in zip(texts, find_spans(texts, ALL), strict=True):
            ends = [0, *(span.end for span in spans)]
            assert all(end <= span.start < span.end for end, span in zip(ends, spans, strict=False))
            assert ends[-1] <= len(content)
            assert not spans or replace(content, spans, lambda span, found: found) == text
