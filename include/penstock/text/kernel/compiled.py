"""How functions of the kernel are compiled, and where the machine code is kept between processes.

numba looks for changes in a function's own file only, not in those it calls, and neither the bounds check nor a global
is in its key: so the folder's name is a digest of all sources, of numba's version and of the settings.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

_settings: Any = numba.config
_njit: Any = numba.njit
Function = TypeVar("Function", bound=Callable[..., Any])
Bytes = np.ndarray[Any, Any]
"""UTF-8: uint8, contiguous; positions in it are int64."""
Record = Any
"""A record of a structured array, passed as one pointer: a tuple of as many arrays costs ten times the speed."""
Records = Any
"""A structured array."""

signed = cast("Callable[[Any], int]", np.int64)
"""Make an int64 of it; ``int`` leaves an unsigned number unsigned, and mixed with signed ones it becomes a float."""
unsigned = cast("Callable[[Any], int]", np.uint64)
"""Make an uint64 of it."""


def compiled(function: Function) -> Function:
    """Compile a function when it is first called; the next process finds the machine code in `cache_folder`.

    It may not allocate: then nothing in it counts references to arrays, which costs a third of the time otherwise.
    """
    return _compiled(function, _nrt=False)


def compiled_with_memory(function: Function) -> Function:
    """Compile a function that allocates arrays."""
    return _compiled(function)


def _compiled(function: Function, **options: bool) -> Function:
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = str(cache_folder())
    try:
        made = _njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    finally:
        _settings.CACHE_DIR = before
    return cast("Function", made)


def cache_folder() -> Path:
    """Return the folder of this version's machine code and tables."""
    return _cache_root() / f"kernel-{_digest()}"


def _cache_root() -> Path:
    given, home = os.environ.get("PENSTOCK_KERNEL_CACHE"), os.environ.get("PENSTOCK_HOME")
    if given:
        return Path(given)
    if home:
        return Path(home) / "cache"
    beside = Path(__file__).parent / "__pycache__"
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return beside
    return Path.home() / ".cache" / "penstock"


def _digest() -> str:
    global _digest_once  # asked for each function
    if _digest_once is None:
        settings = (numba.__version__, sys.version, str(_settings.BOUNDSCHECK))
        seen = hashlib.sha256("\n".join(settings).encode())
        for source in sorted((*Path(__file__).parent.glob("*.py"), *Path(__file__).parents[1].glob("*.py"))):
            seen.update(source.read_bytes())
        _digest_once = seen.hexdigest()[:16]
    return _digest_once


_digest_once: str | None = None
