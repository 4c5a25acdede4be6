"""Step ``bad_words``: texts with listed words, by the definition of C4, dolma or Data-Juicer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from penstock.errors import ContractError, RecipeError
from penstock.process import pattern
from penstock.process.hashed_set import place_of
from penstock.process.quality.bounded import BoundedStep
from penstock.process.quality.rules.special import refined
from penstock.process.quality.rules.view import View
from penstock.process.step import Context, Document, Drop
from penstock.process.word_list import Listed
from penstock.process.worker_files import load

ANY_LANGUAGE = "*"
WITHOUT_BORDERS = ("ja", "th", "zh")
"""Languages in which C4 finds a word inside of others, for they are written without blanks."""

DATA_JUICER_MAX = 0.045
"""max_ratio of Data-Juicer 1.6.1's flagged_words_filter."""

C4_ALLOWED = ("sm", "グロ", "女の子", "性")
"""Parts of common words in Japanese and Chinese; each would drop more than a tenth of its language (C4's c4_utils.py).

datatrove 0.10.1 takes all four out of every list, and so does this step.
"""

_BORDER = r"[^\p{L}\p{N}_]"


class BadWords(BoundedStep):
    """Drop (``bad_words``, detail: the first word found) by a list for each language; ``*`` is for all others.

    ``definition`` says what is measured, in lower case:

    - ``c4``: 1 when a word or phrase stands between signs that are no letters, digits or ``_`` (in ja, th and zh:
      anywhere), else 0; ``max`` is 0. As datatrove's C4BadWordsFilter and the code of C4.
    - ``dolma``: 1 when a word stands between blanks or a phrase (with a blank in it) anywhere, else 0; ``max`` is 0.
      As c4_v2.
    - ``data_juicer``: the listed words by all words, without signs around them; ``max`` is 0.045. As
      flagged_words_filter without a tokenizer.

    ``allowed`` words never count, in whatever list they are; with ``c4`` they are by default the four that C4 allows.
    A document of a language without a list (the column ``lang``, else ``default_language``) is not measured;
    ``missing`` says what becomes of it: ``keep``, ``drop`` (``bad_words_no_list``, detail: the language) or ``fail``,
    which sends it to quarantine (datatrove's fail_on_missing_language, its default, ends the run). ``keep_share`` of
    the documents that ``c4`` would drop stay (datatrove's keep_fraction), chosen by ``seed`` and a hash of the text,
    where datatrove draws at random.
    """

    kind: Literal["bad_words"] = "bad_words"
    definition: Literal["c4", "dolma", "data_juicer"] = "c4"
    lists: dict[str, Listed] = Field(min_length=1)
    default_language: str = "en"
    allowed: tuple[str, ...] | None = None
    missing: Literal["keep", "drop", "fail"] = "keep"
    keep_share: float = Field(default=0.0, ge=0, le=1)
    seed: int = Field(default=0, ge=0, lt=2**64)

    @model_validator(mode="after")
    def _check_share(self) -> Self:
        if self.keep_share and self.definition != "c4":
            message = f"keep_share is for the definition c4, got {self.definition}"
            raise ValueError(message)
        return self

    def published(self) -> tuple[float | None, float | None]:
        """Return the limit of the definition."""
        return None, DATA_JUICER_MAX if self.definition == "data_juicer" else 0.0

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the lists in lower case.

        Raises:
            RecipeError: when all words of a list are allowed.
        """
        return {
            language: self._listed(language, words.entries(read)) for language, words in self.lists.items()
        }

    def _listed(self, language: str, entries: Iterable[str]) -> bytes:
        allowed = self.allowed if self.allowed is not None else C4_ALLOWED if self.definition == "c4" else ()
        words = {word.lower() for word in entries}.difference(map(str.lower, allowed))
        if not words:
            message = (
                f"bad_words: expected a word in the list {language} that is not allowed, got none; mend the list or "
                "allowed in the recipe"
            )
            raise RecipeError(message)
        return json.dumps(sorted(words)).encode()

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Look for the words."""
        language = document.language or self.default_language
        name = language if language in self.lists else ANY_LANGUAGE
        if name not in self.lists:
            return self._without_list(document, language)
        view = View(document, context.max_token_chars)
        value, word = getattr(self, f"_by_{self.definition}")(view, language, name, context)
        drop = self.judge(document, value, "bad_words", word)
        return None if drop and self._is_spared(document) else drop

    def _without_list(self, document: Document, language: str) -> Drop | None:
        if self.missing == "fail":
            message = (
                f"bad_words: expected a list for the language {language!r}, got lists for {', '.join(self.lists)}; "
                "add one (* is for all others), or set missing to keep or drop"
            )
            raise ContractError(message)
        self.judge(document, None, "bad_words")
        return Drop("bad_words_no_list", None, language) if self.missing == "drop" else None

    def _by_c4(self, view: View, language: str, name: str, context: Context) -> tuple[float, str | None]:
        parse = _anywhere if language in WITHOUT_BORDERS else _between_signs
        found = load(self, name, context, parse).search(pattern.to_bytes(view.lower))
        return (1.0, found.group(1).decode()) if found else (0.0, None)

    def _by_dolma(self, view: View, _: str, name: str, context: Context) -> tuple[float, str | None]:
        words, phrases = load(self, name, context, _words_and_phrases)
        word = next((word for word in view.lower.split() if word in words), None)
        if word is None and phrases is not None:
            found = phrases.search(pattern.to_bytes(view.lower))
            word = found.group().decode() if found else None
        return float(word is not None), word

    def _by_data_juicer(self, view: View, _: str, name: str, context: Context) -> tuple[float, str | None]:
        listed = load(self, name, context, _words)
        words = refined(part.lower() for part in view.parts)
        found = [word for word in words if word in listed]
        return (len(found) / len(words), found[0]) if found else (0.0, None)

    def _is_spared(self, document: Document) -> bool:
        return bool(self.keep_share) and place_of(document.text, self.seed) < self.keep_share


def _words(content: bytes) -> frozenset[str]:
    return frozenset(json.loads(content))


def _alternatives(words: Any) -> str:
    # A longer word first: of two that begin alike RE2 would name the first one.
    return "|".join(pattern.escape(word) for word in sorted(words, key=len, reverse=True))


def _between_signs(content: bytes) -> pattern.Compiled:
    return pattern.compiled(f"(?:^|{_BORDER})({_alternatives(_words(content))})(?:$|{_BORDER})")


def _anywhere(content: bytes) -> pattern.Compiled:
    return pattern.compiled(f"({_alternatives(_words(content))})")


def _words_and_phrases(content: bytes) -> tuple[frozenset[str], pattern.Compiled | None]:
    words = _words(content)
    phrases = [word for word in words if " " in word]
    return words.difference(phrases), pattern.compiled(_alternatives(phrases)) if phrases else None
