"""Files that steps need on every worker (lists, indexes): made once a run, read and checked once a process.

The stage asks each step to `Step.prepare` its files, leaves them as artefacts of the attempt and tells the workers
where they lie. Outside of a stage (a test, a trial) a step makes its own, once a process.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

from penstock.errors import RecipeError, SourceError
from penstock.lake import Attempt, Lake
from penstock.manifest import Zone
from penstock.model.artefact import read_checked
from penstock.process.step import Context, FileRef, Step

T = TypeVar("T")
MAX_LOADED = 32

_loaded: OrderedDict[tuple[str, Callable[[bytes], object]], object] = OrderedDict()


def read_uri(uri: str) -> bytes:
    """Return the bytes at a URI or an absolute path, decompressed by its suffix.

    Raises:
        RecipeError: when there is no such file.
        SourceError: when it cannot be read right now.
    """
    import fsspec

    try:
        with fsspec.open(uri, "rb", compression="infer") as stream:
            return cast("bytes", stream.read())
    except FileNotFoundError as error:
        message = (
            f"process: expected a file {uri} that a step names, found none; put it there or mend the recipe"
        )
        raise RecipeError(message) from error
    except (ValueError, ImportError) as error:
        message = f"process: expected a URI that fsspec reads, got {uri} ({error}); mend the recipe"
        raise RecipeError(message) from error
    except OSError as error:
        message = (
            f"process: expected to read {uri}, got {type(error).__name__}: {error}; look at the connection"
        )
        raise SourceError(message) from error


def reader_of(lake: Lake) -> Callable[[str], bytes]:
    """Return how a run reads what recipes name: a URI or an absolute path as it is, others from the lake's root."""
    protocol = lake.fs.unstrip_protocol("").split("://")[0]

    def read(uri: str) -> bytes:
        if "://" in uri or uri.startswith("/"):
            return read_uri(uri)
        if protocol in ("file", "local"):
            return read_uri(lake.full(uri))
        with lake.open(uri) as stream:
            return stream.read()

    return read


def prepare(steps: Iterable[Step], read: Callable[[str], bytes]) -> dict[str, bytes]:
    """Return the files of all steps by name; equal steps share theirs."""
    return {name_of(step, part): content for step in steps for part, content in step.prepare(read).items()}


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the sha256 of each file."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def leave(files: Mapping[str, bytes], attempt: Attempt) -> dict[str, FileRef]:
    """Write the files as artefacts; return where each lies."""
    refs: dict[str, FileRef] = {}
    for name, content in files.items():
        path = f"files/{name}"
        with attempt.create(path, zone=Zone.ARTEFACT) as stream:
            stream.write(content)
        uri = attempt.lake.fs.unstrip_protocol(attempt.lake.full(attempt.path(path, zone=Zone.ARTEFACT)))
        refs[name] = FileRef(uri=uri, sha256=hashlib.sha256(content).hexdigest())
    return refs


def name_of(step: Step, part: str) -> str:
    """Return the name of a step's file: its kind, a digest of its parameters, the part."""
    return f"{step.identity}-{part}"


def load(step: Step, part: str, context: Context, parse: Callable[[bytes], T]) -> T:
    """Return what ``parse``, a function of a module, makes of a step's file; once a process.

    Raises:
        CorruptionError: when the file is not the one that the stage left.
    """
    name = name_of(step, part)
    ref = context.files.get(name)
    key = (ref.sha256 if ref else name, parse)
    if key not in _loaded:
        content = (
            read_checked(ref.uri, ref.sha256, context.lake_options()) if ref else step.prepare(read_uri)[part]
        )
        _loaded[key] = parse(content)
        while len(_loaded) > MAX_LOADED:
            _loaded.popitem(last=False)
    _loaded.move_to_end(key)
    return cast("T", _loaded[key])
