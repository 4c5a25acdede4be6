"""A source that is a folder of files, here, in an object store, or behind any filesystem that fsspec knows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PrivateAttr

from penstock.errors import ContractError, RecipeError, SourceError
from penstock.ingest.compression import Compression, open_plain, plain_name
from penstock.ingest.pattern import check_pattern, fill
from penstock.ingest.source import Item, Source
from penstock.lake import Lake
from penstock.locations import ConnLike, expand_home
from penstock.stores import S3_KINDS, Store, options_of

_KNOWN = {"size": "size", "mtime": "mtime", "ETag": "etag"}


class FolderSource(Source):
    """Files below a folder, or those that fit a pattern, in the order of their paths.

    ``path`` is a folder or a glob (``*``, ``**``, ``?``, ``[...]``), local or a URI of fsspec, with ``{run_key}`` or
    ``{date:%Y/%m/%d}`` for the day and ``$PENSTOCK_HOME`` at its beginning. ``compression: infer`` unpacks ``.gz``,
    ``.bz2`` and ``.zst``; the landing file is what was inside. Fewer than ``min_files`` files break the contract.
    ``connection`` names the Airflow connection that opens the store (`penstock.stores.options_of`): key, endpoint.
    """

    kind: Literal["folder"] = "folder"
    path: Annotated[str, Field(min_length=1), AfterValidator(check_pattern)]
    compression: Compression = "infer"
    min_files: int = Field(default=0, ge=0)
    connection: str | None = Field(default=None, pattern=r"^[\w.-]+$")
    _options: dict[str, Any] = PrivateAttr(default_factory=dict)

    def connected(self, find: Callable[[str], ConnLike]) -> Self:
        """Return this source with the key and the endpoint of its connection, which no dump of it shows."""
        if self.connection is None:
            return self
        conn = find(self.connection)
        scheme = urlsplit(self.path).scheme
        if conn.conn_type in S3_KINDS and scheme not in {"s3", "s3a"}:
            message = (
                f"folder: expected a path s3://bucket/prefix with the connection {self.connection} of type "
                f"{conn.conn_type}, got {self.path}; correct ingest.source.path, or leave connection out"
            )
            raise RecipeError(message)
        copy = self.model_copy()
        copy._options = options_of(conn, f"connection {self.connection}")
        return copy

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Yield the files, with the size, and the time of change where the filesystem knows it, as provenance."""
        uri = expand_home(fill(self.path, run_key))
        store = Store(uri, self._options, self.connection)
        base, found = _list(store)
        if len(found) < self.min_files:
            message = (
                f"folder: expected at least {self.min_files} files at {store.named(uri)}, found {len(found)}; "
                "wait for the sender, correct ingest.source.path, or lower min_files"
            )
            raise ContractError(message)
        for path in found:
            yield _item(store, path, path[len(base) :].lstrip("/"), self.compression)


def _list(store: Store) -> tuple[str, list[str]]:
    """Return the folder that names are relative to, and the files' paths."""
    fs, pattern, uri = store.fs, store.path, store.named(store.uri)
    store.check()
    is_glob = any(mark in pattern for mark in "*?[")
    base = pattern.rstrip("/")
    if is_glob:
        fixed = pattern[: min(pattern.index(mark) for mark in "*?[" if mark in pattern)]
        base = fixed.rsplit("/", 1)[0] if "/" in fixed else ""
    with store.errors(store.uri):
        if not is_glob and fs.isfile(base):
            return base.rsplit("/", 1)[0], [base]
        if base and not fs.isdir(base):
            message = (
                f"folder: expected a folder at {base}, found none (ingest.source.path: {uri}); is it mounted?"
            )
            raise SourceError(message)
        found = fs.glob(pattern) if is_glob else fs.find(base)
        return base, sorted(path for path in found if not is_glob or fs.isfile(path))


def _item(store: Store, path: str, name: str, compression: Compression) -> Item:
    origin = store.fs.unstrip_protocol(path)
    open_file = functools.partial(_open, store, path, origin, compression)
    return Item(plain_name(name, compression), origin, open_file, _provenance(store, path))


def _open(
    store: Store, path: str, origin: str, compression: Compression
) -> AbstractContextManager[IO[bytes]]:
    try:
        raw = store.open(path)
    except FileNotFoundError as error:
        message = (
            f"folder: expected {origin}, which was listed a moment ago, but it is gone; is its sender done?"
        )
        raise SourceError(message) from error
    except OSError as error:
        message = (
            f"folder: expected to read {origin}, got {type(error).__name__}: {error}; correct its permissions"
        )
        raise ContractError(message, failed={"unreadable_files": 1}, sample_uri=origin) from error
    return open_plain(raw, origin, compression)


def _provenance(store: Store, path: str) -> dict[str, Any]:
    with store.errors(store.fs.unstrip_protocol(path)):
        info = store.fs.info(path)
    known = {_KNOWN[name]: info[name] for name in _KNOWN if info.get(name) is not None}
    return {name: value for name, value in known.items() if isinstance(value, int | float | str)}
