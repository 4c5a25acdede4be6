"""Rebuild the index of near-duplicates from what is published: from the artefacts of its days, or from their texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.errors import RecipeError
from penstock.index.catalog import DuplicateIndex
from penstock.index.documents import Documents, gather
from penstock.manifest import Manifest, Zone
from penstock.params import Params
from penstock.parquet_stream import ParquetStream
from penstock.process.duplicates.artefact import find_artefacts
from penstock.process.duplicates.near_duplicates import NearDuplicates
from penstock.store.duplicate_index import publish_index

if TYPE_CHECKING:
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
    """Return the published documents, signed anew, sorted by id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from penstock.index.signing import documents_of, sign

    text = recipe.process.text_column

    def parts() -> Iterator[Documents]:
        for entry in checked.entries():
            with lake.open(entry.path) as stream:
                for batch in ParquetStream(stream).batches(rows=2_000, columns=["doc_id", text]):
                    values = pa.chunked_array([sign(batch.column(text), step.scheme)])
                    ids = pa.chunked_array([batch.column("doc_id").cast(pa.string())])
                    is_signed = pc.is_valid(values)
                    yield documents_of(ids.filter(is_signed), values.filter(is_signed), step.scheme)

    found = gather(parts(), step.scheme.bands)
    order = pc.sort_indices(pa.array(found.ids, type=pa.string()))
    return found.take(order.to_numpy().astype("int64"))
