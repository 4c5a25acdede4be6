"""The interface of a source: where bytes come from.

A source is found by its ``kind``. To add one, write a module here with one class (or register the module under the
entry point group ``penstock.sources``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Self

from penstock.lake import Lake
from penstock.params import Params

if TYPE_CHECKING:
    from penstock.locations import ConnLike


@dataclass(frozen=True)
class Item:
    """One stream of bytes that a source offers for a day: a file name, where it comes from, how to open it.

    ``provenance`` holds small JSON values (etag, digest, licence …) that are kept in the landing manifest. One that
    ``is_missing`` at its source, where the recipe allows that, is never opened: it is counted, and said in a note.
    """

    name: str
    origin_uri: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    provenance: dict[str, Any] = field(default_factory=dict)
    is_missing: bool = False


class Source(Params):
    """Base of all sources; a member has a ``kind`` and `items`."""

    def connected(self, find: Callable[[str], ConnLike]) -> Self:
        """Return this source with what the connection that it names holds; most name none.

        Raises:
            RecipeError: ``find`` knows no such connection, or it is not of the right kind.
        """
        del find
        return self

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Yield what there is for the day ``run_key``, in a stable order.

        ``lake`` is for a source's own cache (`penstock.ingest.cache`), so that nothing is fetched twice.

        Raises:
            SourceError: when the source is in trouble: the stage is tried again.
            ContractError: when what came is not what was promised (a digest, a content type).
        """
        raise NotImplementedError
