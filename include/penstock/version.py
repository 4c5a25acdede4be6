"""The version of the code that made something: the release, and a digest of the library's own source."""

from __future__ import annotations

import functools
import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

import penstock


@functools.cache
def code_version() -> str:
    """Return ``<release>+<digest>``; the digest changes when any module that can touch data changes."""
    digest = hashlib.sha256()
    for name, content in _sources(files(penstock), ""):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return f"{penstock.__version__}+{digest.hexdigest()[:10]}"


_NOT_DATA = {"cli", "report", "services", "templates", "__pycache__"}
_READ_ONLY = {"trace.py", "scaffold.py", "locations.py", "ledger/views.py", "ledger/answers.py"}
"""Modules that only look, or say where things are: a change in them makes no other rows."""


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir() and entry.name not in _NOT_DATA:
            found += _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py") and prefix + entry.name not in _READ_ONLY:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found
