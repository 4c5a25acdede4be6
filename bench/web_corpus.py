"""Build English corpora of web-like documents, of any size, from documentation packages of Debian.

    python bench/web_corpus.py --megabytes 20 --kind web --cache CACHE --out OUT/web20

``web`` is what a crawler sees: pages with their lists, tables and menus, of which the filters keep about one in five.
``prose`` is what an article extractor leaves: the sentences of the pages with few of the other lines; most survive.
Pages are cut at paragraph borders to lengths of the log-normal shape of web text (mean 3.4 kB). A smaller corpus is a
subset of a larger one of its kind, pages of one name in several packages (near-duplicates) stay together, and the same
packages give the same bytes. The result: ``parquet/`` and ``jsonl/`` (``id``, ``text``, ``url``), ``manifest.json``.
Needs ``apt-get`` (after ``apt-get update``) and ``dpkg-deb``; installs nothing.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet
from resiliparse.extract.html2text import extract_plain_text

PACKAGES = {
    "prose": (
        "anarchism", "bible-kjv-text", "debian-history", "debian-policy", "developers-reference", "debian-handbook",
        "exim4-doc-html", "gimp-help-en", "gnucash-docs", "kicad-doc-en", "maint-guide", "perl-doc",
        "postgresql-doc-15", "sqlite3-doc", "git-doc", "python3.11-doc", "apache2-doc", "rust-doc", "erlang-doc",
        "linux-doc-6.1", "lilypond-doc-html", "python-pandas-doc", "openjdk-17-doc",
    ),
    "web": (
        "debian-handbook", "debian-reference-en", "installation-guide-amd64", "installation-guide-arm64", "manpages",
        "manpages-dev", "libreoffice-help-en-us", "libreoffice-help-en-gb", "python3.11-doc", "postgresql-doc-15",
        "sqlite3-doc", "anarchism", "git-doc", "perl-doc", "rust-doc", "erlang-doc", "linux-doc-6.1",
        "lilypond-doc-html", "python-pandas-doc", "cppreference-doc-en-html", "openjdk-17-doc", "scala-doc",
        "libstdc++-12-doc", "wx3.2-doc", "lazarus-doc-2.2", "groovy-doc", "ghc-doc", "libfastutil-java-doc",
    ),
}  # fmt: skip
FILLERS = (
    "vtk9-doc",
    "libreoffice-dev-doc",
    "sagemath-doc",
    "python-scipy-doc",
    "qtbase5-doc-html",
    "petsc3.18-doc",
)
"""More pages, after all others: only a corpus above 650 MB reaches (and fetches) them."""
OTHER_LANGUAGES = (
    "ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fa", "fi", "fr", "gl", "he", "hr", "hu", "it", "ja",
    "ko", "lt", "lv", "mk", "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "tr", "uk", "vi", "zh",
)  # fmt: skip
SUFFIXES = (".html", ".htm", ".xhtml", ".txt", ".txt.gz", ".rawtext.gz")
MEAN_CHARS, SIGMA, MIN_CHARS, MAX_CHARS = 3400, 1.0, 200, 200_000
MIN_SENTENCE_CHARS, MIN_LETTERS, OTHER_LINES = 80, 0.93, 0.03
PARTS, FILLED_FROM = 8, 650
_MU = 7.63  # log-normal of this mu and sigma has the mean above


def main() -> None:
    """Fetch the packages, cut the pages, write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=20, help="bytes of UTF-8 text / 1,000,000")
    parser.add_argument("--kind", choices=sorted(PACKAGES), default="web")
    parser.add_argument(
        "--cache", type=Path, required=True, help="for packages (about 1 GB when unpacked: 6 GB)"
    )
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    groups = [PACKAGES[given.kind], *([FILLERS] if given.megabytes > FILLED_FROM else [])]
    pages = (page for group in groups for page in sorted_pages(group, given.cache))
    manifest = write(cut_all(pages, given.kind), given.megabytes * 1_000_000, given.out)
    print(json.dumps(manifest))


def sorted_pages(packages: Iterable[str], cache: Path) -> list[tuple[str, str, Path]]:
    """Return the pages of the packages, shuffled by page name."""
    roots = [fetch(package, cache) for package in packages]
    return sorted(page for root in roots for page in find_pages(root))


def fetch(package: str, cache: Path) -> Path:
    """Return the folder of an unpacked package, fetching it when it is not in the cache."""
    root = cache / "root" / package
    if not root.is_dir():
        debs = cache / "deb"
        for folder in (debs, root.parent):  # dpkg-deb makes the last folder of a path only
            folder.mkdir(parents=True, exist_ok=True)
        if not (found := sorted(debs.glob(f"{package}_*.deb"))):
            subprocess.run(["apt-get", "download", "-q", package], cwd=debs, check=True, capture_output=True)
            found = sorted(debs.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(found[-1]), f"{root}.part"], check=True)
        Path(f"{root}.part").rename(root)  # half of a package is none
    return root


def find_pages(root: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield a sort key, the page's URL and its file: shuffled by page name, so that variants of a page meet."""
    for path in root.rglob("*"):
        name = path.name.lower()
        is_page = name.endswith(SUFFIXES) or ("/man/man" in str(path.parent) and name.endswith(".gz"))
        inner = path.relative_to(root)
        is_english = all(re.split("[-_]", part)[0] not in OTHER_LANGUAGES for part in inner.parts)
        if is_page and is_english and path.is_file() and not path.is_symlink():
            key = hashlib.sha1("/".join(inner.parts[-2:]).encode()).hexdigest()
            yield key, f"https://deb.invalid/{root.name}/{inner}", path


def cut_all(pages: Iterable[tuple[str, str, Path]], kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield ``id``, ``text`` and ``url`` of every document, in the order of the pages."""
    remaining = iter(pages)
    with ProcessPoolExecutor(2) as pool:
        while chunk := list(islice(remaining, 2000)):
            for documents in pool.map(partial(cut, kind=kind), chunk, chunksize=50):
                yield from documents


def cut(page: tuple[str, str, Path], kind: str) -> list[tuple[str, str, str]]:
    """Return the documents of a page."""
    key, url, path = page
    chance = random.Random(f"{key}{url}")
    paragraphs = read_paragraphs(path)
    if kind == "prose":
        paragraphs = [p for p in paragraphs if is_prose(p) or chance.random() < OTHER_LINES]
    documents: list[tuple[str, str, str]] = []
    lines: list[str] = []
    size, target = 0, chance.lognormvariate(_MU, SIGMA)
    for paragraph in paragraphs:
        lines.append(paragraph)
        size += len(paragraph)
        if size >= target:
            documents += _document(url, len(documents), lines)
            lines, size, target = [], 0, chance.lognormvariate(_MU, SIGMA)
    return documents + _document(url, len(documents), lines)


def _document(url: str, number: int, lines: list[str]) -> list[tuple[str, str, str]]:
    text = "\n".join(lines)[:MAX_CHARS]
    if len(text) < MIN_CHARS:
        return []
    location = f"{url}#{number}"
    return [(hashlib.sha1(location.encode()).hexdigest()[:16], text, location)]


def is_prose(paragraph: str) -> bool:
    """Whether a line reads like sentences."""
    letters = sum(character.isalpha() or character == " " for character in paragraph)
    ends = paragraph.rstrip("\"')”’ ").endswith((".", "!", "?"))
    return len(paragraph) >= MIN_SENTENCE_CHARS and ends and letters >= MIN_LETTERS * len(paragraph)


def read_paragraphs(path: Path) -> list[str]:
    """Return the lines of a page as a reader sees them; none of a page that is not UTF-8."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return []
    if "html" in path.suffix or path.suffix == ".htm":
        text = str(
            extract_plain_text(
                text, preserve_formatting=True, links=False, alt_texts=False, skip_elements=["head"]
            )
        )
        return [line.strip() for line in text.split("\n") if line.strip()]
    if "/man/man" in str(path.parent):
        text = "\n".join("" if line.startswith((".", "'")) else line for line in text.split("\n"))
        text = text.replace("\\-", "-").replace("\\f", " ")
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


def write(documents: Iterable[tuple[str, str, str]], wanted: int, out: Path) -> dict[str, object]:
    """Write documents until there are ``wanted`` bytes of text, spread over the parts; return the manifest."""
    for form in ("parquet", "jsonl"):
        (out / form).mkdir(parents=True, exist_ok=True)
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("url", pa.string())])
    parts = [
        (
            parquet.ParquetWriter(out / "parquet" / f"part-{i:03d}.parquet", schema, compression="zstd"),
            (out / "jsonl" / f"part-{i:03d}.jsonl").open("w", encoding="utf-8"),
        )
        for i in range(PARTS)
    ]
    waiting: list[list[tuple[str, str, str]]] = [[] for _ in parts]
    count = size = 0
    for document in documents:
        if size >= wanted:
            break
        rows = waiting[count % PARTS]
        rows.append(document)
        count, size = count + 1, size + len(document[1].encode())
        if len(rows) == 2000:
            _flush(parts[(count - 1) % PARTS], rows, schema)
    for part, rows in zip(parts, waiting, strict=True):
        _flush(part, rows, schema)
        part[0].close()
        part[1].close()
    manifest: dict[str, object] = {"documents": count, "text_bytes": size, "is_complete": size >= wanted}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def _flush(
    part: tuple[parquet.ParquetWriter, object], rows: list[tuple[str, str, str]], schema: pa.Schema
) -> None:
    writer, lines = part
    if rows:
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    for name, text, url in rows:
        lines.write(json.dumps({"id": name, "text": text, "url": url}, ensure_ascii=False) + "\n")
    rows.clear()


if __name__ == "__main__":
    main()
