"""A published day as one side of a comparison, read from the lake."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from penstock.manifest import Manifest, Zone
from penstock.process import audit
from penstock.report.comparison import MAX_KEYS, Observed, Side, keys_of, numbers_of
from penstock.report.profile import SAMPLE_ROWS, SAMPLE_TEXT_CHARS
from penstock.report.reasons import Reasons
from penstock.report.sample import Sample, column_types, read_batches

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake
    from penstock.recipe import Recipe


def key_column(lake: Lake, dataset: str, run_key: str, text_column: str) -> Literal["document", "text"]:
    """Return by what rows of different days are the same: by their text where there is one."""
    checked = lake.manifest(Zone.CHECKED, dataset, run_key)
    return "text" if text_column in column_types(lake, checked.entries()) else "document"


def observe_day(
    lake: Lake,
    dataset: str,
    run_key: str,
    *,
    recipe: Recipe | None,
    by: Literal["document", "text"],
    seed: int = 0,
) -> Observed:
    """Return what a day keeps and what left it.

    Raises:
        ContractError: when the day has no checked rows.
    """
    text_column = recipe.process.text_column if recipe else "text"
    checked, clean = (
        lake.manifest(Zone.CHECKED, dataset, run_key),
        lake.find_manifest(Zone.CLEAN, dataset, run_key),
    )
    reasons = (
        _reasons(lake, clean, text_column, seed) if clean else Reasons(text_column=text_column, examples=0)
    )
    rows_in = clean.outcome.rows_in if clean else checked.outcome.rows_in
    found = reasons.found(recipe, rows_in=rows_in)
    steps = Counter[str]()
    for reason in found:
        steps[reason.step] += reason.rows
    held = {f"gate: {name}": rows for name, rows in checked.outcome.quarantined.items()}
    keys, one_of, sample = _kept(lake, checked, text_column if by == "text" else "doc_id", text_column, seed)
    side = Side(
        name=f"{dataset} {run_key}",
        dataset=dataset,
        run_key=run_key,
        recipe_hash=checked.recipe_hash,
        rows_in=rows_in,
        rows_out=checked.outcome.rows_out,
        dropped=sum(clean.outcome.dropped.values()) if clean else 0,
        quarantined=sum(held.values()) + (sum(clean.outcome.quarantined.values()) if clean else 0),
    )
    rows = sample.to_pylist() if sample is not None else []
    numbers = numbers_of(sample, text_column) if sample is not None else {}
    return Observed(side, found, {**steps, **held}, numbers, keys, one_of, rows, text_column)


def _reasons(lake: Lake, clean: Manifest, text_column: str, seed: int) -> Reasons:
    reasons = Reasons(text_column=text_column, examples=0, seed=seed)
    entries = (*clean.entries(Zone.DROPPED), *clean.entries(Zone.QUARANTINE))
    for table in read_batches(lake, entries, ["doc_id", *audit.COLUMNS]):
        reasons.add(table)
    return reasons


def _kept(
    lake: Lake, checked: Manifest, column: str, text_column: str, seed: int
) -> tuple[set[int], int, pa.Table | None]:
    """Return the keys of the kept rows, of which every how many-th is held, and a sample of the rows."""
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    one_of = -(-checked.outcome.rows_out // MAX_KEYS) or 1
    types = column_types(lake, checked.entries())
    shown = [name for name, kind in types.items() if not kinds.is_nested(kind) and not kinds.is_binary(kind)]
    sample, keys = Sample(SAMPLE_ROWS, seed=seed), set[int]()
    for table in read_batches(lake, checked.entries(), shown):
        if column in table.column_names:
            keys.update(key for key in keys_of(table, column) if key % one_of == 0)
        if text_column in table.column_names and kinds.is_string(table[text_column].type):
            cut = pc.utf8_slice_codeunits(table[text_column], 0, SAMPLE_TEXT_CHARS)
            table = table.set_column(table.schema.get_field_index(text_column), text_column, cut)
        sample.add(table)
    return keys, one_of, sample.rows()
