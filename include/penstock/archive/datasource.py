"""Crawl archives for any Spark user: ``spark.read.format("penstock_archive").load("s3://crawl/*.warc.gz")``.

Register it once in a session: ``spark.dataSource.register(ArchiveSource)``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pyspark.sql.datasource import (  # noqa: TID253 - imported by Spark's own processes alone
    DataSource,
    DataSourceReader,
    InputPartition,
)

from penstock.archive.frames import Frame, read_frames
from penstock.archive.rows import PayloadError, Row, RowRules, SkippedError, row_of
from penstock.archive.splits import Split, has_member_per_record, plan
from penstock.errors import RecipeError
from penstock.locations import connection_of
from penstock.params import Params
from penstock.ranges import RangeReader
from penstock.stores import Store, options_of

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_BYTES, _BATCH_ROWS = 32 << 20, 2000
_SCHEMA = (
    "record_id string, record_type string, url string, crawled_at timestamp, content_type string, status bigint, "
    "charset string, charset_source string, robots string, payload binary, digest string, flags string, "
    "offset bigint, inner_offset bigint, file string, error string, error_detail string"
)


class ArchiveOptions(Params):
    """The options of the data source, all given as text.

    ``path`` is a file, folder or glob, local or a URI of fsspec; several are parted by commas. ``connection`` names one
    of Airflow's that lies in the environment of the Spark server (``AIRFLOW_CONN_<NAME>``). ``types``, ``statuses``
    and ``content_types`` are lists parted by commas (`penstock.archive.rows.RowRules`). ``split_mb`` (megabytes; 0:
    never) cuts files of a gzip member a record. ``max_record_mb`` bounds a record. ``resume`` is a JSON object: file to
    the offset of the first record that is still to be read. With ``errors: skip`` records that cannot be read are left
    out; by default they are rows with ``error`` and without a payload.
    """

    path: str
    connection: str | None = None
    types: str = "response,resource,conversion"
    statuses: str = ""
    content_types: str = ""
    split_mb: int = 128
    max_record_mb: int = 64
    resume: str = "{}"
    errors: str = "keep"

    def rules(self) -> RowRules:
        """Return which records become rows."""
        return RowRules(
            types=_list(self.types),
            statuses=tuple(int(status) for status in _list(self.statuses)),
            content_types=_list(self.content_types),
        )


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


class ArchiveSource(DataSource):  # type: ignore[misc]
    """The data source ``penstock_archive``; columns: those of `penstock.archive.rows.Row`, ``file`` and ``error``."""

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "penstock_archive"

    def schema(self) -> str:
        """Return the columns."""
        return _SCHEMA

    def reader(self, schema: Any) -> DataSourceReader:
        """Return the reader.

        Raises:
            RecipeError: an option is unknown or wrong.
        """
        try:
            options = ArchiveOptions.model_validate(_known(self.options))
        except ValueError as error:
            message = (
                f"penstock_archive: expected the options of ArchiveOptions, got {dict(self.options)}: {error}"
            )
            raise RecipeError(message) from error
        return ArchiveReader(options)


def _known(options: Mapping[str, str]) -> dict[str, str]:
    """Return the options by our names: Spark lowers those that it was given."""
    return {name.lower(): value for name, value in options.items()}


class _Part(InputPartition):  # type: ignore[misc]
    """One split, as it travels to an executor."""

    def __init__(self, split: Split) -> None:
        self.split = split


class ArchiveReader(DataSourceReader):  # type: ignore[misc]
    """Reads archives; each split by itself, so that a task that is tried again gives the same rows."""

    def __init__(self, options: ArchiveOptions) -> None:
        self.options = options
        self._store_options = _store_options(options.connection)

    def partitions(self) -> Sequence[InputPartition]:
        """Return the splits.

        Raises:
            RecipeError: there is no file at the path, or its store refuses the key.
        """
        files = self._files()
        split_bytes = self.options.split_mb << 20
        splittable = {
            uri: has_member_per_record(stream)
            for uri, size in files.items()
            if split_bytes and size > split_bytes
            for stream in [self._opened(uri)]
        }
        resume = {str(uri): int(offset) for uri, offset in json.loads(self.options.resume).items()}
        return [
            _Part(split)
            for split in plan(files, split_bytes=split_bytes, is_splittable=splittable, resume=resume)
        ]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield batches of at most 32 MB of payloads, or one longer record."""
        schema = _arrow_schema()
        rows: list[tuple[Any, ...]] = []
        size = 0
        for row in self._rows(partition.split):
            rows.append(row)
            size += len(row[Row._fields.index("payload")] or b"")
            if size >= _BATCH_BYTES or len(rows) >= _BATCH_ROWS:
                yield _batch(rows, schema)
                rows, size = [], 0
        if rows:
            yield _batch(rows, schema)

    def _rows(self, split: Split) -> Iterator[tuple[Any, ...]]:
        rules, bound = self.options.rules(), self.options.max_record_mb << 20
        with ExitStack() as stack:
            stream = stack.enter_context(self._opened(split.uri))
            if split.start:
                stream.seek(split.start)
            frames = read_frames(
                stream, max_bytes=bound, start=split.start, end=split.end, wanted=frozenset(rules.types)
            )
            for frame in frames:
                try:
                    if frame.bad:
                        raise PayloadError(reason=frame.bad, detail=frame.detail)
                    yield (*row_of(frame, rules, max_bytes=bound), split.uri, None, None)
                except SkippedError:
                    continue
                except PayloadError as error:
                    if self.options.errors != "skip":
                        yield _error_row(frame, split.uri, error)
            if isinstance(stream, RangeReader):
                stream.check()

    def _files(self) -> dict[str, int]:
        """Return the files' URIs and sizes."""
        found: dict[str, int] = {}
        for part in _list(self.options.path):
            store = self._store(part)
            store.check()
            with store.errors(part):
                found |= _sizes(store)
        if not found:
            message = f"penstock_archive: expected files at {self.options.path}, found none; correct the path"
            raise RecipeError(message)
        return found

    def _store(self, uri: str) -> Store:
        return Store(uri, self._store_options, self.options.connection)

    def _opened(self, uri: str) -> Any:
        store = self._store(uri)
        return store.open(store.path)


def _error_row(frame: Frame, uri: str, error: PayloadError) -> tuple[Any, ...]:
    empty = dict.fromkeys(Row._fields)
    known = {
        "record_id": frame.headers.get("warc-record-id"),
        "record_type": frame.kind,
        "url": frame.headers.get("warc-target-uri"),
        "offset": frame.offset,
        "inner_offset": frame.inner_offset,
    }
    return (*{**empty, **known}.values(), uri, error.reason, error.detail)


def _store_options(connection: str | None) -> dict[str, Any]:
    if connection is None:
        return {}
    found = connection_of(os.environ, connection)
    if found is None:
        message = (
            f"penstock_archive: expected the connection {connection} in AIRFLOW_CONN_{connection.upper()} of the Spark "
            "server's environment, found none; set it where that server starts, or leave connection out"
        )
        raise RecipeError(message)
    return options_of(found, f"connection {connection}")


def _sizes(store: Store) -> dict[str, int]:
    """Return the URI and the size of each file of a store's folder, glob or file."""
    fs, pattern = store.fs, store.path
    if any(mark in pattern for mark in "*?["):
        paths = fs.glob(pattern)
    else:
        # Of HTTP every address is a file; to ask whether it is a folder would fetch it whole.
        paths = [pattern] if fs.isfile(pattern) else fs.find(pattern)
    infos = [fs.info(name) for name in paths]
    return {
        fs.unstrip_protocol(info["name"]): info.get("size") or 0 for info in infos if info["type"] == "file"
    }


def _batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _arrow_schema() -> pa.Schema:
    """Return `_SCHEMA` in Arrow's types: the executors have no session that could parse it."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "binary": pa.binary(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    pairs = [column.split(" ") for column in _SCHEMA.split(", ")]
    return pa.schema([(name, types[kind]) for name, kind in pairs])
