"""Regular expressions of recipes: RE2 only, whose time grows with the text and never explodes.

Patterns run on UTF-8 bytes: lone surrogates, which have no UTF-8 form, are seen as question marks.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator

Compiled: TypeAlias = Any
"""What RE2 gives, whose methods take bytes; its package has no types."""

MAX_MEMORY_BYTES = 64 << 20
"""What RE2 may use for one pattern; a list of 100,000 words fits."""


def check(pattern: str) -> str:
    """Return the pattern.

    Raises:
        ValueError: with what RE2 says of it, when it refuses it (look-around, back-references).
    """
    compiled(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(check)]
"""The type of a parameter that takes a pattern; a recipe with one that RE2 refuses is refused."""


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> Compiled:
    """Return the compiled pattern.

    Raises:
        ValueError: when RE2 refuses it.
    """
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY_BYTES
    try:
        return re2.compile(pattern.encode("utf-8", "replace"), options)
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace") if error.args else ""
        message = f"expected a pattern of RE2 (no look-around, no back-references), got {pattern!r}: {said}"
        raise ValueError(message) from error


def escape(text: str) -> str:
    """Return a pattern that matches this text."""
    import re2

    return str(re2.escape(text))


def to_bytes(text: str) -> bytes:
    """Return the text as patterns see it."""
    return text.encode("utf-8", "replace") if not text.isascii() else text.encode()


def replace(pattern: str, replacement: str, text: str) -> str:
    r"""Return the text with every match replaced; ``\1`` is the first group."""
    found: bytes = compiled(pattern).sub(replacement.encode("utf-8", "replace"), to_bytes(text))
    return found.decode("utf-8", "replace")
