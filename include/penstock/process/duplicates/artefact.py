"""What a day will add to the index: written by the process stage beside its rows, made visible by the store stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from penstock.errors import CorruptionError
from penstock.index.catalog import digest_of
from penstock.index.scheme import Scheme
from penstock.index.segment import Part, Segment, segment_files
from penstock.manifest import Manifest, Zone
from penstock.params import Params

if TYPE_CHECKING:
    from penstock.index.documents import Documents
    from penstock.lake import Attempt, Lake

EXTRA_KEY = "duplicate_index"


class IndexArtefact(Params):
    """A segment of an attempt: where it lies from the lake's root, its documents, and what they were compared with."""

    folder: str
    digest: str
    rows: int
    history: str
    scheme: Scheme

    def segment(self, lake: Lake, run_key: str) -> tuple[Segment, Part]:
        """Return the segment, opened."""
        part = Part(run_key, self.digest, 0, self.rows)
        return Segment(lake, self.folder, [part]), part


def leave_artefact(
    attempt: Attempt, name: str, documents: Documents, scheme: Scheme, *, history: str
) -> IndexArtefact:
    """Write the segment of ``documents`` (sorted by id) into the attempt."""
    written: list[tuple[str, int, bytes]] = []
    for file in segment_files(documents):
        with attempt.create(f"index/{name}/{file.name}", zone=Zone.ARTEFACT) as stream:
            for piece in file.pieces():
                stream.write(piece)
        written.append((file.name, file.size, bytes.fromhex(stream.sha256)))
    folder = attempt.path(f"index/{name}", zone=Zone.ARTEFACT)
    return IndexArtefact(
        folder=folder,
        digest=digest_of(written, scheme),
        rows=len(documents),
        history=history,
        scheme=scheme,
    )


def find_artefacts(clean: Manifest) -> dict[str, IndexArtefact]:
    """Return what the process stage left, by the name of the index.

    Raises:
        CorruptionError: when the manifest names something else under that key.
    """
    written: dict[str, Any] = clean.extra.get(EXTRA_KEY, {})
    try:
        return {name: IndexArtefact.model_validate(value) for name, value in written.items()}
    except (ValidationError, AttributeError) as error:
        message = (
            f"{clean.dataset} {clean.run_key}: expected segments of the index in the clean manifest's extra, got "
            f"{str(written)[:200]}; run the process stage again"
        )
        raise CorruptionError(message) from error
