from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyarrow import parquet

LINE = "The reader of this page will find here what he was looking for, and perhaps a little more. "


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    import web_corpus

    return web_corpus


@pytest.fixture
def pages(corpus, tmp_path: Path):
    root = tmp_path / "root" / "some-doc"
    for name in ("en/a.html", "en/b.html", "de/a.html", "en/c.bin"):
        path = root / "usr" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"<p>{LINE}{LINE}{number}.</p><p>Menu</p>" for number in range(200))
        path.write_text(f"<html><head><title>x</title></head><body>{lines}</body></html>")
    return sorted(corpus.find_pages(root))


def test_finds_english_pages_only(pages):
    assert sorted(url for _, url, _ in pages) == [
        "https://deb.invalid/some-doc/usr/en/a.html", "https://deb.invalid/some-doc/usr/en/b.html",
    ]  # fmt: skip


def test_prose_is_the_sentences_and_few_of_the_other_lines(corpus, pages):
    web, prose = ("\n".join(text for _, text, _ in corpus.cut(pages[0], kind)) for kind in ("web", "prose"))
    assert 390 <= web.count("The reader") <= 400  # a piece that is too short to be a document is left out
    assert 190 <= web.count("Menu") <= 200
    assert prose.count("The reader") > 380
    assert prose.count("Menu") < 40


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (LINE, True),
        (f'{LINE[:-2]}!"', True),
        (LINE[:60], False),
        (LINE.replace(" ", "+"), False),
        ("", False),
    ],
)
def test_what_reads_like_sentences(corpus, line, expected):
    assert corpus.is_prose(line) is expected


def test_a_smaller_corpus_is_a_part_of_a_larger_one(corpus, pages, tmp_path):
    documents = [document for page in pages for document in corpus.cut(page, "web")]
    manifests = [
        corpus.write(iter(documents), size, tmp_path / str(size)) for size in (10_000, 20_000, 10**9)
    ]
    assert [m["is_complete"] for m in manifests] == [True, True, False]

    def ids(size):
        names = []
        for path in sorted((tmp_path / str(size) / "parquet").iterdir()):
            names.append(parquet.read_table(path)["id"].to_pylist())
            lines = (tmp_path / str(size) / "jsonl" / f"{path.stem}.jsonl").read_text().splitlines()
            assert [json.loads(line)["id"] for line in lines] == names[-1]
        return names

    for small, large in zip(ids(10_000), ids(20_000), strict=True):
        assert large[: len(small)] == small
    assert sum(map(len, ids(10**9))) == len(documents) == manifests[2]["documents"]
