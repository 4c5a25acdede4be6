"""Step ``fasttext_classifier``: the labels of a fastText model that others trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from penstock.process.fasttext_model import Predict, check_labels, predictor, read_model, scores
from penstock.process.step import Context, Document, DocumentStep, Drop
from penstock.process.worker_files import load

if TYPE_CHECKING:
    import pyarrow as pa

REASON = "fasttext_classifier"


class FasttextClassifier(DocumentStep):
    """Drop (``fasttext_classifier``) by the labels that a fastText model gives a text; or keep what it says.

    ``model`` is a ``.bin`` or ``.ftz`` of a supervised model: a URI, an absolute path, or a path from the lake's root;
    with ``sha256`` a changed file is refused. A text stays when one of ``keep_labels`` (label, without ``__label__``,
    to the least score) has at least its score, and none of ``remove_labels`` has. The detail is the label that
    decided (of several to keep, the one that came nearest) and the value its score.

    ``annotate`` sets that column to the likeliest label and ``<column>_score`` to its score (0 to 1), ``scores`` sets
    columns to the scores of single labels (``{hate: toxic}``). Null, and no label, is the answer to a text of which
    the model knows nothing; with ``keep_labels`` it leaves, without a value.

    The model sees the first ``max_token_chars`` characters as one line, each line break as ``newline_replacement``.
    With an empty one this is FastTextClassifierFilter of datatrove 0.10.1; DCLM and dolma classify with a blank. With
    ``unit: line`` (datatrove's PARAGRAPH) it sees each line for itself, and those that do not stay leave the text,
    with the blank lines after them; columns get the means of the lines, and a text of which no line stays is dropped
    for its first one.

    The file is copied into the run and held in the memory of each worker.
    """

    kind: Literal["fasttext_classifier"] = "fasttext_classifier"
    model: str = Field(min_length=1)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    keep_labels: dict[str, float] = Field(default={})
    remove_labels: dict[str, float] = Field(default={})
    annotate: str | None = Field(default=None, min_length=1)
    scores: dict[str, str] = Field(default={})
    unit: Literal["document", "line"] = "document"
    newline_replacement: str = Field(default=" ", pattern=r"^[^\n]*$")

    @model_validator(mode="after")
    def _check_use(self) -> Self:
        if not (self.keep_labels or self.remove_labels or self.annotate or self.scores):
            message = "expected keep_labels, remove_labels, annotate or scores, got none of them"
            raise ValueError(message)
        bounds = {**self.keep_labels, **self.remove_labels}
        wrong = {label: score for label, score in bounds.items() if not 0 <= score <= 1}
        if wrong:
            message = f"expected scores from 0 to 1, got {wrong}"
            raise ValueError(message)
        return self

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns."""
        import pyarrow as pa

        columns = dict.fromkeys(self.scores, pa.float32())
        if self.annotate:
            columns |= {self.annotate: pa.string(), f"{self.annotate}_score": pa.float32()}
        return columns

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the model, when it is one and knows the labels.

        Raises:
            RecipeError: when it is not there, is not of this sha256, is broken, or has other labels.
        """
        content, labels = read_model(read, self.model, self.sha256, step=self.kind)
        named = (*self.keep_labels, *self.remove_labels, *self.scores.values())
        check_labels(named, labels, self.model, step=self.kind)
        return {"model": content}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Classify the text, or its lines."""
        predict = load(self, "model", context, predictor)
        if self.unit == "line" and document.text and not document.text.isspace():
            return self._sift(document, predict)
        text = document.text[: context.max_token_chars].strip()
        found = scores(predict, text.replace("\n", self.newline_replacement))
        self._note(document, found)
        return self._judge(found)

    def _sift(self, document: Document, predict: Predict) -> Drop | None:
        """Take the lines out that do not stay."""
        lines = document.text.split("\n")
        found = {
            number: scores(predict, line.strip()) for number, line in enumerate(lines) if not _is_blank(line)
        }
        self._note(document, _means(list(found.values())))
        verdicts = {number: self._judge(each) for number, each in found.items()}
        if all(verdicts.values()):
            return next(iter(verdicts.values()))
        if any(verdicts.values()):
            kept: list[str] = []
            verdict = None
            for number, line in enumerate(lines):
                verdict = verdicts.get(number, verdict)  # blank lines share the lot of the line before
                kept += [line] if verdict is None else []
            document.text = "\n".join(kept)
        return None

    def _note(self, document: Document, found: Mapping[str, float]) -> None:
        for column, label in self.scores.items():
            document[column] = found.get(label)
        if self.annotate:
            best = next(iter(found.items()), (None, None))
            document[self.annotate], document[f"{self.annotate}_score"] = best

    def _judge(self, found: Mapping[str, float]) -> Drop | None:
        for label, most in self.remove_labels.items():
            if label in found and found[label] >= most:
                return Drop(REASON, found[label], label)
        if not self.keep_labels:
            return None
        nearest = max(self.keep_labels, key=lambda label: found.get(label, -1.0) - self.keep_labels[label])
        score = found.get(nearest)
        return (
            None if score is not None and score >= self.keep_labels[nearest] else Drop(REASON, score, nearest)
        )


def _is_blank(line: str) -> bool:
    return not line or line.isspace()


def _means(found: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """Return the mean of each label over the lines that have it; the likeliest comes first."""
    values: dict[str, list[float]] = {}
    for each in found:
        for label, score in each.items():
            values.setdefault(label, []).append(score)
    means = {label: sum(each) / len(each) for label, each in values.items()}
    return dict(sorted(means.items(), key=lambda item: -item[1]))
