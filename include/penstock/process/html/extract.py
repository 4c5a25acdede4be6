"""Step ``extract``: the text of a page out of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.archive.charset import charset_of, decode
from penstock.process.html import pages, robots
from penstock.process.step import Context, Document, DocumentStep, Drop

if TYPE_CHECKING:
    import pyarrow as pa

PAYLOAD = "payload"
MetaColumn = Literal["title", "author", "published", "links"]


class Extract(DocumentStep):
    """Set the column ``into`` to the text of the page in the column ``source``; plain text (WET) passes as it is.

    ``mode: fast`` is resiliparse, ``precise`` trafilatura (some 15 times slower). ``content: main`` leaves navigation,
    headers, footers and other boilerplate out, ``all`` keeps every visible text (``fast`` only). ``favor`` tunes the
    precise mode. ``columns`` adds what the page says of itself: ``title``, ``author``, ``published`` (a date) and
    ``links`` (absolute addresses). The bytes are null afterwards, unless ``keep_payload``; provenance leads to them.

    ``honour`` lists robots directives (``noai``, ``noimageai``, ``noindex``, ``tdm-reservation`` …): a page that
    carries one, in its header or its ``<meta>``, is dropped (``robots_<directive>``). By default none is honoured.

    Drops ``not_text`` (detail: the media type), ``html_too_large`` (value: bytes) and ``html_too_deep`` (tags that nest
    beyond ``max_depth``; 512 is where Blink, the engine of Chrome, stops nesting too). More than ``max_seconds`` of
    processor time in the precise mode send a page to quarantine (``process:extract:TimeoutError``).

    Columns: reads those that the decoder ``archive`` makes: ``payload``, ``charset``, ``content_type``, ``url``,
    ``robots``.
    """

    kind: Literal["extract"] = "extract"
    mode: Literal["fast", "precise"] = "fast"
    content: Literal["main", "all"] = "main"
    favor: Literal["balanced", "precision", "recall"] = "precision"
    into: str = "text"
    columns: tuple[MetaColumn, ...] = ()
    honour: tuple[str, ...] = ()
    max_html_mb: int = Field(default=16, ge=1, le=1024)
    max_depth: int = Field(default=512, ge=1)
    max_seconds: float = Field(default=20, gt=0)
    keep_payload: bool = False

    reads_text = False

    def reads(self) -> tuple[str, ...]:
        """Return the columns of an archive's row."""
        return (PAYLOAD, "charset", "content_type", "url", "robots")

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the text, the payload (null afterwards) and the columns that were asked for."""
        import pyarrow as pa

        kinds = {
            "title": pa.string(),
            "author": pa.string(),
            "published": pa.string(),
            "links": pa.list_(pa.string()),
        }
        payload = {} if self.keep_payload else {PAYLOAD: pa.binary()}
        return {self.into: pa.string(), **payload, **{name: kinds[name] for name in self.columns}}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Extract the text."""
        payload = document[PAYLOAD]
        content = payload if isinstance(payload, bytes) else b""
        verdict = self._extract(document, content)
        if not self.keep_payload:
            document[PAYLOAD] = None
        return verdict

    def _extract(self, document: Document, content: bytes) -> Drop | None:
        media_type = _text_of(document["content_type"])
        kind = pages.kind_of(content, media_type)
        if kind == "binary":
            return Drop("not_text", len(content), media_type)
        if len(content) > self.max_html_mb << 20:
            return Drop("html_too_large", len(content))
        charset = _text_of(document["charset"]) or charset_of(content, None).name
        text = decode(content, charset)
        directive = robots.found(self.honour, _text_of(document["robots"]), text if kind == "html" else "")
        if directive:
            return Drop(f"robots_{directive}", None, directive)
        if kind == "text":
            document[self.into] = text
            return None
        if pages.is_deeper(text, self.max_depth):
            return Drop("html_too_deep", self.max_depth + 1)
        self._set(document, text)
        return None

    def _set(self, document: Document, html: str) -> None:
        url = _text_of(document["url"])
        if self.mode == "fast":
            page = pages.read_fast(html, url, is_main=self.content == "main", columns=self.columns)
        else:
            with pages.cpu_limit(self.max_seconds):
                page = pages.read_precise(html, url, favor=self.favor, columns=self.columns)
        document[self.into] = page.text
        for name in self.columns:
            document[name] = getattr(page, name)


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else ""
