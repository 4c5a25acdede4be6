"""A frame as a row: what the transfer stage and Spark's data source both give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import Field

from penstock.archive import digest
from penstock.archive.charset import charset_of
from penstock.archive.frames import Frame
from penstock.archive.payload import (
    PayloadError,
    Response,
    parse_response,
    without_content_encoding,
    without_transfer_encoding,
)
from penstock.params import Params

_TEXT_TYPES = ("text/", "application/xhtml", "application/xml", "application/json", "application/ld+json")
_MAX_TEXT_CHARS = 8192


class RowRules(Params):
    """Which records become rows.

    ``types`` are WARC's record types (a ``conversion`` is what WET files hold), ``statuses`` HTTP's (none: all of them;
    a record without a status passes), ``content_types`` the beginnings of media types (none: all of them).
    """

    types: tuple[str, ...] = Field(default=("response", "resource", "conversion"), min_length=1)
    statuses: tuple[int, ...] = ()
    content_types: tuple[str, ...] = ()


class Row(NamedTuple):
    """One document of an archive; times are UTC, offsets bytes."""

    record_id: str | None
    record_type: str
    url: str | None
    crawled_at: datetime | None
    content_type: str | None
    status: int | None
    charset: str | None
    charset_source: str | None
    robots: str | None
    payload: bytes
    digest: str
    flags: str | None
    offset: int
    inner_offset: int


class SkippedError(Exception):
    """A record that is none of those that are wanted: ``reason`` is counted."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def row_of(frame: Frame, rules: RowRules, *, max_bytes: int) -> Row:
    """Return the row of a good frame.

    ``flags`` (comma between them) say what is odd about a row that is kept: ``wrong_digest``, ``bad_date``,
    ``truncated`` (by the crawler), ``not_http``.

    Raises:
        SkippedError: the rules do not want the record.
        PayloadError: its payload cannot be unpacked.
    """
    if frame.kind not in rules.types:
        raise SkippedError(reason=f"skipped:{frame.kind}" if frame.kind in _KNOWN else "skipped:unknown_type")
    flags: list[str] = []
    response = _response(frame, flags)
    status = response.status if response else None
    if rules.statuses and status is not None and status not in rules.statuses:
        raise SkippedError(reason="skipped:status")
    headers = response.headers if response else {}
    body = without_transfer_encoding(response) if response else frame.block
    state = _digest_state(frame, response, body)
    if state == digest.WRONG:
        flags.append("wrong_digest")
    payload = body
    if encoding := headers.get("content-encoding"):
        payload = without_content_encoding(body, encoding, max_bytes=max_bytes)
    media_type, label = _content_type(frame, response, payload)
    if rules.content_types and not (media_type or "").startswith(rules.content_types):
        raise SkippedError(reason="skipped:content_type")
    charset = charset_of(payload, label) if payload and (media_type or "").startswith(_TEXT_TYPES) else None
    if "warc-truncated" in frame.headers:
        flags.append("truncated")
    return Row(
        _bounded(frame.headers.get("warc-record-id")),
        frame.kind,
        _bounded(frame.headers.get("warc-target-uri", "").strip().strip("<>") or None),
        _moment(frame.headers.get("warc-date"), flags),
        _bounded(media_type),
        status,
        charset.name if charset else None,
        charset.source if charset else None,
        _bounded(headers.get("x-robots-tag")),
        payload,
        state,
        ",".join(flags) or None,
        frame.offset,
        frame.inner_offset,
    )


_KNOWN = frozenset(
    ("warcinfo", "request", "metadata", "revisit", "continuation", "response", "resource", "conversion")
)


def _response(frame: Frame, flags: list[str]) -> Response | None:
    if frame.kind != "response":
        return None
    if frame.headers.get("warc-target-uri", "").strip("<").startswith(("http", "HTTP")):
        response = parse_response(frame.block)
        if response is None:
            flags.append("not_http")
        return response
    return parse_response(frame.block)


def _digest_state(frame: Frame, response: Response | None, body: bytes) -> str:
    """Return the state of the payload's digest and the block's: ``wrong`` when one is."""
    block = digest.check(frame.headers.get("warc-block-digest"), [frame.block])
    contents = [body] if response is None or response.body is body else [response.body, body]
    payload = digest.check(frame.headers.get("warc-payload-digest"), contents)
    states = {block, payload}
    return next(s for s in (digest.WRONG, digest.OK, digest.UNKNOWN, digest.MISSING) if s in states)


def _content_type(frame: Frame, response: Response | None, payload: bytes) -> tuple[str | None, str | None]:
    """Return the media type and the label of the charset; without a word about the type the bytes decide."""
    said = response.headers.get("content-type") if response else frame.headers.get("content-type")
    media_type, _, rest = (said or "").partition(";")
    label = None
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            label = value.strip()
    media_type = media_type.strip().lower()
    return media_type or _sniffed(payload), label


def _sniffed(payload: bytes) -> str | None:
    from resiliparse.parse.encoding import detect_mime

    if not payload:
        return None
    return str(detect_mime(payload[:4096]))


def _moment(text: str | None, flags: list[str]) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        flags.append("bad_date")
        return None


def _bounded(text: str | None) -> str | None:
    return text if text is None else text[:_MAX_TEXT_CHARS]


__all__ = ["PayloadError", "Row", "RowRules", "SkippedError", "row_of"]
