"""A source that is a folder of files, here or behind any filesystem that fsspec knows."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from penstock.errors import ContractError, SourceError
from penstock.ingest.compression import Compression, open_plain, plain_name
from penstock.ingest.pattern import check_pattern, fill
from penstock.ingest.source import Item, Source
from penstock.lake import Lake
from penstock.locations import expand_home


class FolderSource(Source):
    """Files below a folder, or those that fit a pattern, in the order of their paths.

    ``path`` is a folder or a glob (``*``, ``**``, ``?``, ``[...]``), local or a URI of fsspec, with ``{run_key}`` or
    ``{date:%Y/%m/%d}`` for the day and ``$PENSTOCK_HOME`` at its beginning. ``compression: infer`` unpacks ``.gz``,
    ``.bz2`` and ``.zst``; the landing file is what was inside. Fewer than ``min_files`` files break the contract.
    """

    kind: Literal["folder"] = "folder"
    path: Annotated[str, Field(min_length=1), AfterValidator(check_pattern)]
    compression: Compression = "infer"
    min_files: int = Field(default=0, ge=0)

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Yield the files, with the size, and the time of change where the filesystem knows it, as provenance."""
        import fsspec

        uri = expand_home(fill(self.path, run_key))
        fs, pattern = fsspec.core.url_to_fs(uri)
        base, found = _list(fs, pattern, uri)
        if len(found) < self.min_files:
            message = (
                f"folder: expected at least {self.min_files} files at {uri}, found {len(found)}; "
                "wait for the sender, correct ingest.source.path, or lower min_files"
            )
            raise ContractError(message)
        for path in found:
            yield _item(fs, path, path[len(base) :].lstrip("/"), self.compression)


def _list(fs: Any, pattern: str, uri: str) -> tuple[str, list[str]]:
    """Return the folder that names are relative to, and the files' paths."""
    is_glob = any(mark in pattern for mark in "*?[")
    base = pattern.rstrip("/")
    if is_glob:
        fixed = pattern[: min(pattern.index(mark) for mark in "*?[" if mark in pattern)]
        base = fixed.rsplit("/", 1)[0] if "/" in fixed else ""
    elif fs.isfile(base):
        return base.rsplit("/", 1)[0], [base]
    try:
        if base and not fs.isdir(base):
            message = (
                f"folder: expected a folder at {base}, found none (ingest.source.path: {uri}); is it mounted?"
            )
            raise SourceError(message)
        found = fs.glob(pattern) if is_glob else fs.find(base)
        return base, sorted(path for path in found if not is_glob or fs.isfile(path))
    except OSError as error:
        message = f"folder: expected to list {uri}, got {type(error).__name__}: {error}; is it mounted and readable?"
        raise SourceError(message) from error


def _item(fs: Any, path: str, name: str, compression: Compression) -> Item:
    origin = fs.unstrip_protocol(path)
    open_file = functools.partial(_open, fs, path, origin, compression)
    return Item(plain_name(name, compression), origin, open_file, _provenance(fs, path))


def _open(fs: Any, path: str, origin: str, compression: Compression) -> AbstractContextManager[IO[bytes]]:
    try:
        raw = fs.open(path, "rb")
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


def _provenance(fs: Any, path: str) -> dict[str, Any]:
    info = fs.info(path)
    known = {name: info[name] for name in ("size", "mtime") if info.get(name) is not None}
    return {name: value for name, value in known.items() if isinstance(value, int | float | str)}
