"""Step ``sentiment``: the class of an opinion, by the newest accepted model that is older than the run's day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from penstock.process.step import Context, Document, DocumentStep, Verdicts

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.model.classifier import Classifier


class Sentiment(DocumentStep):
    """Set the class, its probability (0 to 1) and the version of the model that said so.

    Columns: reads ``lang``, ``ngram_indices``, ``ngram_values``, ``bert``; adds ``sentiment``, ``sentiment_score``,
    ``sentiment_model``. All three are null while there is no model, and for languages that the model does not know.

    ``model`` is the dataset whose flow trains it. The model of a day was trained on days before it, so that a run of
    any date, now or later, is given the same one.
    """

    reads_text: ClassVar[bool] = False

    kind: Literal["sentiment"] = "sentiment"
    model: str = "opinion_model"

    def reads(self) -> tuple[str, ...]:
        """Return the feature columns."""
        return ("lang", "ngram_indices", "ngram_values", "bert")

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the three columns."""
        import pyarrow as pa

        return {"sentiment": pa.string(), "sentiment_score": pa.float32(), "sentiment_model": pa.string()}

    def needs(self) -> tuple[str, ...]:
        """Return the model."""
        return (self.model,)

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Classify a batch; the model is read and its sha256 checked once a process."""
        found = context.models.get(self.model)
        said: dict[int, tuple[str, float]] = {}
        if found is not None:
            from penstock.model.classifier import load

            said = _classify(load(found.uri, found.sha256, context.lake_options()), documents)
        for position, document in enumerate(documents):
            label, score = said.get(position, (None, None))
            document["sentiment"], document["sentiment_score"] = label, score
            document["sentiment_model"] = found.version if found is not None and label is not None else None
        return [None] * len(documents)


def _classify(classifier: Classifier, documents: Sequence[Document]) -> dict[int, tuple[str, float]]:
    """Return class and probability by position, of the documents in a language that the model knows."""
    import pyarrow as pa

    languages = classifier.card.features.languages
    known = [position for position, document in enumerate(documents) if document["lang"] in languages]
    kinds = {"ngram_indices": pa.int32(), "ngram_values": pa.float32(), "bert": pa.float32()}
    columns = {
        name: pa.array([documents[position][name] for position in known], type=pa.list_(kind))
        for name, kind in kinds.items()
    }
    columns["lang"] = pa.array([documents[position]["lang"] for position in known], type=pa.string())
    labels, scores = classifier.predict(columns)
    return dict(zip(known, zip(labels.tolist(), scores.tolist(), strict=True), strict=True))
