"""A source of files at HTTP(S) addresses, listed in the recipe or linked from an index page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import IO, Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from penstock.errors import ContractError
from penstock.hypertext import guarded, links_of
from penstock.ingest.address import redact
from penstock.ingest.cache import Cache
from penstock.ingest.compression import Compression, open_plain, plain_name
from penstock.ingest.content import Promise
from penstock.ingest.fetch import Fetched, Fetcher, MissingError, Network
from penstock.ingest.pattern import check_pattern, fill
from penstock.ingest.source import Item, Source
from penstock.lake import Lake
from penstock.params import Params


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"expected an address that begins with http:// or https://, got {redact(url)!r}"
        raise ValueError(message)
    return check_pattern(url)


Url = Annotated[str, AfterValidator(_check_url)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class HttpFile(Params):
    """One address, the name of its landing file (by default the last part of the path), and the promised digest."""

    url: Url
    name: str | None = None
    sha256: Sha256 | None = None


class HttpIndex(Params):
    """A page whose links are the files: those whose absolute address has ``link``, a regular expression, in it."""

    url: Url
    link: str
    min_files: int = Field(default=1, ge=0)
    max_files: int = Field(default=1000, ge=1)

    @field_validator("link")
    @classmethod
    def _check_link(cls, link: str) -> str:
        try:
            re.compile(link)
        except re.error as error:
            message = f"expected a regular expression, got {link!r} ({error})"
            raise ValueError(message) from error
        return check_pattern(re.sub(r"\{\d*,?\d*\}", "", link)) and link


class HttpSource(Source):
    """Files at addresses; ``{run_key}`` or ``{date:%Y/%m/%d}`` in one names the day.

    A file that the server says is unchanged is not sent again. ``content`` is what was promised: an HTML page in
    its place is refused. With ``missing: skip`` an address with nothing behind it (404, 410) is counted and no error.
    """

    kind: Literal["http"] = "http"
    urls: tuple[HttpFile, ...] = ()
    index: HttpIndex | None = None
    content: Promise = "any"
    missing: Literal["fail", "skip"] = "fail"
    compression: Compression = "infer"
    network: Network = Network()

    @field_validator("urls", mode="before")
    @classmethod
    def _accept_plain(cls, urls: object) -> object:
        return (
            [{"url": item} if isinstance(item, str) else item for item in urls]
            if isinstance(urls, list)
            else urls
        )

    @model_validator(mode="after")
    def _check_some(self) -> Self:
        if bool(self.urls) == (self.index is not None):
            message = "expected either urls (a list) or index (a page with links), got " + (
                "both" if self.urls else "neither"
            )
            raise ValueError(message)
        return self

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Fetch and yield each file, in the recipe's order or that of the index's addresses."""
        cache = Cache(lake)
        fetcher = Fetcher(cache, self.network)
        for file in self._files(run_key, cache, fetcher):
            promise = self.content if plain_name(file.url, self.compression) == file.url else "any"
            try:
                found = fetcher.fetch(file.url, sha256=file.sha256, promise=promise)
            except MissingError:
                if self.missing == "fail":
                    raise
                yield self._missing(file)
            else:
                yield self._item(file, found, cache)

    def _files(self, run_key: str, cache: Cache, fetcher: Fetcher) -> tuple[HttpFile, ...]:
        if self.index is None:
            return tuple(file.model_copy(update={"url": fill(file.url, run_key)}) for file in self.urls)
        page = fill(self.index.url, run_key)
        found = fetcher.fetch(page)
        with cache.open(found.sha256) as stream:
            links = _links(stream.read().decode("utf-8", "replace"), page)
        wanted = re.compile(fill(self.index.link, run_key))
        urls = sorted({link for link in links if wanted.search(link)})
        if not self.index.min_files <= len(urls) <= self.index.max_files:
            message = (
                f"http: expected {self.index.min_files} to {self.index.max_files} links like {self.index.link!r} on "
                f"{redact(page)}, got {len(urls)} of {len(links)}; look at the page, correct ingest.source.index"
            )
            raise ContractError(message, failed={"links": len(urls)}, sample_uri=redact(page))
        return tuple(HttpFile(url=url) for url in urls)

    def _name(self, file: HttpFile) -> str:
        path = unquote(urlsplit(file.url).path)
        return file.name or plain_name(path.rsplit("/", 1)[-1], self.compression) or "index"

    def _missing(self, file: HttpFile) -> Item:
        return Item(self._name(file), redact(file.url), _nothing, is_missing=True)

    def _item(self, file: HttpFile, found: Fetched, cache: Cache) -> Item:
        opener = partial(_open, cache, found.sha256, redact(file.url), self.compression)
        return Item(self._name(file), redact(file.url), opener, found.provenance())


def _nothing() -> AbstractContextManager[IO[bytes]]:
    return nullcontext(io.BytesIO())


@contextmanager
def _open(cache: Cache, sha256: str, origin: str, compression: Compression) -> Iterator[IO[bytes]]:
    with cache.opener(sha256)() as raw, open_plain(raw, origin, compression) as stream:
        yield stream


def _links(html: str, page: str) -> list[str]:
    """Return the absolute http(s) addresses of all links of a page."""
    from resiliparse.parse.html import HTMLTree

    return guarded(lambda: list(links_of(HTMLTree.parse(html), page)))
