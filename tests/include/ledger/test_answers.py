"""The answers of the ledger, where they say more than their fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.ledger.answers import RunCell, StageRun

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stages", "state"),
    [
        ({"ingest": "success"}, "partial"),
        ({"ingest": "success", "store": "unchanged"}, "done"),
        ({"ingest": "running", "store": "success"}, "running"),
        ({"ingest": "success", "transfer": "failed"}, "failed"),
        ({"transfer": "killed"}, "failed"),
        ({}, "partial"),
    ],
)
def test_the_state_of_a_run_follows_from_its_stages(stages: dict[str, str], state: str) -> None:
    empty = dict.fromkeys(StageRun.model_fields)
    runs = [
        StageRun(
            **{
                **empty,
                "dataset": "d",
                "run_key": "k",
                "attempt": "a",
                "attempts": 1,
                "stage": stage,
                "state": was,
                "started_at": NOW,
            }
        )
        for stage, was in stages.items()
    ]
    assert RunCell(dataset="d", run_key="k", stages=tuple(runs)).state == state


def test_a_run_has_the_verdict_of_its_gate_and_of_no_other_stage() -> None:
    empty = dict.fromkeys(StageRun.model_fields)
    same = {
        **empty,
        "dataset": "d",
        "run_key": "k",
        "attempt": "a",
        "attempts": 1,
        "state": "failed",
        "started_at": NOW,
    }
    transfer = StageRun(**{**same, "stage": "transfer", "verdict": "fail"})
    gate = StageRun(**{**same, "stage": "validate", "verdict": "warn"})
    assert RunCell(dataset="d", run_key="k", stages=(transfer,)).verdict is None
    assert RunCell(dataset="d", run_key="k", stages=(transfer, gate)).verdict == "warn"
