"""The ledger's tables: times keep their zone, and every question of the page has its index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from penstock.ledger import Ledger, schema, views
from penstock.receipt import Stage


@pytest.mark.parametrize(
    "zone", [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5, minutes=-30))]
)
def test_a_time_comes_back_as_the_same_instant_in_utc(ledger: Ledger, zone: timezone) -> None:
    at = datetime(2026, 11, 16, 23, 59, 59, 123456, tzinfo=zone)
    event = {"dataset": "d", "run_key": "k", "stage": "store", "attempt": "", "kind": "x", "detail": {}}
    with ledger.engine.begin() as connection:
        connection.execute(sa.insert(schema.events).values(at=at, **event))
        found = connection.execute(sa.select(schema.events.c.at)).scalar_one()
    assert found == at
    assert found.utcoffset() == timedelta()


def test_a_time_that_is_not_there_stays_away(ledger: Ledger) -> None:
    ledger.start(dataset="d", run_key="2026-11-16", stage=Stage.STORE, attempt="a")
    with ledger.engine.connect() as connection:
        assert connection.execute(sa.select(schema.stage_runs.c.finished_at)).scalar_one() is None


def test_no_question_of_the_page_reads_a_whole_table(ledger: Ledger) -> None:
    asked: list[tuple[str, object]] = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    ledger.start(dataset="d", run_key="2026-11-16", stage=Stage.STORE, attempt="a")
    asked.clear()
    views.datasets(ledger)
    days = views.days(ledger, datasets=["d"])
    views.grid(ledger, run_keys=days, datasets=["d"])
    views.run(ledger, "d", "2026-11-16")
    questions = [ask for ask in asked if ask[0].lstrip().upper().startswith("SELECT")]
    assert len(questions) > 8
    with ledger.engine.connect() as connection:
        for sql, parameters in questions:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()  # type: ignore[call-overload]
            scans = [step[3] for step in plan if step[3].startswith("SCAN ") and "INDEX" not in step[3]]
            scans = [step for step in scans if step.split()[1] in schema.metadata.tables]
            assert scans == [], sql
