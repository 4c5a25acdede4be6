"""Plots take their colours from the page, and no text breaks or leaves them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tests.include.report.conftest import HOSTILE

from penstock.report.histogram import histogram
from penstock.report.plots import draw_bars, draw_histogram, draw_overlay
from penstock.report.thresholds import Threshold


def well_formed(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    assert not [node for node in root.iter() if node.tag.endswith(("script", "style", "image"))]
    return root


def test_limits_close_to_each_other_share_a_label():
    limits = tuple(
        Threshold(value=value, name=name, side="min")
        for value, name in ((200.0, "length.min_chars"), (1.0, "gate: a text"), (20_000.0, "x.max_chars"))
    )
    found = histogram("chars", [float(n) for n in range(0, 30_000, 100)], [], limits=limits)
    labels = re.findall(r"<text[^>]*>([^<]*(?:min_chars|max_chars|gate)[^<]*)</text>", draw_histogram(found))
    assert [label.strip() for label in labels] == ["gate ≥ 1 · min_chars 200", "max_chars 20k"]


def test_a_histogram_shows_its_limits_in_the_pages_colours():
    limits = (
        Threshold(value=30, name="length.min_chars", side="min"),
        Threshold(value=1e6, name="gate: sane", side="max"),
        Threshold(value=-999, name="gate: sane", side="min"),
    )
    found = histogram("chars", [float(n) for n in range(28, 90)], [3.0, 4.0], limits=limits)
    assert found is not None
    svg = draw_histogram(found)
    texts = "".join(node.text or "" for node in well_formed(svg).iter())
    for words in ("min_chars 30", "gate ≤ 1M ▸", "◂ gate ≥ -999"):
        assert words in texts
    assert "var(--kept)" in svg
    assert "var(--left)" in svg
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", svg)


@pytest.mark.parametrize("text", [*HOSTILE, "$x_$", "中文", "a" * 200])
def test_any_label_is_only_a_label(text: str):
    shown = text.replace("\x1b", "").replace("\x00", "")
    svg = draw_bars({shown: 3, "other": 1}, total=4, name=shown, others=2)
    assert "<script>" not in svg
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", svg) or "&lt;" in svg
    well_formed(svg)


def test_the_same_values_give_the_same_bytes():
    assert draw_bars({"a": 1}, total=1, name="n") == draw_bars({"a": 1}, total=1, name="n")


def test_an_overlay_has_both_sides():
    together = histogram("n", [*range(100)])
    assert together is not None
    svg = draw_overlay(together.refill([1.0, 2.0]), together.refill([90.0]), ("A", "B"))
    assert {"var(--kept)", "var(--second)"} <= set(re.findall(r"var\(--\w+\)", svg))
    well_formed(svg)


def test_says_in_words_what_it_shows():
    found = histogram("n", [1.0, 2.0, 9.0])
    assert found is not None
    assert 'aria-label="n: from 1 to 9, median 2"' in draw_histogram(found)
