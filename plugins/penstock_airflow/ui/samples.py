"""A few quarantined rows of a run, as short plain text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from penstock.lake import Lake
from penstock.ledger.views import RunDetail
from penstock.manifest import Zone
from penstock.params import Params
from penstock.parquet_stream import ParquetStream

ROWS_A_REASON = 5
ROWS_SCANNED = 5_000
TEXT_CHARS = 280
_REASONS = ("failed_expectations", "reason")  # of validate, and of transfer
_WRITING_ZONES = (Zone.LANDING, Zone.RAW, Zone.CLEAN, Zone.CHECKED)


class SampleRows(Params):
    """Rows that failed one expectation (or could not be read), cell by cell in the order of ``columns``."""

    reason: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def quarantined(lake: Lake, run: RunDetail) -> list[SampleRows]:
    """Return up to `ROWS_A_REASON` rows a reason, from the first `ROWS_SCANNED` rows of the run's quarantine."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(lake, sorted(_files(lake, run))):
        for reason in _reasons(row):
            kept = found.setdefault(reason, [])
            if len(kept) < ROWS_A_REASON:
                kept.append(row)
    return [_sample(reason, rows) for reason, rows in sorted(found.items())]


def shorten(value: Any) -> str | None:
    """Return a cell as text of at most `TEXT_CHARS` characters and an ellipsis; bytes that are no UTF-8 show as �."""
    if value is None:
        return None
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    elif isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(
        char if char.isprintable() or char in "\n\t" else "�" for char in str(value)[: TEXT_CHARS + 1]
    )
    return text if len(text) <= TEXT_CHARS else f"{text[:TEXT_CHARS]}…"


def _files(lake: Lake, run: RunDetail) -> set[str]:
    """Return the quarantine files that manifests name, and those that a failed attempt left as its evidence."""
    found = set()
    for zone in _WRITING_ZONES:
        manifest = lake.find_manifest(zone, run.dataset, run.run_key)
        if manifest is not None:
            found |= {entry.path for entry in manifest.entries(Zone.QUARANTINE)}
    for stage in run.stages:
        if stage.state == "failed":
            prefix = f"{lake.run_path(Zone.QUARANTINE, run.dataset, run.run_key)}/attempt={stage.attempt}"
            found |= {full.removeprefix(lake.root + "/") for full in lake.fs.find(lake.full(prefix))}
    return {path for path in found if path.endswith(".parquet")}


def _rows(lake: Lake, paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    left = ROWS_SCANNED
    for path in paths:
        if left <= 0:
            return
        with lake.open(path) as stream:
            for batch in ParquetStream(stream).batches(rows=min(left, 500)):
                yield from batch.to_pylist()
                left -= batch.num_rows
                if left <= 0:
                    return


def _reasons(row: dict[str, Any]) -> list[str]:
    """Return what the row failed; its column is named by the stage that put it in quarantine."""
    value = next((row[name] for name in _REASONS if row.get(name)), None)
    if value is None:
        return ["quarantined"]
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _sample(reason: str, rows: list[dict[str, Any]]) -> SampleRows:
    columns = tuple(name for name in rows[0] if name not in _REASONS)
    cells = tuple(tuple(shorten(row.get(name)) for name in columns) for row in rows)
    return SampleRows(reason=reason, columns=columns, rows=cells)
