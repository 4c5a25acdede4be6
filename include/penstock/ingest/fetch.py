"""Fetching over HTTP(S) into the cache: conditional, resumed after a cut, bounded in size and time."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock import __version__
from penstock.errors import ContractError, SourceError, StorageError
from penstock.ingest.address import RedactAddresses, redact, redact_text, seconds_of_retry_after
from penstock.ingest.cache import Cache, key_of, sha256_of
from penstock.ingest.content import Promise, check_content, check_type
from penstock.lake import storage_errors
from penstock.params import Params

if TYPE_CHECKING:
    import httpx

_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_REDACT = RedactAddresses()


class MissingError(ContractError):
    """The address is known, and there is nothing (404, 410)."""


class Network(Params):
    """How patient a source is: times in seconds, sizes in megabytes.

    ``attempts`` are made within a task, with growing waits between them. A server's ``Retry-After`` is obeyed up to
    ``max_wait_s``; when it asks for more, the task ends and is retried later. ``total_s`` bounds one download.
    """

    connect_timeout_s: float = Field(default=10, gt=0)
    read_timeout_s: float = Field(default=60, gt=0)
    total_s: float = Field(default=1800, gt=0)
    attempts: int = Field(default=5, ge=1, le=50)
    max_wait_s: float = Field(default=60, ge=0)
    max_redirects: int = Field(default=5, ge=0)
    max_mb: float = Field(default=4096, gt=0)


@dataclass(frozen=True)
class Fetched:
    """A content in the cache, and what the server said of it; ``is_new`` is false when nothing had to be sent."""

    sha256: str
    bytes: int
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    is_new: bool = True

    def provenance(self) -> dict[str, Any]:
        """Return what is kept in the landing manifest."""
        known = {"sha256": self.sha256, "etag": self.etag, "last_modified": self.last_modified}
        return {name: value for name, value in known.items() if value}


@dataclass(frozen=True)
class _Download:
    """One address on its way into the cache."""

    url: str
    sha256: str | None
    promise: Promise
    part: Path

    @property
    def key(self) -> str:
        return key_of(self.url)

    @property
    def state(self) -> Path:
        """The file beside the partial one that says of which version its bytes are."""
        return self.part.with_suffix(".json")

    def validators(self) -> dict[str, str]:
        try:
            found = json.loads(self.state.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {str(name): str(value) for name, value in found.items() if value}

    def have(self) -> int:
        """Return the bytes that can be built upon: without a validator or a digest nobody knows what they are."""
        validator = _strong(self.validators())
        is_known = bool(validator or (self.sha256 and self.state.exists()))
        return self.part.stat().st_size if self.part.exists() and is_known else 0

    def drop(self) -> None:
        self.part.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)


class Fetcher:
    """Fetches addresses into one cache."""

    def __init__(self, cache: Cache, network: Network) -> None:
        self.cache, self.network = cache, network

    def fetch(self, url: str, *, sha256: str | None = None, promise: Promise = "any") -> Fetched:
        """Return the content of ``url``; with ``sha256`` a cached one is enough and no server is asked.

        Raises:
            SourceError: the server or the way to it is in trouble, also after some attempts; what came is kept.
            ContractError: what came is not what was promised: digest, kind, size, or access refused.
            MissingError: there is nothing at the address.
        """
        if sha256 and self.cache.has(sha256):
            return self._known(sha256)
        with self.cache.lock(key_of(url), self.network.total_s):
            if sha256 and self.cache.has(sha256):
                return self._known(sha256)
            download = _Download(url, sha256, promise, self.cache.partial(key_of(url)))
            return self._with_retries(download)

    def _known(self, sha256: str) -> Fetched:
        with self.cache.open(sha256) as stream:
            return Fetched(sha256, stream.seek(0, 2), is_new=False)

    def _with_retries(self, download: _Download) -> Fetched:
        import stamina

        with self._client() as client:
            for attempt in stamina.retry_context(
                on=self._wait_of, attempts=self.network.attempts, timeout=None, wait_initial=0.5, wait_max=15
            ):
                with attempt:
                    return self._once(client, download)
        raise AssertionError  # retry_context returns or raises

    def _wait_of(self, error: Exception) -> bool | float:
        """Return whether, or after how many seconds, to try again."""
        if not isinstance(error, SourceError) or isinstance(error, StorageError):
            return False
        wait_s = error.retry_after_s
        return True if wait_s is None else (wait_s <= self.network.max_wait_s and max(wait_s, 0.01))

    def _client(self) -> httpx.Client:
        import httpx

        logging.getLogger("httpx").addFilter(_REDACT)
        timeout = httpx.Timeout(self.network.read_timeout_s, connect=self.network.connect_timeout_s)
        return httpx.Client(
            timeout=timeout,
            follow_redirects=True,
            max_redirects=self.network.max_redirects,
            headers={"User-Agent": f"penstock/{__version__}", "Accept-Encoding": "identity"},
        )

    def _once(self, client: httpx.Client, download: _Download) -> Fetched:
        known = self.cache.recall(download.key)
        known = known if known and self.cache.has(str(known.get("sha256"))) else {}
        have = download.have()
        with (
            _network_errors(download.url),
            client.stream("GET", download.url, headers=_headers(download, have, known)) as response,
        ):
            if response.status_code == 304 and known:
                return Fetched(**{**known, "is_new": False})
            self._check_status(response, download)
            start = _start_of(response, download, have)
            self._check_size(response, download, start)
            check_type(response.headers.get("Content-Type", ""), download.promise, redact(download.url))
            self._receive(response, download, start)
        return self._finish(response, download, is_resumed=start > 0)

    def _check_status(self, response: httpx.Response, download: _Download) -> None:
        status, where = response.status_code, redact(download.url)
        if status in (200, 206):
            return
        if status == 416:
            download.drop()
            message = f"http: expected the rest of {where}, the server has no such range; starting anew"
            raise SourceError(message, retry_after_s=0)
        if status in (404, 410):
            message = (
                f"http: expected a file at {where}, got {status}; correct the address or say missing: skip"
            )
            raise MissingError(message, failed={"missing_files": 1}, sample_uri=where)
        if status in _TRY_AGAIN or status > 500:
            wait_s = seconds_of_retry_after(response.headers.get("Retry-After"))
            asked = "" if wait_s is None else f" and the wish to wait {wait_s:.0f} s"
            message = (
                f"http: expected the content of {where}, got status {status}{asked}; it is tried again later"
            )
            raise SourceError(message, retry_after_s=wait_s)
        message = (
            f"http: expected the content of {where}, got status {status} ({response.reason_phrase}); "
            "a retry cannot help: look at the address and the access rights"
        )
        raise ContractError(message, failed={"refused_requests": 1}, sample_uri=where)

    def _check_size(self, response: httpx.Response, download: _Download, start: int) -> None:
        length = response.headers.get("Content-Length", "")
        self._bound(start + int(length) if length.isdecimal() else start, download)

    def _bound(self, size_bytes: int, download: _Download) -> None:
        if size_bytes > self.network.max_mb * (1 << 20):
            download.drop()
            message = (
                f"http: expected at most {self.network.max_mb:g} MB from {redact(download.url)}, got "
                f"{size_bytes} bytes or more; is it the right file? raise ingest.source.network.max_mb if it is"
            )
            raise ContractError(message, failed={"oversized_files": 1}, sample_uri=redact(download.url))

    def _receive(self, response: httpx.Response, download: _Download, start: int) -> None:
        """Append to the partial file; whatever ends this early, what came stays for the next attempt."""
        deadline = time.monotonic() + self.network.total_s
        with storage_errors(str(download.part)):
            if response.headers.get("Content-Encoding", "identity") == "identity":
                download.state.write_text(json.dumps(_validators(response)))
            else:  # ranges would be of other bytes than these
                download.state.unlink(missing_ok=True)
            with download.part.open("ab" if start else "wb") as stream:
                for (
                    chunk
                ) in response.iter_bytes():  # as it comes: a chunk size would hold bytes back at a cut
                    stream.write(chunk)
                    self._bound(stream.tell(), download)
                    if time.monotonic() > deadline:
                        message = (
                            f"http: expected {redact(download.url)} within {self.network.total_s:g} s, got "
                            f"{stream.tell()} bytes by then; a retry goes on from there"
                        )
                        raise SourceError(message)

    def _finish(self, response: httpx.Response, download: _Download, *, is_resumed: bool) -> Fetched:
        where, size = redact(download.url), download.part.stat().st_size
        digest = sha256_of(download.part)
        if download.sha256 and digest != download.sha256:
            download.drop()
            message = f"http: expected sha256 {download.sha256} of {where}, got {digest} ({size} bytes)"
            if is_resumed:
                message += "; the resumed parts do not fit: starting anew"
                raise SourceError(message, retry_after_s=0)
            message += (
                "; it was changed on its way or at its source: do not use it; correct sha256 if it is right"
            )
            raise ContractError(message, failed={"wrong_sha256": 1}, sample_uri=where)
        try:
            with download.part.open("rb") as stream:
                check_content(stream.read(1024), download.promise, where)
        except ContractError:
            download.drop()
            raise
        self.cache.adopt(download.part, digest)
        download.drop()
        found = Fetched(
            digest,
            size,
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
            content_type=response.headers.get("Content-Type"),
        )
        self.cache.note(
            download.key, {name: value for name, value in vars(found).items() if name != "is_new"}
        )
        return found


def _validators(response: httpx.Response) -> dict[str, str | None]:
    return {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}


def _strong(validators: dict[str, str]) -> str | None:
    """Return what may stand in ``If-Range``: a weak tag may not (RFC 9110, 13.1.5)."""
    etag = validators.get("etag")
    return etag if etag and not etag.startswith("W/") else validators.get("last_modified")


def _headers(download: _Download, have: int, known: dict[str, Any]) -> dict[str, str]:
    if have:
        validator = _strong(download.validators())
        return {"Range": f"bytes={have}-"} | ({"If-Range": validator} if validator else {})
    asked = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("last_modified")}
    return {name: value for name, value in asked.items() if value}


def _start_of(response: httpx.Response, download: _Download, have: int) -> int:
    """Return the byte at which the answer begins: the whole (200), or what was asked for and of the same version."""
    if response.status_code == 200:
        return 0
    known, came = download.validators(), _validators(response)
    is_same = all(came[name] in (None, value) for name, value in known.items() if name in came)
    content_range = response.headers.get("Content-Range", "")
    if have and is_same and content_range.startswith(f"bytes {have}-"):
        return have
    download.drop()
    message = (
        f"http: expected the rest of {redact(download.url)} from byte {have}, got the range {content_range!r} of "
        f"{'the same' if is_same else 'another'} version; starting anew"
    )
    raise SourceError(message, retry_after_s=0)


@contextmanager
def _network_errors(url: str) -> Iterator[None]:
    """Sort the errors of the network by what to do."""
    import httpx

    where = redact(url)
    try:
        yield
    except (
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
        httpx.TooManyRedirects,
        httpx.DecodingError,
    ) as error:
        came = f"{type(error).__name__}: {redact_text(error)}"
        message = f"http: expected {where} to lead to a file over http(s), got {came}; correct the address"
        raise ContractError(message, failed={"refused_requests": 1}, sample_uri=where) from None
    except httpx.TransportError as error:
        message = (
            f"http: expected the whole content of {where}, got {type(error).__name__}: {redact_text(error)}; "
            "it is tried again from where it broke"
        )
        raise SourceError(message) from None
