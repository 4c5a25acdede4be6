from __future__ import annotations

import pytest

from penstock.process.quality.html_visible_text import HtmlVisibleText
from support.growth import assert_in_proportion

PAGE = (
    "<html><title>T</title><script>var x = '<b>';</script><style>a{}</style><body>hi <b>you</b> &amp; 1 < 2"
    "<SCRIPT>1</SCRIPT ><!-- c <p> --></body></html>"
)


def test_counts_what_is_seen(apply_to):
    document, _ = apply_to(HtmlVisibleText(min_chars=0, annotate="share"), PAGE)
    assert document["share"] == pytest.approx(len("Thi you & 1 < 2") / len(PAGE))


def test_drops_what_shows_little(apply_to):
    step = HtmlVisibleText()
    assert apply_to(step, PAGE)[1] == ("html_visible_text", 0.0, "less than 0.2")
    assert apply_to(step, f"<p>{'seen ' * 30}</p>")[1] is None
    assert apply_to(step, None)[1] is None
    assert apply_to(HtmlVisibleText(language_column="name"), PAGE, name="css")[1] is None


@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "<!--",
        "<a ",
        "</",
        "<![CDATA[",
        "<a b='",
        "&#",
        "<script>",
        "<!",
        "&",
        "<style>x</style",
        "<",
    ],
)
def test_any_nesting_takes_time_in_proportion(apply_to, unit):
    assert_in_proportion(lambda size: apply_to(HtmlVisibleText(), unit * (size // len(unit))), 1_000_000)
