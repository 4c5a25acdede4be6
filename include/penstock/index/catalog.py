"""The index of one dataset in the lake: which days it holds, and where their segments lie.

Layout, from the lake's root: ``index/<dataset>/<name>/days/<run_key>.json`` says what a day has (written last, in one
step: that is what makes the day visible), ``data/<run_key>/<digest>/`` holds its segment. ``compacted/<month>.json``
names a segment that has several days; it is used for a day only while that day's digest is the one it was made of, so
it can never bring back what was replaced. ``forgotten/`` remembers what was taken out on demand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from penstock.errors import CorruptionError, RecipeError, SourceError
from penstock.index.scheme import Scheme
from penstock.index.segment import Part, Segment, SegmentFile, segment_files
from penstock.params import Params

if TYPE_CHECKING:
    from penstock.index.documents import Documents
    from penstock.lake import Lake

DEFAULT_NAME = "near_duplicates"
ROOT = "index"


class DayEntry(Params):
    """What a day has in the index.

    ``digest`` names its documents, ``source`` the artefact of the process stage that they came from, ``history`` the
    days that this day was compared with (`history_digest`).
    """

    run_key: str
    digest: str
    source: str
    history: str
    rows: int
    bytes: int
    scheme: Scheme


class CompactedPart(Params):
    """One day in a compacted segment."""

    run_key: str
    digest: str
    first: int
    end: int


class Compacted(Params):
    """A segment of several days."""

    name: str
    folder: str
    bytes: int
    parts: tuple[CompactedPart, ...]


def history_digest(days: Mapping[str, str]) -> str:
    """Return the name of a history: of days and the digests of what they hold."""
    return hashlib.sha256(json.dumps(sorted(days.items())).encode()).hexdigest()


class DuplicateIndex:
    """The index ``name`` of ``dataset``: read by the process stage, written by the store stage and the command line."""

    def __init__(self, lake: Lake, dataset: str, name: str = DEFAULT_NAME) -> None:
        self.lake, self.dataset, self.name = lake, dataset, name
        self.root = f"{ROOT}/{dataset}/{name}"

    # -- what is there --------------------------------------------------------------------------------------------

    def days(self, *, before: str | None = None) -> dict[str, DayEntry]:
        """Return the days, oldest first; with ``before``, those before that one."""
        found = self._read_all("days", DayEntry)
        return {
            entry.run_key: entry
            for entry in sorted(found, key=lambda entry: entry.run_key)
            if before is None or entry.run_key < before
        }

    def compacted(self) -> list[Compacted]:
        """Return the compacted segments."""
        return sorted(self._read_all("compacted", Compacted), key=lambda segment: segment.name)

    def forgotten(self) -> frozenset[str]:
        """Return the sha256 of every id that was taken out on demand."""
        names = self._names("forgotten")
        return frozenset(name.rsplit("/", 1)[1].removesuffix(".json") for name in names)

    def history(self, scheme: Scheme, *, before: str) -> dict[str, str]:
        """Return the digest of each day before ``before``.

        Raises:
            RecipeError: when one of them was made by another scheme.
        """
        entries = self.days(before=before)
        for entry in entries.values():
            if entry.scheme.name != scheme.name:
                message = (
                    f"{self.dataset} index {self.name}: expected documents compared as {scheme.name}, as the recipe "
                    f"says, but {entry.run_key} has {entry.scheme.name}; run penstock index rebuild {self.dataset}, "
                    "or take the recipe's change back"
                )
                raise RecipeError(message)
        return {entry.run_key: entry.digest for entry in entries.values()}

    def stale_days(self) -> list[str]:
        """Return the days that were compared with another history than there is now: to be run again, oldest first."""
        known: dict[str, str] = {}
        stale: list[str] = []
        for run_key, entry in self.days().items():
            if entry.history != history_digest(known):
                stale.append(run_key)
            known[run_key] = entry.digest
        return stale

    def segments(self, wanted: Mapping[str, str]) -> list[tuple[Segment, Part]]:
        """Return where each of the wanted days (run key and digest) lies, oldest first.

        Raises:
            SourceError: when a day was replaced meanwhile and its old files are gone.
        """
        found: dict[str, tuple[Segment, Part]] = {}
        for compacted in self.compacted():
            parts = [Part(p.run_key, p.digest, p.first, p.end) for p in compacted.parts]
            segment = Segment(self.lake, compacted.folder, parts)
            found |= {p.run_key: (segment, p) for p in parts if wanted.get(p.run_key) == p.digest}
        for run_key, digest in wanted.items():
            if run_key not in found:
                folder = self.folder_of(run_key, digest)
                meta = self._meta(folder, run_key)
                part = Part(run_key, digest, 0, meta["rows"])
                found[run_key] = (Segment(self.lake, folder, [part]), part)
        return [found[run_key] for run_key in sorted(found)]

    def folder_of(self, run_key: str, digest: str) -> str:
        """Return where a day's own segment lies."""
        return f"{self.root}/data/{run_key}/{digest[:16]}"

    def _meta(self, folder: str, run_key: str) -> dict[str, Any]:
        try:
            return cast(
                "dict[str, Any]", json.loads(self.lake.fs.cat_file(self.lake.full(f"{folder}/segment.json")))
            )
        except FileNotFoundError as error:
            message = (
                f"{self.dataset} index {self.name}: expected the documents of {run_key} at {self.lake.full(folder)}, "
                "found none: the day was replaced meanwhile; run the task again, and if that does not help, "
                f"penstock index rebuild {self.dataset}"
            )
            raise SourceError(message) from error

    # -- changes --------------------------------------------------------------------------------------------------

    def publish(
        self, run_key: str, documents: Documents, scheme: Scheme, *, source: str, history: str
    ) -> DayEntry:
        """Make ``documents`` (sorted by id) what the day has, replacing what it had; forgotten ones are left out."""
        kept = self._without_forgotten(documents)
        digest, size = self.write_segment(run_key, kept, scheme)
        return self._enter(run_key, digest, size, len(kept), scheme, source=source, history=history)

    def publish_segment(
        self, run_key: str, segment: Segment, part: Part, scheme: Scheme, *, source: str, history: str
    ) -> DayEntry:
        """Do the same with all documents of a segment that is written already, by copying its files.

        Raises:
            CorruptionError: when they are not what the segment's digest says.
        """
        files = segment.files()
        if _digest_of_files(files, scheme) != part.digest:
            where = self.lake.full(segment.folder)
            message = (
                f"{self.dataset} {run_key} index {self.name}: expected the files at {where} as they were written, they "
                "were changed; run the process stage again"
            )
            raise CorruptionError(message, sample_uri=where)
        size = self._write_day(run_key, part.digest, part.end, files)
        return self._enter(run_key, part.digest, size, part.end, scheme, source=source, history=history)

    def _enter(
        self, run_key: str, digest: str, size: int, rows: int, scheme: Scheme, *, source: str, history: str
    ) -> DayEntry:
        entry = DayEntry(
            run_key=run_key,
            digest=digest,
            source=source,
            history=history,
            rows=rows,
            bytes=size,
            scheme=scheme,
        )
        self.write_entry(entry)
        return entry

    def write_segment(self, run_key: str, documents: Documents, scheme: Scheme) -> tuple[str, int]:
        """Write a day's segment; return its digest and its size. What has that digest already is kept."""
        files = segment_files(documents)
        digest = _digest_of_files(files, scheme)
        return digest, self._write_day(run_key, digest, len(documents), files)

    def _write_day(self, run_key: str, digest: str, rows: int, files: Sequence[SegmentFile]) -> int:
        folder = self.folder_of(run_key, digest)
        is_there = self.lake.fs.exists(self.lake.full(f"{folder}/segment.json"))
        # The small file is written anew in any case: a compaction takes a folder with a young file for one in use.
        meta = {"rows": rows, "run_key": run_key, "digest": digest}
        self.write_files(folder, () if is_there else files, meta)
        return sum(file.size for file in files)

    def write_files(self, folder: str, files: Sequence[SegmentFile], meta: Mapping[str, Any]) -> None:
        """Write the files of a segment; ``segment.json``, written last, says that they are whole."""
        for file in files:
            self.lake.write_atomically(f"{folder}/{file.name}", file.pieces())
        self.lake.write_atomically(f"{folder}/segment.json", json.dumps(dict(meta)).encode())

    def write_entry(self, entry: DayEntry) -> None:
        """Make an entry the day's: from here on readers see it."""
        self._write("days", entry.run_key, entry)

    def write_compacted(self, compacted: Compacted) -> None:
        """Make a compacted segment known."""
        self._write("compacted", compacted.name, compacted)

    def remember_forgotten(self, doc_id: str) -> None:
        """Keep ``doc_id`` out of what is published from now on."""
        path = f"{self.root}/forgotten/{digest_of_id(doc_id)}.json"
        self.lake.write_atomically(path, json.dumps({"doc_id": doc_id}).encode())

    def _without_forgotten(self, documents: Documents) -> Documents:
        import numpy as np

        gone = self.forgotten()
        if not gone:
            return documents
        return documents.take(np.flatnonzero([digest_of_id(doc_id) not in gone for doc_id in documents.ids]))

    # -- files ----------------------------------------------------------------------------------------------------

    def _names(self, folder: str) -> list[str]:
        return sorted(self.lake.fs.glob(self.lake.full(f"{self.root}/{folder}/*.json")))

    def _read_all(self, folder: str, kind: type[Any]) -> list[Any]:
        names = self._names(folder)
        if not names:
            return []
        contents = self.lake.fs.cat(
            names, on_error="omit"
        )  # one that goes away meanwhile was replaced by a compaction
        if isinstance(contents, bytes):
            contents = {names[0]: contents}
        return [_parse(kind, content, name) for name, content in contents.items()]

    def _write(self, folder: str, name: str, document: Params) -> None:
        content = json.dumps(document.model_dump(mode="json"), indent=1, ensure_ascii=False)
        self.lake.write_atomically(f"{self.root}/{folder}/{name}.json", content.encode())


def digest_of(files: Iterable[tuple[str, int, bytes]], scheme: Scheme) -> str:
    """Return the name of a segment's documents, from the name, size and sha256 of each of its files.

    Equal documents, compared the same way, have equal names.
    """
    digest = hashlib.sha256(scheme.name.encode())
    for name, size, sha256 in files:
        digest.update(f"{name} {size} ".encode())
        digest.update(sha256)
    return digest.hexdigest()


def _digest_of_files(files: Iterable[SegmentFile], scheme: Scheme) -> str:
    return digest_of(((file.name, file.size, file.sha256()) for file in files), scheme)


def digest_of_id(doc_id: str) -> str:
    """Return the name under which an id is remembered as forgotten."""
    return hashlib.sha256(doc_id.encode("utf-8", "surrogatepass")).hexdigest()


def index_names(lake: Lake, dataset: str) -> list[str]:
    """Return the indexes that a dataset has."""
    found = lake.fs.glob(lake.full(f"{ROOT}/{dataset}/*/days"))
    return sorted({path.rstrip("/").split("/")[-2] for path in found})


def indexed_datasets(lake: Lake) -> list[str]:
    """Return the datasets that have an index."""
    found = lake.fs.glob(lake.full(f"{ROOT}/*/*/days"))
    return sorted({path.rstrip("/").split("/")[-3] for path in found})


def _parse(kind: type[Any], content: bytes, where: str) -> Any:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        message = f"index: expected an entry as it was written, but {where} does not parse; run penstock index rebuild"
        raise CorruptionError(message, sample_uri=where) from error
