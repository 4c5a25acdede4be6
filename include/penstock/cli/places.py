"""The ledger and the lake of a command: opened for reading, never created by asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.errors import PenstockError
from penstock.locations import Locations, locate

if TYPE_CHECKING:
    from penstock.ledger import Ledger


def open_ledger(locations: Locations | None = None) -> Ledger:
    """Open the ledger of ``locations`` (by default: of this environment).

    Raises:
        PenstockError: when there is none yet, or it cannot be reached.
    """
    locations = locations or locate()
    path = locations.ledger_file
    if path is not None and not path.is_file():
        message = (
            f"expected a ledger at {path}, found none: nothing ran here yet; run penstock demo, "
            "or name another place (PENSTOCK_HOME, PENSTOCK_LEDGER)"
        )
        raise PenstockError(message)
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return locations.ledger()
    except SQLAlchemyError as error:
        problem = str(error.__cause__ or error).strip().splitlines()[0]
        message = (
            f"expected to reach the ledger {locations.ledger_name}, got: {problem}; penstock doctor says more"
        )
        raise PenstockError(message) from error


def known_datasets(locations: Locations) -> list[str]:
    """Return the datasets that have a recipe, by name."""
    return sorted(path.stem for path in locations.recipes.glob("*.yaml"))
