from __future__ import annotations

from penstock.process.pii.pieces import SEPARATOR, Batch, Pieces, View, compiled

TEXTS = ["a1", "é 12345678 x", "", "b2 +1 (212) 736-5000 ext", "c", "ÿ\u00ff"]


def batch(scout: str | None = None) -> Batch:
    return Batch([text.encode() for text in TEXTS], scout)


def test_places_are_bytes_of_their_documents():
    found = list(batch().view(View.TEXTS).find(compiled("[0-9]{2,}")))
    assert [(p.document, batch().texts[p.document][p.start : p.end]) for p in found] == [
        (1, b"12345678"), (3, b"212"), (3, b"736"), (3, b"5000")
    ]  # fmt: skip


def test_a_group_is_what_is_found():
    assert [tuple(p) for p in batch().view(View.TEXTS).find(compiled("([abc])[0-9]"))] == [
        (0, 0, 1),
        (3, 0, 1),
    ]


def test_nothing_matches_across_or_on_the_border_of_two_texts():
    pieces = Pieces([(0, 0, b"ab"), (1, 0, b"cd")])
    assert list(pieces.find(compiled("b.?c"))) == []
    assert list(pieces.find(compiled(r"(?s)[^a-z]|\x{ff}"))) == []
    assert SEPARATOR not in "ÿ".encode()


def test_numbers_are_runs_of_digits_with_what_stands_around():
    view = batch().view(View.NUMBERS)
    assert view.data.split(SEPARATOR) == ["é 12345678 x".encode(), b"b2 +1 (212) 736-5000 ext"]
    assert [tuple(p) for p in view.find(compiled("736"))] == [(3, 12, 15)]


def test_runs_close_together_are_one_piece():
    content = b"12345678a87654321"
    (piece,) = Batch([content]).view(View.NUMBERS).data.split(SEPARATOR)
    assert piece == content


def test_a_needle_chooses_texts():
    assert Batch([b"a@b", b"c"]).view(View.TEXTS, b"@").data == b"a@b"


def test_the_scout_shows_only_texts_in_which_one_of_its_patterns_matches():
    view = batch(scout="zzz|([0-9]{8})|ext").view(View.TEXTS)
    assert view.data.split(SEPARATOR) == [TEXTS[1].encode(), TEXTS[3].encode()]
    assert batch(scout="zzz").view(View.TEXTS).data == b""
