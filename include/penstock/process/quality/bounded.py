"""The base of steps that measure one number and compare it with bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from penstock.process.step import Document, DocumentStep, Drop

if TYPE_CHECKING:
    import pyarrow as pa


class BoundedStep(DocumentStep):
    """A number a document, kept as a column or compared with ``min`` and ``max`` (inclusive).

    ``annotate`` names the column (float, null where there is no number). Without ``min``, ``max`` and ``annotate`` the
    published limits apply, where a step has such; they are none by default.
    """

    min: float | None = None
    max: float | None = None
    annotate: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            message = f"expected max to be at least min ({self.min}), got {self.max}"
            raise ValueError(message)
        return self

    def published(self) -> tuple[float | None, float | None]:
        """Return the least and the greatest value that stay by the step's source."""
        return None, None

    @property
    def is_published(self) -> bool:
        """Whether the published limits apply."""
        return self.min is None and self.max is None and self.annotate is None

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column, if there is one."""
        import pyarrow as pa

        return {self.annotate: pa.float64()} if self.annotate else {}

    def judge(
        self, document: Document, value: float | None, reason: str, detail: str | None = None
    ) -> Drop | None:
        """Keep the number; return why the document leaves, or ``None``."""
        if self.annotate:
            document[self.annotate] = value
        least, most = self.published() if self.is_published else (self.min, self.max)
        if value is None:
            return None
        if least is not None and value < least:
            return Drop(reason, value, detail or f"less than {least:g}")
        if most is not None and value > most:
            return Drop(reason, value, detail or f"more than {most:g}")
        return None
