"""Step ``sample``: a share of the documents, always the same ones."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from penstock.process.hashed_set import place_of
from penstock.process.step import Context, Document, DocumentStep, Drop

ID_COLUMN = "doc_id"


class Sample(DocumentStep):
    """Keep a ``share`` of the documents, chosen by a hash of the column ``by``; the others leave (``not_sampled``).

    Each run and each machine keeps the same ones, whatever else is in the batch; datatrove's SamplerFilter and
    Data-Juicer's random_selector draw at random. Documents with one value, as of one address with ``by: url``, stay
    or leave together; one without a value is chosen by its ``doc_id``. What a share keeps, a greater one keeps too;
    another ``seed`` chooses others. The value of a document that leaves is the share above which it would stay.
    """

    reads_text: ClassVar[bool] = False

    kind: Literal["sample"] = "sample"
    share: float = Field(ge=0, le=1)
    by: str = ID_COLUMN
    seed: int = Field(default=0, ge=0, lt=2**64)

    def reads(self) -> tuple[str, ...]:
        """Return the columns by which it chooses."""
        return tuple(dict.fromkeys((ID_COLUMN, self.by)))

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Find the document's place."""
        value = document[self.by]
        place = place_of(str(document[ID_COLUMN] if value is None else value), self.seed)
        return None if place < self.share else Drop("not_sampled", place)
