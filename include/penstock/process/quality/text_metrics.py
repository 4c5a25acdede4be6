"""Step ``text_metrics``: everything that the reference rules measure, as columns; nothing leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from penstock.process.quality.c4 import C4
from penstock.process.quality.fineweb import Fineweb
from penstock.process.quality.gopher_quality import GopherQuality
from penstock.process.quality.gopher_repetition import GopherRepetition
from penstock.process.step import NativeStep

if TYPE_CHECKING:
    from penstock.text.kernel.program import Rule


class TextMetrics(NativeStep):
    """Keep all metrics of Gopher, C4 and FineWeb of each text as columns; drop and change nothing.

    They are those of the four steps with ``keep_metrics`` (which say what they mean), all of the text as it is here:
    ``gopher_*`` (21), ``c4_*`` (3), ``fineweb_*`` (5). Null where a text has nothing to divide by. Thresholds and
    reports are then plain SQL over the columns.
    """

    kind: Literal["text_metrics"] = "text_metrics"

    def rules(self) -> Sequence[Rule]:
        """Return the rules of the four steps, none of which decides."""
        from penstock.text.kernel import codes
        from penstock.text.kernel.program import Rule

        rules = [rule for step in _parts() for rule in step.rules()]
        unchanged = {codes.CHANGES_TEXT: 0.0}
        return [
            Rule(
                rule.kind,
                {**rule.limits, **(unchanged if rule.kind == codes.C4 else {})},
                decides=False,
                exhaustive=True,
                strings=rule.strings,
            )
            for rule in rules
        ]

    def metric_columns(self) -> Mapping[str, tuple[int, int]]:
        """Return the columns of the four steps."""
        return {
            name: (number, metric)
            for number, step in enumerate(_parts())
            for name, (_, metric) in step.metric_columns().items()
        }


def _parts() -> tuple[NativeStep, ...]:
    return (
        GopherRepetition(keep_metrics=True),
        GopherQuality(keep_metrics=True),
        C4(keep_metrics=True),
        Fineweb(keep_metrics=True),
    )
