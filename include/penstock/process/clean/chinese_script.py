"""Step ``chinese_script``: traditional to simplified characters, and back (OpenCC)."""

from __future__ import annotations

import functools
from typing import Any, Literal

from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document
from penstock.process.texts import encodable
from penstock.process.tokenizer import han_runs

Conversion = Literal[
    "t2s", "s2t", "tw2s", "s2tw", "tw2sp", "s2twp", "hk2s", "s2hk", "t2tw", "tw2t", "t2hk", "hk2t"
]
CHINESE = ("zh", "yue", "wuu")


class ChineseScript(Mapper):
    """Convert Han characters by a configuration of OpenCC.

    ``t2s`` is traditional to simplified, ``s2t`` back; ``tw`` and ``hk`` are the standards of Taiwan and Hong Kong, a
    ``p`` also changes words. A document whose language is known (column ``lang``) and not Chinese is left alone:
    Japanese has characters of both.
    """

    kind: Literal["chinese_script"] = "chinese_script"
    conversion: Conversion = "t2s"

    def clean(self, text: str, document: Document) -> str:
        """Convert."""
        if document.language not in (None, *CHINESE) or text.isascii() or not han_runs(text):
            return text
        converted: str = _converter(self.conversion).convert(encodable(text))
        return converted


@functools.cache
def _converter(conversion: str) -> Any:
    import opencc

    return opencc.OpenCC(conversion)
