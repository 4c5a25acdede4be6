"""Duplicates among the rows that left: how many, of how many documents, and the largest groups."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from penstock.params import Params
from penstock.process import audit
from penstock.report.shown import show_counts, show_line

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST = 5
_MAX_GROUPS = 200_000


class Duplicates(Params):
    """Rows that left as duplicates, by reason; ``groups`` documents are kept for them.

    ``largest`` has the kept document and how many copies of it left.
    """

    rows: int
    share: float
    by_reason: dict[str, int] = Field(default={})
    groups: int = 0
    largest: tuple[tuple[str, int], ...] = ()


class Groups:
    """Counts duplicates, table by table, by the document that is kept (what the step says in ``drop_detail``)."""

    def __init__(self) -> None:
        self._reasons: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()

    def add(self, rows: pa.Table) -> None:
        """Take in rows with the audit columns."""
        import pyarrow.compute as pc

        is_copy = pc.match_substring(pc.fill_null(rows[audit.STEP], ""), "duplicates")
        copies = rows.filter(is_copy)
        self._reasons.update(copies[audit.REASON].to_pylist())
        if len(self._kept) < _MAX_GROUPS:
            self._kept.update(kept for kept in copies[audit.DETAIL].to_pylist() if kept)

    def found(self, *, rows_in: int) -> Duplicates | None:
        """Return what was counted, or ``None`` without any duplicate."""
        rows = sum(self._reasons.values())
        if not rows:
            return None
        return Duplicates(
            rows=rows,
            share=rows / rows_in if rows_in else 0.0,
            by_reason=show_counts(dict(self._reasons.most_common())),
            groups=len(self._kept),
            largest=tuple((show_line(kept, 40), count) for kept, count in self._kept.most_common(LARGEST)),
        )
