"""Recipes: the knobs of a dataset, in YAML, refused at parse when they are wrong.

Python owns the arrows (``dags/``), YAML owns the knobs. A recipe is a frozen model; unknown keys are refused with the
nearest valid name; `json_schema` completes them in an editor.
"""

from __future__ import annotations

import functools
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from penstock.checked_yaml import parse_checked, read_checked
from penstock.ingest.section import IngestSection
from penstock.params import Params
from penstock.process.section import ProcessSection
from penstock.section import StageSection
from penstock.store.section import StoreSection
from penstock.transfer.section import TransferSection
from penstock.validate.section import ValidateSection


class Recipe(Params):
    """The knobs of one dataset, a section a stage.

    ``start`` is the first day that the dataset has; a day before it is refused.
    """

    dataset: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)
    description: str = ""
    start: date
    ingest: IngestSection
    transfer: TransferSection = TransferSection()
    process: ProcessSection = ProcessSection()
    validate_: ValidateSection = Field(default=ValidateSection(), alias="validate")
    store: StoreSection = StoreSection()

    @classmethod
    def only(cls, dataset: str, *, start: date = date(1970, 1, 1), **sections: StageSection) -> Recipe:
        """Return a recipe of some sections, for a stage that is used alone; the others are not there at all.

        Example: ``Recipe.only("readings", transfer=TransferSection(...))``.
        """
        known = {"validate": "validate_"}
        values: dict[str, Any] = {known.get(name, name): section for name, section in sections.items()}
        return cls.model_construct(None, **{"dataset": dataset, "start": start, **values})

    @functools.cached_property
    def digest(self) -> str:
        """The sha256 of the recipe with every default written out."""
        text = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Recipe:
    """Read and check a recipe file.

    Raises:
        RecipeError: naming the file, the line, the key, what was expected and the nearest valid name.
    """
    return read_checked(path, Recipe, what="recipe")


def parse(text: str, *, where: str, expected_name: str | None = None) -> Recipe:
    """Check a recipe's text; ``where`` names it in errors, ``expected_name`` is the dataset it must be of.

    Raises:
        RecipeError: as `load`.
    """
    return parse_checked(text, Recipe, what="recipe", where=where, expected_name=expected_name)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a recipe, for editors and the UI."""
    return Recipe.model_json_schema(by_alias=True)
