from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from penstock.process.quality.url_filter import UrlFilter
from penstock.process.worker_files import prepare, read_uri

STEP = UrlFilter(
    domains=["bad.example", "Bücher.example", "*.wild.example", "10.0.0.1"],
    urls=["https://fine.example/bad-page/"],
    words=["casino"],
    soft_words=["win", "free", "cash"],
    subwords=["badword"],
)


@pytest.mark.parametrize(
    ("url", "reason", "detail"),
    [
        ("https://bad.example/x", "url_domain", "bad.example"),
        ("HTTP://www.BAD.example:8080/", "url_domain", "bad.example"),
        ("bad.example/without/scheme", "url_domain", "bad.example"),
        ("https://notbad.example/", None, None),
        ("https://bad.example.org/", None, None),
        ("https://xn--bcher-kva.example/", "url_domain", "xn--bcher-kva.example"),
        ("https://bücher.example/", "url_domain", "xn--bcher-kva.example"),
        ("https://a.wild.example", "url_domain", "wild.example"),
        ("http://10.0.0.1/", "url_domain", "10.0.0.1"),
        ("http://fine.example/bad-page", "url_listed", "http://fine.example/bad-page"),
        ("http://fine.example/bad-page/2", None, None),
        ("https://a.example/CASINO-night", "url_word", "casino"),
        ("https://casinos.example/", None, None),
        ("https://a.example/win-free", "url_soft_words", "win free"),
        ("https://a.example/win-win-win", None, None),
        ("https://a.example/so-bad-word-ly", "url_subword", "badword"),
        ("http://[broken", None, None), ("://", None, None), ("https://ü..example", None, None),
        (None, None, None), ("", None, None), ("  ", None, None), ("\ud800", None, None),
    ],
)  # fmt: skip
def test_drops_by_the_address(apply_to, url, reason, detail):
    _, verdict = apply_to(STEP, None, url=url)
    assert (verdict and verdict.reason, verdict and verdict.detail) == (reason, detail)


def test_the_number_of_soft_words_is_the_value(apply_to):
    assert apply_to(STEP, None, url="https://a.example/win/free/cash")[1].value == 3
    assert apply_to(UrlFilter(soft_words=["win"], soft_threshold=1), None, url="win")[1].value == 1


def test_a_missing_address_is_dropped_when_asked_to(apply_to):
    step = UrlFilter(missing="drop")
    assert apply_to(step, "text", url=None)[1].reason == "url_missing"
    assert apply_to(step, "text", url="a.example")[1] is None


def test_without_a_list_there_is_nothing_to_do():
    with pytest.raises(ValidationError, match="expected a list"):
        UrlFilter()


def test_a_list_of_a_file_is_eight_bytes_an_entry(tmp_path):
    (tmp_path / "domains").write_text("\n".join(f"d{n}.example" for n in range(1000)))
    (content,) = prepare([UrlFilter(domains=f"{tmp_path}/domains")], read_uri).values()
    assert len(content) == 8000


def test_runs_fused(run_fused, raw_of):
    urls = pa.array(["https://bad.example", None, "https://good.example"])
    rows = run_fused([STEP], raw_of(["a", "b", "c"], url=urls)).to_pylist()
    assert [row["drop_reason"] for row in rows] == ["url_domain", None, None]
