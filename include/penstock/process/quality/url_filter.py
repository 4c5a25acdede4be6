"""Step ``url_filter``: documents of listed domains and addresses, or with listed words in their address, leave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from penstock.process import pattern
from penstock.process.hashed_set import HashedSet, pack
from penstock.process.step import Context, Document, DocumentStep, Drop
from penstock.process.word_list import Listed
from penstock.process.worker_files import load

_NOT_WORD = re.compile(r"[^a-z0-9]+")
MAX_URL_CHARS = 4096
"""Longer ones than any browser takes; only the beginning is looked at."""


class UrlFilter(DocumentStep):
    """Drop by the address of a document; what the lists do is datatrove's URLFilter.

    Columns: reads ``column``. In this order: ``domains`` (``url_domain``; an entry also lists every domain under it),
    ``urls`` (``url_listed``; whole addresses, whatever their scheme and final slash), ``words`` (``url_word``; a part
    of the address between signs), ``soft_words`` (``url_soft_words``, from ``soft_threshold`` different ones on) and
    ``subwords`` (``url_subword``; anywhere in the letters and digits of the address). Upper case does not count, a
    domain in Unicode is the same as in Punycode. ``missing`` says what becomes of a document without an address
    (``url_missing``).

    Differs from datatrove: a word is found in any case, and domains need no list of public suffixes.
    """

    reads_text: ClassVar[bool] = False

    kind: Literal["url_filter"] = "url_filter"
    column: str = "url"
    domains: Listed | None = None
    urls: Listed | None = None
    words: Listed | None = None
    soft_words: Listed | None = None
    soft_threshold: int = Field(default=2, ge=1)
    subwords: Listed | None = None
    missing: Literal["keep", "drop"] = "keep"

    @model_validator(mode="after")
    def _check_lists(self) -> Self:
        if (
            not any((self.domains, self.urls, self.words, self.soft_words, self.subwords))
            and self.missing == "keep"
        ):
            message = "expected a list (domains, urls, words, soft_words, subwords), got none"
            raise ValueError(message)
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the column of the address."""
        return (self.column,)

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the lists, normalised as addresses are."""
        files: dict[str, bytes] = {}
        for name, entries, normalise in (
            ("domains", self.domains, _domain),
            ("urls", self.urls, _plain_url),
            ("words", self.words, _squeezed),
            ("soft_words", self.soft_words, _squeezed),
        ):
            if entries is not None:
                files[name] = pack(normalise(entry) for entry in entries.entries(read))
        if self.subwords is not None:
            files["subwords"] = "|".join(
                sorted(map(_squeezed, self.subwords.entries(read)), key=len)
            ).encode()
        return files

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Look the address up."""
        found = document[self.column]
        url = found.strip().lower()[:MAX_URL_CHARS] if isinstance(found, str) else ""
        if not url:
            return Drop("url_missing") if self.missing == "drop" else None
        for reason, detail, count in self._hits(url, context):
            return Drop(reason, count, detail)
        return None

    def _hits(self, url: str, context: Context) -> Iterator[tuple[str, str, float | None]]:
        if self.domains is not None:
            listed = load(self, "domains", context, HashedSet)
            yield from (("url_domain", name, None) for name in _suffixes(_host(url)) if name in listed)
        if self.urls is not None and _plain_url(url) in load(self, "urls", context, HashedSet):
            yield "url_listed", url, None
        words = dict.fromkeys(_NOT_WORD.split(url)) if self.words or self.soft_words else {}
        if self.words is not None:
            listed = load(self, "words", context, HashedSet)
            yield from (("url_word", word, None) for word in words if word in listed)
        if self.soft_words is not None:
            listed = load(self, "soft_words", context, HashedSet)
            soft = [word for word in words if word in listed]
            if len(soft) >= self.soft_threshold:
                yield "url_soft_words", " ".join(soft), len(soft)
        if self.subwords is not None:
            inside = load(self, "subwords", context, _alternatives).search(_squeezed(url).encode())
            if inside:
                yield "url_subword", inside.group().decode(), None


def _alternatives(content: bytes) -> pattern.Compiled:
    return pattern.compiled(content.decode())


def _squeezed(text: str) -> str:
    return _NOT_WORD.sub("", text.lower())


def _plain_url(url: str) -> str:
    return (
        url.strip().lower().partition("://")[2].rstrip("/")
        if "://" in url
        else url.strip().lower().rstrip("/")
    )


def _domain(name: str) -> str:
    return _ascii(name.strip().lower().removeprefix("*.").strip("."))


def _host(url: str) -> str:
    try:
        host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return _ascii(host.strip("."))


def _ascii(host: str) -> str:
    """Return the host in Punycode; one that has no such form stays."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _suffixes(host: str) -> Iterator[str]:
    """Yield the host, its domain, the domain above it and so on."""
    while host:
        yield host
        host = host.partition(".")[2]
