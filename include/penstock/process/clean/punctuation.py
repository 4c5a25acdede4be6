"""Step ``punctuation``: one spelling for quotation marks, dashes, ellipses and bullets."""

from __future__ import annotations

import functools
import re
from types import MappingProxyType
from typing import Literal

from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document

Kind = Literal["quotes", "angle_quotes", "dashes", "ellipses", "bullets", "full_width"]

_TABLES: MappingProxyType[str, dict[str, str]] = MappingProxyType(
    {
        "quotes": {**dict.fromkeys("“”„‟″", '"'), **dict.fromkeys("‘’‚‛′´", "'")},
        "angle_quotes": {**dict.fromkeys("«»「」『』《》", '"'), **dict.fromkeys("‹›", "'")},
        "dashes": dict.fromkeys("‐‑‒–—―−━", "-"),
        "ellipses": {"…": "...", "‥": ".."},
        "full_width": {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
        | {"。": ".", "、": ","},
    }
)
# Data-Juicer 1.6.1, punctuation_normalization_mapper.py (after CCNet): its "１" becomes a quotation mark there, too.
_DATA_JUICER = MappingProxyType(
    dict(zip("，。、？！（）；：∶％～【】〈〉–━►", ",.,?!();::%~[]<>---", strict=True))
    | dict.fromkeys("„”“«»１」「《》", '"')
    | dict.fromkeys("´’", "'")
    | {"—": " - ", "．": ". ", "…": "..."}
)
_BULLET = re.compile(r"^([ \t]*)[•‣⁃⁌⁍∙○●◘◦⦾⦿▪▫■□◆◇►▶➢➤✓✔·*+][ \t]+", re.MULTILINE)


class Punctuation(Mapper):
    """Replace signs by their plain spelling.

    ``kinds``: ``quotes`` (curly to straight), ``angle_quotes`` (« 「 《 and the like), ``dashes`` (to a hyphen),
    ``ellipses`` (to dots), ``bullets`` (at the beginning of lines, to ``- ``), ``full_width`` (forms of ASCII and the
    Chinese full stop). ``definition: data_juicer`` is punctuation_normalization_mapper instead.
    """

    kind: Literal["punctuation"] = "punctuation"
    kinds: tuple[Kind, ...] = ("quotes",)
    definition: Literal["penstock", "data_juicer"] = "penstock"

    def clean(self, text: str, document: Document) -> str:
        """Replace the signs."""
        if "bullets" in self.kinds and self.definition == "penstock":
            text = _BULLET.sub(r"\1- ", text)
        if text.isascii():
            return text
        return text.translate(_table(self.kinds if self.definition == "penstock" else None))


@functools.cache
def _table(kinds: tuple[Kind, ...] | None) -> dict[int, str]:
    if kinds is None:
        return str.maketrans(dict(_DATA_JUICER))
    return str.maketrans({sign: plain for kind in kinds for sign, plain in _TABLES.get(kind, {}).items()})
