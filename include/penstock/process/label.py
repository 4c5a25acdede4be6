"""Step ``label``: the class of an opinion from the mean rating that people gave it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process.step import Context, Document, DocumentStep

if TYPE_CHECKING:
    import pyarrow as pa


class Label(DocumentStep):
    """Set ``label`` to ``positive``, ``neutral`` or ``negative``; a label that the source gave is kept.

    Columns: reads ``rating_column``; adds ``label``. The rating divided by ``scale`` lies in -1..1, as VADER's compound
    score does, and is classed by its published thresholds: positive from 0.05 up, negative from -0.05 down (Hutto and
    Gilbert, ICWSM 2014; raters used -4..4, hence the scale of 4). Without a rating the label is null.
    """

    kind: Literal["label"] = "label"
    rating_column: str = "rating"
    scale: float = Field(default=4.0, gt=0)
    threshold: float = Field(default=0.05, ge=0, le=1)

    def reads(self) -> tuple[str, ...]:
        """Return the rating."""
        return (self.rating_column,)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"label": pa.string()}

    def apply(self, document: Document, context: Context) -> None:
        """Set the class."""
        if document["label"] is None:
            document["label"] = self._classify(document[self.rating_column])

    def _classify(self, rating: object) -> str | None:
        if not isinstance(rating, int | float) or math.isnan(rating):
            return None
        score = rating / self.scale
        if score >= self.threshold:
            return "positive"
        return "negative" if score <= -self.threshold else "neutral"
