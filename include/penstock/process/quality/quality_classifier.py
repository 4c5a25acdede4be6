"""Step ``quality_classifier``: how good a text is by a model that the user trained (``penstock quality train``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.errors import RecipeError
from penstock.process.quality.features import columns_of
from penstock.process.step import Context, Document, DocumentStep, Drop, Verdicts

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.model.classifier import Classifier


class QualityClassifier(DocumentStep):
    """Set ``quality_score`` (0 to 1) and ``quality_model`` (its version); drop (``low_quality``) below ``min_score``.

    The score is the probability of the class ``good`` by the newest model of that name whose training ended before
    the day. Without one both columns are null and the receipt says so, unless there is a ``min_score``: then the run
    does not begin. ``bert`` is for models that were trained with sentence vectors; the step ``bert`` goes before.
    """

    kind: Literal["quality_classifier"] = "quality_classifier"
    model: str = "quality"
    good: str = "good"
    min_score: float | None = Field(default=None, ge=0, le=1)
    bert: bool = False

    def reads(self) -> tuple[str, ...]:
        """Return the sentence vector, if the model needs it."""
        return ("bert",) if self.bert else ()

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the two columns."""
        import pyarrow as pa

        return {"quality_score": pa.float32(), "quality_model": pa.string()}

    def needs(self) -> tuple[str, ...]:
        """Return the model."""
        return (self.model,)

    def check(self, context: Context) -> None:
        """Refuse to decide without a model."""
        if self.min_score is None or self.model in context.models:
            return
        message = (
            f"{context.dataset} {context.run_key} process: expected an accepted model of {self.model} that is older "
            "than this day, found none in the ledger; train one (penstock quality train ... --name "
            f"{self.model} --from {context.run_key}), or take the threshold out of the step"
        )
        raise RecipeError(message)

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Judge a batch; the model is read and its sha256 checked once a process."""
        found = context.models.get(self.model)
        if found is None:
            for document in documents:
                document["quality_score"] = document["quality_model"] = None
            return [None] * len(documents)
        from penstock.model.classifier import load

        classifier = load(found.uri, found.sha256, context.lake_options())
        column = self._column_of(classifier)
        scores = classifier.probabilities(columns_of(documents, classifier.card.features, context))[:, column]
        for document, score in zip(documents, scores.tolist(), strict=True):
            document["quality_score"], document["quality_model"] = score, found.version
        return [self._judge(score) for score in scores.tolist()]

    def _judge(self, score: float) -> Drop | None:
        return Drop("low_quality", score) if self.min_score is not None and score < self.min_score else None

    def _column_of(self, classifier: Classifier) -> int:
        card = classifier.card
        if self.good not in card.classes:
            problem = f"a class {self.good!r}, the model {self.model} knows {', '.join(card.classes)}; set good to one"
        elif bool(card.features.bert_dimensions) != self.bert:
            problem = f"bert: {str(not self.bert).lower()}, for the model {self.model} was trained so"
        else:
            return card.classes.index(self.good)
        message = f"quality_classifier: expected {problem}"
        raise RecipeError(message)
