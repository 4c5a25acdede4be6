"""Where the page reads: the ledger and the lake that the connections name."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from penstock.lake import Lake
from penstock.ledger import Ledger


@dataclass(frozen=True)
class Sources:
    """The two things that the page reads, and nothing else."""

    ledger: Ledger
    lake: Lake


@functools.cache
def connected() -> Sources:
    """Return the places of ``penstock_ledger`` and ``penstock_lake``, opened once a process.

    A changed connection counts from the next start of the API server.
    """
    from penstock_airflow.hooks import places

    return Sources(ledger=places.ledger(), lake=places.lake())
