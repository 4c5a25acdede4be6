"""Receipts: what a stage returns, and all that XCom carries. Never data.

A receipt that does not balance cannot be made: rows in = rows out + dropped (by reason) + quarantined (by expectation).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from penstock.errors import ConservationError
from penstock.params import Params


class Stage(StrEnum):
    """The five stages, in their order."""

    INGEST = "ingest"
    TRANSFER = "transfer"
    PROCESS = "process"
    VALIDATE = "validate"
    STORE = "store"


class Verdict(StrEnum):
    """What the gate said: ``warn`` publishes and says so, ``fail`` stops the run."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"


class Outcome(Params):
    """What the work of a stage counted, before it becomes a receipt.

    ``dropped`` maps a reason to rows, ``quarantined`` an expectation (or an exception's name) to rows, ``notes`` are
    sentences for people, ``details`` small JSON values for programs.
    """

    rows_in: int = Field(ge=0)
    rows_out: int = Field(ge=0)
    bytes_in: int = Field(default=0, ge=0)
    dropped: dict[str, int] = Field(default_factory=dict)
    quarantined: dict[str, int] = Field(default_factory=dict)
    verdict: Verdict | None = None
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)


class Receipt(Outcome):
    """The proof of one stage of one run; times in UTC, ``seconds`` of wall time."""

    stage: Stage
    dataset: str
    run_key: str
    attempt: str
    manifest_uri: str
    manifest_sha256: str
    fingerprint: str
    bytes_out: int = Field(ge=0)
    recipe_hash: str
    code_version: str
    started_at: datetime
    finished_at: datetime
    seconds: float = Field(ge=0)
    unchanged: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the receipt as JSON values, for XCom."""
        return self.model_dump(mode="json")


def check_balance(stage: Stage, dataset: str, run_key: str, outcome: Outcome) -> None:
    """Refuse an outcome whose rows do not add up.

    Raises:
        ConservationError: with the counts, when rows were lost or doubled.
    """
    dropped, quarantined = sum(outcome.dropped.values()), sum(outcome.quarantined.values())
    accounted = outcome.rows_out + dropped + quarantined
    if outcome.rows_in != accounted:
        message = (
            f"{dataset} {run_key} {stage}: expected rows in = rows out + dropped + quarantined, got "
            f"{outcome.rows_in} in, {outcome.rows_out} out + {dropped} dropped + {quarantined} quarantined = "
            f"{accounted}; nothing was published: look at the attempt's files, then at the step that was added last"
        )
        raise ConservationError(message, failed={"conservation": outcome.rows_in - accounted})
