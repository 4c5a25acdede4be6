"""What a model file says about itself: which features it reads, what it was made of, and how good it is."""

from __future__ import annotations

from pydantic import Field

from penstock.params import Params

FORMAT = 1


class FeatureSpec(Params):
    """The columns that a model reads.

    ``buckets`` is the size of the hashed n-gram space (indices are below it), ``bert_dimensions`` the length of the
    sentence vector (0: not used). Both kinds come with an L2 norm of one; ``bert_scale`` weighs the vector against the
    n-grams under one regularisation.
    """

    buckets: int = Field(default=2**18, gt=0)
    bert_dimensions: int = Field(default=384, ge=0)
    bert_scale: float = Field(default=4.0, gt=0)
    languages: tuple[str, ...] = ("en", "zh")


class TrainingParams(Params):
    """How a model is trained.

    ``held_back_share`` (0 to 1) of the texts is for evaluation alone. ``regularisation`` is scikit-learn's ``C``; it
    and ``features.bert_scale`` were chosen by cross-validation on the training part (docs/model.md). Memory is bounded
    by ``max_examples`` texts; which ones are left out is decided by the texts, and counted.
    """

    features: FeatureSpec = FeatureSpec()
    held_back_share: float = Field(default=0.2, gt=0, lt=1)
    regularisation: float = Field(default=2.0, gt=0)
    max_examples: int = Field(default=500_000, gt=0)


class Score(Params):
    """Rows of one group and the share (0 to 1) of them that each of the three classified rightly.

    ``vader`` is ``None`` where VADER has no say: its lexicon is English.
    """

    rows: int = Field(ge=0)
    accuracy: float
    vader: float | None = None
    majority: float


class Metrics(Params):
    """How good a model is on the rows that were held back."""

    train_rows: int = Field(ge=0)
    held_back: Score
    by_language: dict[str, Score] = Field(default_factory=dict)
    by_source: dict[str, Score] = Field(default_factory=dict)


class ModelCard(Params):
    """Everything in a model file that is no weight."""

    format: int = FORMAT
    classes: tuple[str, ...]
    features: FeatureSpec
    metrics: Metrics
    majority_class: str
    regularisation: float = Field(gt=0)
    library: str
