"""Step ``gopher_repetition``: texts that say the same again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from penstock.process.step import NativeStep

if TYPE_CHECKING:
    from penstock.text.kernel.program import Rule

Ratio = Annotated[float, Field(ge=0)]
Length = Annotated[int, Field(ge=1, le=12)]


class GopherRepetition(NativeStep):
    """Drop a text of which too much was there before: Gopher's repetition rules.

    Definition and defaults: Rae et al. 2021 (arXiv:2112.11446), table A1, as ``GopherRepetitionFilter`` of datatrove
    0.10.1 computes them (words by spaCy; parts of characters, not bytes). Reasons, in the order in which they decide:
    ``empty``, ``dup_para_frac``, ``dup_para_char_frac``, ``dup_line_frac``, ``dup_line_char_frac``, ``top_<n>_gram``,
    ``duplicated_<n>_n_grams``; the value is the part that was measured. The first four are off when null or 0.

    ``keep_metrics`` keeps each measured part in a column ``gopher_<reason>``; then none is skipped after the one that
    decides. With ``drop: false`` nothing leaves.
    """

    kind: Literal["gopher_repetition"] = "gopher_repetition"
    dup_para_frac: Ratio | None = 0.30
    dup_para_char_frac: Ratio | None = 0.20
    dup_line_frac: Ratio | None = 0.30
    dup_line_char_frac: Ratio | None = 0.20
    top_n_grams: dict[Length, Ratio] = Field(default={2: 0.20, 3: 0.18, 4: 0.16})
    dup_n_grams: dict[Length, Ratio] = Field(default={5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10})
    keep_metrics: bool = False
    drop: bool = True

    def rules(self) -> Sequence[Rule]:
        """Return the rule."""
        from penstock.text.kernel import codes
        from penstock.text.kernel.program import Rule

        parts = {
            codes.DUP_PARA: self.dup_para_frac,
            codes.DUP_PARA_CHARS: self.dup_para_char_frac,
            codes.DUP_LINE: self.dup_line_frac,
            codes.DUP_LINE_CHARS: self.dup_line_char_frac,
        }
        limits: dict[int, float] = {metric: limit for metric, limit in parts.items() if limit}
        limits |= {codes.TOP + n: limit for n, limit in self.top_n_grams.items()}
        limits |= {codes.DUP + n: limit for n, limit in self.dup_n_grams.items()}
        return (Rule(codes.REPETITION, limits, decides=self.drop, exhaustive=self.keep_metrics),)

    def metric_columns(self) -> Mapping[str, tuple[int, int]]:
        """Return a column for each reason."""
        if not self.keep_metrics:
            return {}
        from penstock.text.kernel import codes

        columns = codes.repetition_columns(self.top_n_grams, self.dup_n_grams)
        return {name: (0, metric) for name, metric in columns.items()}
