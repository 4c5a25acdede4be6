"""Step ``unicode``: one spelling of each text, without characters that no reader sees and many programs choke on."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

from penstock.process.step import Context, Document, DocumentStep

_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unicode(DocumentStep):
    """Normalise to ``form``; remove control characters, NUL and byte order marks; make every line break a line feed.

    ``unescape_html`` turns ``&amp;`` and the like into what they stand for, once. ``fix_mojibake`` lets ftfy repair
    text that was decoded with the wrong codec (``schÃ¶n``). Joiners and direction marks (emoji, right-to-left scripts)
    are kept; a lone surrogate becomes U+FFFD. Null stays null.
    """

    kind: Literal["unicode"] = "unicode"
    form: Literal["NFC", "NFKC", "none"] = "NFC"
    unescape_html: bool = False
    fix_mojibake: bool = False

    def apply(self, document: Document, context: Context) -> None:
        """Normalise the text."""
        text = document.text
        if not text:
            return
        if self.unescape_html and "&" in text:
            text = html.unescape(text)
        if not text.isascii():
            text = self._fix_beyond_ascii(text)
        document.text = _CONTROL.sub("", _LINE_BREAKS.sub("\n", text))

    def _fix_beyond_ascii(self, text: str) -> str:
        text = _SURROGATE.sub("\ufffd", text)
        if self.fix_mojibake:
            import ftfy

            text = ftfy.fix_encoding(text)
        return text if self.form == "none" else unicodedata.normalize(self.form, text)
