"""Rows in quarantine, by the promise that they broke or the reason why they could not be read, with examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from penstock.manifest import Zone
from penstock.receipt import Stage
from penstock.report.reasons import NAME_CHARS, Example, Reason, example_of
from penstock.report.sample import Sample, read_batches
from penstock.report.shown import show, show_line

if TYPE_CHECKING:
    from penstock.lake import Lake
    from penstock.manifest import Manifest

EXAMPLES = 3
_REASON_COLUMNS = {Stage.TRANSFER: "reason", Stage.VALIDATE: "failed_expectations"}


def quarantined(
    lake: Lake, manifests: Mapping[Stage, Manifest], text_column: str, seed: int = 0
) -> Iterator[Reason]:
    """Yield what transfer and validate sent to quarantine; what process did is with its reasons."""
    for stage, column in _REASON_COLUMNS.items():
        manifest = manifests.get(stage)
        if manifest is None or not manifest.outcome.quarantined:
            continue
        samples = _samples(lake, manifest, column, seed)
        counts = sorted(manifest.outcome.quarantined.items(), key=lambda pair: (-pair[1], pair[0]))
        for reason, rows in counts:
            found = samples.get(reason)
            table = found.rows() if found else None
            yield Reason(
                step=stage.value,
                reason=show_line(reason, NAME_CHARS),
                rows=rows,
                share=rows / manifest.outcome.rows_in if manifest.outcome.rows_in else 0.0,
                is_failure=True,
                examples=tuple(_examples(table.to_pylist() if table is not None else (), text_column)),
            )


def _samples(lake: Lake, manifest: Manifest, column: str, seed: int) -> dict[str, Sample]:
    import pyarrow as pa

    samples: dict[str, Sample] = {}
    for table in read_batches(lake, manifest.entries(Zone.QUARANTINE)):
        if column not in table.column_names:
            continue
        first = [
            value[0] if isinstance(value, list) and value else value for value in table[column].to_pylist()
        ]
        for reason in {str(value) for value in first if value}:
            mask = pa.array([str(value) == reason for value in first])
            samples.setdefault(reason, Sample(EXAMPLES, seed=seed)).add(table.filter(mask))
    return samples


def _examples(rows: Iterable[dict[str, Any]], text_column: str) -> Iterator[Example]:
    for row in rows:
        made = example_of(row, text_column)
        if isinstance(row.get("raw"), bytes):
            made = made.model_copy(update={"text": show(row["raw"]), "detail": show(row.get("detail"), 120)})
        yield made
