"""Rebuild the index of near-duplicates from what is published: from the artefacts of its days, or from their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.errors import RecipeError
from penstock.index.catalog import DuplicateIndex
from penstock.index.documents import Documents, fixed_bytes, ragged
from penstock.index.shingles import pack_evidence
from penstock.manifest import Manifest, Zone
from penstock.params import Params
from penstock.process.document_pass import run_batch
from penstock.process.duplicates.artefact import find_artefacts
from penstock.process.duplicates.near_duplicates import SHINGLES, SIGNATURE, NearDuplicates
from penstock.process.plan import DocumentPass, build_passes
from penstock.process.step import Context
from penstock.store.duplicate_index import publish_index

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake
    from penstock.recipe import Recipe


class Rebuilt(Params):
    """How a day came back: from its ``artefact``, from the published ``text``, or not (``run it``: it was changed)."""

    run_key: str
    source: str
    documents: int


def rebuild_index(lake: Lake, recipe: Recipe, run_key: str | None = None) -> list[Rebuilt]:
    """Write the entries of the published days anew (of one day with ``run_key``), oldest first.

    A day whose artefact was made by the recipe's scheme gets its entry from that, another one from its published texts.

    Raises:
        RecipeError: when the recipe has no step ``near_duplicates`` with an index.
    """
    step = _step(recipe)
    done: list[Rebuilt] = []
    for key in lake.run_keys(Zone.PUBLISHED, recipe.dataset):
        if run_key is not None and key != run_key:
            continue
        published = lake.manifest(Zone.PUBLISHED, recipe.dataset, key)
        checked = lake.manifest(Zone.CHECKED, recipe.dataset, key)
        clean = lake.manifest(Zone.CLEAN, recipe.dataset, key)
        index = DuplicateIndex(lake, recipe.dataset, step.index or "")
        artefact = find_artefacts(clean).get(index.name)
        if not _follows(published, checked) or not _follows(checked, clean):
            done.append(Rebuilt(run_key=key, source="run it", documents=0))
            continue
        if artefact is not None and artefact.scheme == step.scheme:
            publish_index(lake, clean, checked)
            source = "artefact"
        else:
            documents = _documents(lake, recipe, step, checked)
            history = artefact.history if artefact is not None else ""
            of = artefact.digest if artefact is not None else "text"
            index.publish(key, documents, step.scheme, source=of, history=history)
            source = "text"
        done.append(Rebuilt(run_key=key, source=source, documents=index.days()[key].rows))
    return done


def _follows(child: Manifest, parent: Manifest) -> bool:
    return any(ref.fingerprint == parent.fingerprint for ref in child.parents)


def _step(recipe: Recipe) -> NearDuplicates:
    for step in recipe.process.steps:
        if isinstance(step, NearDuplicates) and step.index is not None:
            return step
    message = (
        f"recipe {recipe.dataset}: expected a process step near_duplicates with an index, found none; "
        "an index is made by that step"
    )
    raise RecipeError(message)


def _documents(lake: Lake, recipe: Recipe, step: NearDuplicates, checked: Manifest) -> Documents:
    """Return the published documents, signed by the recipe's own steps, sorted by id."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import parquet

    signed = [_empty()]
    for entry in checked.entries():
        with lake.open(entry.path) as stream:
            file = parquet.ParquetFile(stream)
            signed += [_signed(batch, recipe, step) for batch in file.iter_batches(batch_size=2_000)]
    table = pa.concat_tables(signed)
    table = table.filter(pc.is_valid(table[SIGNATURE]))
    table = table.take(pc.sort_indices(table["doc_id"]))
    evidence, offsets = ragged(table["evidence"])
    keys = step.scheme.band_keys(fixed_bytes(table[SIGNATURE], step.scheme.signature_bytes))
    return Documents(table["doc_id"].to_pylist(), keys, evidence, offsets)


def _empty() -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "doc_id": pa.array([], type=pa.string()),
            SIGNATURE: pa.array([], type=pa.binary()),
            "evidence": pa.array([], type=pa.binary()),
        }
    )


def _signed(batch: pa.RecordBatch, recipe: Recipe, step: NearDuplicates) -> pa.Table:
    """Return ids, signatures and evidence of a batch, as the steps of the recipe that add them make them."""
    import pyarrow as pa

    from penstock.process import audit

    text_column = recipe.process.text_column
    context = Context(dataset=recipe.dataset, run_key="", text_column=text_column)
    makers = [one for one in recipe.process.steps if SIGNATURE in one.adds()]
    table = pa.Table.from_batches([batch])
    for name, kind in audit.TYPES.items():
        nulls = pa.nulls(len(table), pa.string() if kind == "string" else pa.float64())
        table = table.drop_columns([name]) if name in table.column_names else table
        table = table.append_column(name, nulls)
    for made in build_passes(makers, context):
        if isinstance(made, DocumentPass):
            table = pa.Table.from_batches(
                [run_batch(made, one) for one in table.combine_chunks().to_batches()], None
            )
    return pa.table(
        {
            "doc_id": table["doc_id"].cast(pa.string()),
            SIGNATURE: table[SIGNATURE].cast(pa.binary()),
            "evidence": _evidence(table, step, text_column),
        }
    )


def _evidence(table: pa.Table, step: NearDuplicates, text_column: str) -> Any:
    import pyarrow as pa

    if step.verify == "none":
        return pa.nulls(len(table), pa.binary())
    if step.verify == "signature":
        return table[SIGNATURE].cast(pa.binary())
    if SHINGLES in table.column_names:
        return table[SHINGLES].cast(pa.binary())
    return pa.array(pack_evidence(table[text_column].to_pylist(), step.sketch), type=pa.binary())
