"""Spoiled input for every parser, in a process of its own, so that what kills a parser kills no test run.

    python -m support.fuzz TARGET EXECUTIONS SEED FILE

FILE holds the newest input, for the one who looks for the cause. One execution may take `HANG_S` of processor time, a
generous multiple of the second that is promised: the machine may be slow. Prints the executions and the slowest one.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import mmap
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.warc import http, packed, page, record

HANG_S = 10
MAX_BYTES = 1 << 15


@dataclass(frozen=True)
class Target:
    """A parser, good inputs, pieces that mean something to it, and what it may raise."""

    parse: Callable[[bytes], object]
    seeds: Sequence[bytes]
    pieces: Sequence[bytes] = ()
    refusals: tuple[type[Exception], ...] = ()


def spoil(rng: random.Random, target: Target) -> bytes:
    """Return one of the seeds after some damage: bits, bytes, lost and repeated stretches, foreign pieces."""
    content = bytearray(rng.choice(target.seeds))
    for _ in range(rng.choice((1, 1, 2, 3, 5, 9))):
        at, size = rng.randrange(len(content) + 1), rng.choice((1, 2, 4, 16, 100))
        match rng.randrange(7):
            case 0 if at < len(content):
                content[at] ^= 1 << rng.randrange(8)
            case 1:
                content[at:at] = rng.randbytes(size)
            case 2:
                del content[at : at + size]
            case 3:
                content[at:at] = bytes(content[at : at + size]) * rng.choice((1, 2, 50))
            case 4 if target.pieces:
                content[at:at] = rng.choice(target.pieces) * rng.choice((1, 1, 2, 30))
            case 5:
                content[at:] = rng.choice(target.seeds)[rng.randrange(200) :]
            case 6:
                del content[at:]
    return bytes(content[:MAX_BYTES])


def archive() -> Target:
    """WARC in every packing, to rows."""
    import zstandard

    from penstock.archive.frames import read_frames
    from penstock.archive.payload import PayloadError
    from penstock.archive.rows import RowRules, SkippedError, row_of

    records = (
        page("http://a.example/", "some words of a page"),
        record("response", "http://b.example/", http(b"x" * 40, Content_Encoding="gzip")),
        record("conversion", "http://c.example/", "Grüße 中文".encode(), WARC_Payload_Digest="sha1:AAAA"),
        record("request", "http://a.example/", b"GET / HTTP/1.1\r\n\r\n"),
    )
    rules = RowRules()

    def parse(content: bytes) -> None:
        for frame in read_frames(io.BytesIO(content), max_bytes=1 << 16):
            assert 0 <= frame.offset <= len(content)
            if not frame.bad:
                try:
                    row_of(frame, rules, max_bytes=1 << 16)
                except (SkippedError, PayloadError):
                    continue

    seeds = [
        packed(*records),
        b"".join(records),
        b"".join(zstandard.ZstdCompressor().compress(content) for content in records),
    ]
    pieces = [
        b"WARC/1.0\r\n",
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"\r\n\r\n",
        b"Content-Length: 9\r\n",
        b"\x5d\x2a\x4d\x18",
    ]
    return Target(parse, seeds, pieces)


def response() -> Target:
    """An HTTP response with its encodings."""
    import gzip

    import brotli

    from penstock.archive.payload import (
        PayloadError,
        parse_response,
        without_content_encoding,
        without_transfer_encoding,
    )

    def parse(content: bytes) -> None:
        found = parse_response(content)
        if found is not None:
            body = without_transfer_encoding(found)
            without_content_encoding(body, found.headers.get("content-encoding", ""), max_bytes=1 << 20)

    text = b"some words of a page, " * 20
    chunked = b"4\r\nsome\r\n10;x=y\r\n words of a page\r\n0\r\n\r\n"
    seeds = [
        http(text),
        http(gzip.compress(text), Content_Encoding="gzip"),
        http(brotli.compress(text), Content_Encoding="br"),
        http(chunked, Transfer_Encoding="chunked"),
        http(gzip.compress(text)[:40], Content_Encoding="deflate, gzip"),
    ]
    pieces = [
        b"Content-Encoding: zstd\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"fffffff\r\n",
    ]
    return Target(parse, seeds, pieces, (PayloadError,))


def charset() -> Target:
    """Bytes of an unknown charset, to text."""
    from penstock.archive.charset import charset_of, decode

    def parse(content: bytes) -> None:
        head, _, rest = content.partition(b"|")
        decode(rest, charset_of(rest, head.decode("latin-1")).name).encode()

    text = "Привет, мир. 中文网页 日本語のページ Grüße"
    seeds = [
        b"utf-8|" + text.encode(),
        b"|<meta charset=windows-1251>" + "Привет, мир".encode("cp1251"),
        b"gbk|" + "中文网页".encode("gbk"),
        b"|" + "日本語のページ".encode("euc-jp"),
        b"utf-16|" + text.encode("utf-16"),
    ]
    return Target(parse, seeds, [b"<meta charset=", b"\xff\xfe", b"\xef\xbb\xbf", b"iso-2022-jp|", b"\x1b$B"])


PAGE = (
    b"<!doctype html><html lang=en><head><title>A title</title><meta name=robots content='noai, noindex'>"
    b"<meta name='author' content='Ann'><meta property=article:published_time content='2026-11-16T08:00:00Z'></head>"
    b"<body><nav><a href=/a>Home</a></nav><main><article><h1>Heading</h1><p>"
    + b"Some words of a page that is about something. " * 6
    + b"</p><table><tr><td>1</td></tr></table><ul><li>one<li>two</ul><pre>code</pre><img src=x></article></main>"
)
TAGS = (
    b"<div>", b"</div>", b"<p", b"<!--", b"-->", b"<script>", b"</script>", b"<svg>", b"<template>",
    b"<table>", b"<a href='", b"<select>", b"<![CDATA[", b"&#x110000;", b"&#0;", b"&amp", b"\x00", b"<frameset>",
    b"<base href=//[>", b"<title>", b"\xed\xa0\x80",
)  # fmt: skip


def fast_page() -> Target:
    """A page, by the fast mode of `extract`."""
    return _page("fast")


def precise_page() -> Target:
    """A page, by the precise mode of `extract`."""
    return _page("precise")


def _page(mode: str) -> Target:
    from penstock.process.html.extract import Extract
    from penstock.process.step import Context, Document

    columns = ("title", "author", "published", "links")
    step = Extract.model_validate({"mode": mode, "columns": columns, "honour": ("noai", "tdm-reservation")})
    context = Context(dataset="fuzz", run_key="2026-11-16")
    known = {
        "content_type": None,
        "charset": None,
        "url": "http://a.example/p/",
        "robots": None,
        "text": None,
    }

    def parse(content: bytes) -> None:
        document = Document({**known, "payload": content, **dict.fromkeys(columns)})
        step.apply(document, context)
        document.text.encode()

    return Target(parse, [PAGE, b"<p>x</p>", "<p>中文 Ünïcode</p>".encode()], TAGS)


def lines() -> Target:
    """A line of JSON, of CSV and of plain text, to values."""
    from penstock.transfer.decoder import BadRecord
    from penstock.transfer.delimited import Delimited
    from penstock.transfer.jsonl import Jsonl

    columns = [
        {"name": name, "type": name}
        for name in ("string", "long", "double", "timestamp", "date", "boolean", "binary")
    ]
    decoders = [
        Jsonl.model_validate({"columns": columns}).reader(None),
        Delimited.model_validate({"columns": columns, "quoting": "csv"}).reader(None),
        Delimited.model_validate({"columns": columns}).reader(None),
    ]

    def parse(content: bytes) -> None:
        text = content.decode("utf-8", "surrogateescape")
        for decode in decoders:
            try:
                decode(text)
            except BadRecord:
                continue

    seeds = [
        b'{"string": "a", "long": 1, "double": 2.5e3, "timestamp": "2026-11-16T08:00:00Z", "date": "2026-11-16", '
        b'"boolean": true, "binary": "AA==", "other": [1, {"x": null}]}',
        b"a,1,2.5,2026-11-16T08:00:00+01:00,2026-11-16,true,AA==",
        b'"a ""b""",1,,"2026-11-16 08:00",2026-11-16,,',
    ]
    return Target(
        parse, seeds, [b'"', b"{", b"[", b"\\ud800", b"1e999", b",", b"NaN", b"-0", b"\\u0000", b"9" * 30]
    )


def source_code() -> Target:
    """Source code and HTML, by the steps that read them without a parser whose time explodes."""
    from penstock.process.quality.comments import comment_chars
    from penstock.process.quality.html_visible_text import HtmlVisibleText
    from penstock.process.quality.python_syntax import parse_python
    from penstock.process.step import Context, Document

    step, context = HtmlVisibleText(annotate="share"), Context(dataset="fuzz", run_key="2026-11-16")
    languages = ("c", "python", "html", "javascript", "lua", "haskell", "tex", "lisp", "php", "sql", "ruby")

    def parse(content: bytes) -> None:
        text = content.decode("utf-8", "surrogateescape")
        comment_chars(text, languages[len(content) % len(languages)])
        parse_python(text)
        step.apply(Document({"text": text, "share": None}), context)

    seeds = [
        PAGE,
        b"/* c */ int main() { return 'x'; } // end\n",
        b"# note\ndef f(x):\n    '''doc'''\n    return {'a': [x, *y]}  # end\n",
        b"{- h -} -- l\n--[[ lua ]] % tex\n",
    ]
    return Target(
        parse, seeds, [b"/*", b"*/", b"'''", b'"', b"#", b"--[[", b"(", b"\\", b"{-", b"not ", *TAGS]
    )


def cleaned() -> Target:
    """Text, by every cleaning step."""
    from penstock.params import members
    from penstock.process.section import STEP_GROUP, STEP_PACKAGE
    from penstock.process.step import Context, Document, DocumentStep
    from support.step_examples import EXAMPLES

    steps = [
        cls.model_validate(EXAMPLES.get(kind, {}))
        for kind, cls in members(DocumentStep, package=STEP_PACKAGE, group=STEP_GROUP).items()
        if cls.__module__.startswith(f"{STEP_PACKAGE}.clean.")
    ]
    context = Context(dataset="fuzz", run_key="2026-11-16")

    def parse(content: bytes) -> None:
        text = content.decode("utf-8", "surrogateescape")
        for step in steps:
            document = Document(
                {"text": text, "lang": None, **dict.fromkeys(step.reads()), **dict.fromkeys(step.adds())}
            )
            step.apply(document, context)

    seeds = [
        b"| a | b |\n|---|---|\n| 1 | 2 |\n\nHome | About | Contact\n\nsome text of a page, hyphen-\nated\n"
        * 2,
        "繁體中文 与 简体 caf\u00c3\u00a9 http://a.example/x?y=z ann@example.com\r\n\r\n\r\n".encode() * 3,
        b"/*\n * Licensed under the Apache License, Version 2.0\n * Copyright (c) 2026\n */\nint x;\n",
        b"+---+---+\n| a | b |\n+===+===+\n<table><tr><td>x</td></tr></table>\n{| class=wikitable\n| x\n|}\n",
    ]
    return Target(
        parse,
        seeds,
        [b"|", b"\n", b"---", b"+", b"{|", b"<table>", b"/*", b"\t", b"\xc3", b"http://", b"\xe2\x80\x8b"],
    )


def words() -> Target:
    """Text in scripts with and without blanks, to words."""
    from penstock.process.tokenizer import tokenize

    languages = (None, "en", "zh", "ja", "th")

    def parse(content: bytes) -> None:
        text = content.decode("utf-8", "ignore")
        for word in tokenize(text, languages[len(content) % len(languages)]):
            assert word
            assert word in text

    seeds = [
        b"Some words, isn't it? U.S. 3.5",
        "我爱北京天安门。日本語のページ".encode(),
        "ผมรักประเทศไทย".encode(),
    ]
    return Target(
        parse,
        seeds,
        ["中".encode(), "ก".encode(), "の".encode(), b"'", b"-", b".", b"\x00", "\u0301".encode()],
    )


def addresses() -> Target:
    """URLs, by the blocklist, and the links of an index page."""
    from penstock.process.quality.url_filter import UrlFilter
    from penstock.process.step import Context, Document

    step = UrlFilter(domains=("bad.example", "xn--bcher-kva.example"), subwords=("rude",))
    context = Context(dataset="fuzz", run_key="2026-11-16")

    def parse(content: bytes) -> None:
        text = content.decode("utf-8", "surrogateescape")
        step.apply_batch([Document({"text": "", "url": text, **dict.fromkeys(step.reads(), text)})], context)

    seeds = [
        b"https://user:pass@www.bad.example:8080/a/b.html?q=1#x",
        "http://bücher.example/ü".encode(),
        b"http://[2001:db8::1]/x",
        b"HTTP://1.2.3.4/",
    ]
    return Target(
        parse, seeds, [b"[", b"]", b"xn--", b"%00", b"@", b"..", b"://", b"\xe3\x80\x82", b"a" * 70 + b"."]
    )


def index_page() -> Target:
    """The page that an HTTP source takes its links from."""
    from penstock.ingest.http import _links

    seeds = [b"<base href=http://a.example/><a href='x.gz'>x</a><a href=//b.example/y>y</a>"]
    return Target(
        lambda content: _links(content.decode("utf-8", "replace"), "http://a.example/"), seeds, TAGS
    )


def compressed() -> Target:
    """A compressed file of a source, to its bytes."""
    import bz2
    import gzip

    import zstandard

    from penstock.errors import ContractError
    from penstock.ingest.compression import open_plain

    text = b"a,b\n1,2\n" * 50

    def parse(content: bytes) -> None:
        for name in ("x.gz", "x.bz2", "x.zst"):
            try:
                with open_plain(io.BytesIO(content), name, "infer") as stream:
                    while stream.read(1 << 16):
                        pass
            except ContractError:
                continue

    return Target(
        parse, [gzip.compress(text), bz2.compress(text), zstandard.compress(text)], [b"\x1f\x8b\x08", b"BZh9"]
    )


TARGETS: dict[str, Callable[[], Target]] = {
    made.__name__: made
    for made in (
        archive, response, charset, fast_page, precise_page, lines, source_code, cleaned, words, addresses,
        index_page, compressed,
    )
}  # fmt: skip


def hammer(target: Target, executions: int, seed: int, newest: mmap.mmap) -> float:
    """Show a parser so many spoiled inputs; return the most processor time that one took, in seconds."""
    rng, slowest = random.Random(seed), 0.0
    for _ in range(executions):
        content = spoil(rng, target)
        newest[: 4 + len(content)] = len(content).to_bytes(4, "little") + content
        signal.setitimer(signal.ITIMER_PROF, HANG_S)
        began = time.process_time()
        with contextlib.suppress(*target.refusals):
            target.parse(content)
        slowest = max(slowest, time.process_time() - began)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return slowest


def main() -> None:
    """Hammer one parser."""
    name, executions, seed, file = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)
    target = TARGETS[name]()
    for good in target.seeds:
        target.parse(good)
    file.write_bytes(bytes(MAX_BYTES + 4))
    with file.open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as newest:
        slowest = hammer(target, executions, seed, newest)
    sys.stdout.write(json.dumps({"executions": executions, "slowest_s": round(slowest, 3)}))


if __name__ == "__main__":
    main()
