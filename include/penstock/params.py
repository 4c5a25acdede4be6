"""The base of every parameter model, and families of them that are found by name.

A *family* (sources, decoders, steps, table formats …) is a base class in a package; each module of that package, at
any depth, may add a member, and an installed distribution may add one by entry point: no file of Penstock is edited.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from importlib.metadata import entry_points
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import BaseModel, ConfigDict, Field


class Params(BaseModel):
    """A frozen parameter model that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def members(family: type[Params], *, package: str, group: str) -> dict[str, type[Params]]:
    """Return every class of ``family``, by its recipe name.

    Imports each module of ``package`` and every entry point of ``group``, then lists the subclasses whose ``kind``
    is a one-value ``Literal``.
    """
    _import_all(package, group)
    found: dict[str, type[Params]] = {}
    for cls in _subclasses(family):
        name = _kind_of(cls)
        if name is not None:
            found[name] = cls
    return dict(sorted(found.items()))


def one_of(family: type[Params], *, package: str, group: str) -> Any:
    """Return the type of a recipe field that takes any member of ``family``, chosen by its ``kind``."""
    classes = tuple(members(family, package=package, group=group).values())
    if len(classes) == 1:
        return classes[0]
    return Annotated[Union[classes], Field(discriminator="kind")]  # noqa: UP007 - built at run time


@functools.cache
def _import_all(package: str, group: str) -> None:
    parent = importlib.import_module(package)
    for module in pkgutil.walk_packages(parent.__path__, prefix=f"{package}."):
        importlib.import_module(module.name)
    for entry in entry_points(group=group):
        entry.load()


def _subclasses(cls: type[Params]) -> list[type[Params]]:
    direct = cls.__subclasses__()
    return direct + [sub for child in direct for sub in _subclasses(child)]


def _kind_of(cls: type[Params]) -> str | None:
    field = cls.model_fields.get("kind")
    if field is None or getattr(field.annotation, "__origin__", None) is not Literal:
        return None
    return str(get_args(field.annotation)[0])
