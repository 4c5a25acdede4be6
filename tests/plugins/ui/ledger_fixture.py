"""A small ledger and lake that show everything the page can show; also run by hand: python ledger_fixture.py HOME."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import sqlalchemy as sa
from pyarrow import parquet

from penstock.lake import Lake
from penstock.ledger import Ledger, schema
from penstock.manifest import Manifest, Zone
from penstock.receipt import Outcome, Receipt, Stage, Verdict

CODE = "0.1.0+3f9c2b7a1d"
HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
ZONES = dict(zip(Stage, (Zone.LANDING, Zone.RAW, Zone.CLEAN, Zone.CHECKED, Zone.PUBLISHED), strict=True))
SECONDS = {Stage.INGEST: 3.4, Stage.TRANSFER: 2.1, Stage.PROCESS: 18.6, Stage.VALIDATE: 7.9, Stage.STORE: 6.2}
MB = {Stage.INGEST: 1.31, Stage.TRANSFER: 0.94, Stage.PROCESS: 5.72, Stage.VALIDATE: 5.66, Stage.STORE: 5.6}

EXPECTATIONS = [
    # name, type, column, severity, observed value, unexpected rows, reason
    (
        "doc_id_is_unique",
        "expect_column_values_to_be_unique",
        "doc_id",
        "critical",
        0,
        0,
        "a key names one row",
    ),
    (
        "text_is_there",
        "expect_column_values_to_not_be_null",
        "text",
        "critical",
        0,
        0,
        "a model reads the text",
    ),
    (
        "rows_a_day",
        "expect_table_row_count_to_be_between",
        None,
        "critical",
        8321,
        None,
        "half a day's rows means a source fell silent",
    ),
    (
        "language_is_known",
        "expect_column_values_to_be_in_set",
        "lang",
        "warning",
        {"en": 3371, "zh": 4950},
        0,
        "the tokenisers know English and Chinese",
    ),
    (
        "word_count_is_sane",
        "expect_column_values_to_be_between",
        "num_words",
        "warning",
        {"min": 1, "max": 1204},
        14,
        "longer than 1,000 words is a page, not an opinion",
    ),
    (
        "label_share",
        "expect_column_mean_to_be_between",
        "label",
        "info",
        0.517,
        None,
        "drift of the labels shows here first",
    ),
]


class Builder:
    """Write runs into a ledger and a lake below ``home``; times end at ``now``."""

    def __init__(self, home: Path, *, now: datetime) -> None:
        self.ledger = Ledger(f"sqlite:///{home}/ledger.db")
        self.lake = Lake(f"file://{home}/lake")
        self.now = now

    def run(
        self,
        dataset: str,
        run_key: str,
        *,
        rows: int,
        ago: timedelta,
        verdict: Verdict = Verdict.PASS,
        upto: Stage = Stage.STORE,
        quarantine: Mapping[str, int] | None = None,
        late: bool = False,
    ) -> None:
        """Record all stages up to ``upto``; with a failed verdict the gate is the last and fails."""
        at = self.now - ago
        drops = {
            Stage.PROCESS: {"duplicate_text": rows // 21, "too_short": rows // 54, "unknown_language": 37}
        }
        quarantined = {
            Stage.TRANSFER: {"UnicodeDecodeError": 2},
            Stage.VALIDATE: dict(quarantine or {"word_count_is_sane": 14}),
        }
        for stage in Stage:
            dropped, held = drops.get(stage, {}), quarantined.get(stage, {})
            if stage is Stage.VALIDATE and verdict is Verdict.FAIL:
                self._fail_gate(dataset, run_key, rows=rows, at=at, held=held)
                return
            out = rows - sum(dropped.values()) - sum(held.values())
            seconds = SECONDS[stage] * rows / 8700
            said = verdict if stage is Stage.VALIDATE else None
            attempt = self.stage(
                dataset,
                run_key,
                stage,
                rows,
                out,
                at=at,
                seconds=seconds,
                dropped=dropped,
                held=held,
                verdict=said,
            )
            rows, at = out, at + timedelta(seconds=seconds + 1.1)
            if stage is Stage.VALIDATE:
                self._verdict(dataset, run_key, attempt, verdict, held, at=at, rows=rows + sum(held.values()))
            if stage is Stage.STORE:
                self._snapshots(dataset, run_key, attempt, rows, verdict, at=at)
            if stage is upto:
                break
        if late:
            self._deadline(dataset, run_key, Stage.STORE, at)

    def stage(
        self,
        dataset: str,
        run_key: str,
        stage: Stage,
        rows_in: int,
        rows_out: int,
        *,
        at: datetime,
        seconds: float,
        dropped: Mapping[str, int] | None = None,
        held: Mapping[str, int] | None = None,
        verdict: Verdict | None = None,
        unchanged: bool = False,
    ) -> str:
        """Record one stage that went well, with a manifest in the lake; return the attempt."""
        attempt_id = self._start(dataset, run_key, stage, at)
        outcome = Outcome(
            rows_in=rows_in,
            rows_out=rows_out,
            dropped=dict(dropped or {}),
            quarantined=dict(held or {}),
            verdict=verdict,
            bytes_in=int(MB[stage] * rows_in / 8700 * 1e6),
            notes=("no model yet: published without the class",)
            if run_key == "2026-11-16" and stage == "process"
            else (),
            details={"masked": {"email": 11, "phone": 4, "ip": 1}} if stage is Stage.PROCESS else {},
        )
        manifest = self._manifest(dataset, run_key, stage, attempt_id, outcome, at)
        receipt = Receipt(
            **outcome.model_dump(),
            stage=stage,
            dataset=dataset,
            run_key=run_key,
            attempt=attempt_id,
            manifest_uri=self.lake.full(self.lake.manifest_path(ZONES[stage], dataset, run_key)),
            manifest_sha256=manifest.sha256,
            fingerprint=manifest.fingerprint,
            bytes_out=int(MB[stage] * rows_out / 8700 * 1e6),
            recipe_hash=manifest.recipe_hash,
            code_version=CODE,
            started_at=at,
            finished_at=at + timedelta(seconds=seconds),
            seconds=seconds,
            unchanged=unchanged,
        )
        self.ledger.finish(receipt)
        self._date(attempt_id, at)
        return attempt_id

    def fail(
        self, dataset: str, run_key: str, stage: Stage, error: Exception, *, at: datetime, seconds: float
    ) -> None:
        """Record one stage that failed."""
        attempt = self._start(dataset, run_key, stage, at)
        self.ledger.fail(attempt=attempt, error=error)
        self._date(attempt, at, finished_at=at + timedelta(seconds=seconds), seconds=seconds)

    def running(self, dataset: str, run_key: str, stage: Stage, *, at: datetime) -> None:
        """Record one stage that runs: this process does, since it started at the earliest."""
        born = datetime.fromtimestamp(psutil.Process().create_time(), UTC)
        self._date(self._start(dataset, run_key, stage, at), max(at, born))

    def _start(self, dataset: str, run_key: str, stage: Stage, at: datetime) -> str:
        with self.ledger.engine.connect() as connection:
            runs = schema.stage_runs
            count = connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar_one()
        attempt = f"{stage}-1-{count:010x}"
        origin = {
            "dag_id": dataset,
            "task_id": stage.value,
            "run_id": f"scheduled__{run_key}T00:00:00+00:00",
            "try_number": 1,
        }
        self.ledger.start(dataset=dataset, run_key=run_key, stage=stage, attempt=attempt, origin=origin)
        self._date(attempt, at)
        return attempt

    def _date(self, attempt: str, at: datetime, **values: Any) -> None:
        runs = schema.stage_runs
        with self.ledger.engine.begin() as connection:
            connection.execute(
                sa.update(runs).where(runs.c.attempt == attempt).values(started_at=at, **values)
            )

    def _manifest(
        self, dataset: str, run_key: str, stage: Stage, attempt_id: str, outcome: Outcome, at: datetime
    ) -> Manifest:
        attempt = self.lake.attempt(ZONES[stage], dataset, run_key, attempt_id)
        self._write_quarantine(attempt_id, stage, dataset, run_key, outcome.quarantined)
        for full in self.lake.fs.find(self.lake.full(attempt.path(zone=Zone.QUARANTINE))):
            attempt.files.append(attempt._entry(full.removeprefix(self.lake.root + "/")))
        manifest = Manifest(
            zone=ZONES[stage],
            dataset=dataset,
            run_key=run_key,
            attempt=attempt_id,
            fingerprint=f"{abs(hash((dataset, run_key, stage))):064x}",
            files=tuple(attempt.files),
            recipe_hash="9a41" * 16,
            code_version=CODE,
            started_at=at,
            finished_at=at,
            outcome=outcome,
        )
        self.lake.publish(manifest)
        return manifest

    def _write_quarantine(
        self, attempt_id: str, stage: Stage, dataset: str, run_key: str, held: Mapping[str, int]
    ) -> None:
        rows = [
            {
                "doc_id": f"{dataset[:2]}-{number:06d}",
                "text": _text(number),
                "lang": "en",
                "num_words": 1100 + number,
                "score": None,
                "failed_expectations": [reason],
            }
            for reason, count in held.items()
            for number in range(count)
        ]
        if not rows:
            return
        attempt = self.lake.attempt(ZONES[stage], dataset, run_key, attempt_id)
        with attempt.create("part-0.parquet", zone=Zone.QUARANTINE) as stream:
            parquet.write_table(pa.Table.from_pylist(rows), stream)

    def _fail_gate(
        self, dataset: str, run_key: str, *, rows: int, at: datetime, held: Mapping[str, int]
    ) -> None:
        from penstock.errors import ContractError

        attempt = self._start(dataset, run_key, Stage.VALIDATE, at)
        self._write_quarantine(attempt, Stage.VALIDATE, dataset, run_key, held)
        self._verdict(dataset, run_key, attempt, Verdict.FAIL, held, at=at, rows=rows)
        listed = ", ".join(f"{name} ({count} of {rows} rows)" for name, count in held.items())
        sample = f"quarantine/{dataset}/{run_key}/attempt={attempt}"
        message = (
            f"{dataset} {run_key}: expected every critical expectation to hold, these do not: {listed}; nothing was "
            f"published; rows: {sample}; mend the source or the expectation, then clear the task process"
        )
        self.ledger.fail(
            attempt=attempt,
            error=ContractError(message, failed=held, sample_uri=sample),
            verdict=Verdict.FAIL,
        )
        seconds = SECONDS[Stage.VALIDATE]
        self._date(attempt, at, finished_at=at + timedelta(seconds=seconds), seconds=seconds)

    def _verdict(
        self,
        dataset: str,
        run_key: str,
        attempt: str,
        verdict: Verdict,
        held: Mapping[str, int],
        *,
        at: datetime,
        rows: int,
    ) -> None:
        site = f"docs/{dataset}/{run_key}/attempt={attempt}"
        self.lake.write_atomically(f"{site}/index.html", _docs_page(dataset, run_key, verdict).encode())
        results = []
        for name, kind, column, severity, observed, unexpected, reason in EXPECTATIONS:
            bad = held.get(name, 0) if unexpected is not None else None
            success = not bad
            results.append(
                {
                    "name": name,
                    "expectation_type": kind,
                    "column_name": column,
                    "severity": severity,
                    "success": success,
                    "observed": bad if observed == 0 else rows if name == "rows_a_day" else observed,
                    "unexpected_rows": bad,
                    "checked_rows": rows,
                    "reason": reason,
                }
            )
        self.ledger.record_verdict(
            dataset=dataset,
            run_key=run_key,
            attempt=attempt,
            fingerprint="0" * 64,
            verdict=verdict,
            results=results,
            docs_uri=self.lake.full(f"{site}/index.html"),
            sample_uri=f"quarantine/{dataset}/{run_key}/attempt={attempt}",
        )
        self._redate(schema.verdicts, attempt, at)

    def _redate(self, table: sa.Table, attempt: str, at: datetime) -> None:
        with self.ledger.engine.begin() as connection:
            connection.execute(sa.update(table).where(table.c.attempt == attempt).values(at=at))

    def _snapshots(
        self, dataset: str, run_key: str, attempt: str, rows: int, verdict: Verdict, *, at: datetime
    ) -> None:
        tables = {"opinion_text": ["labeled_table", "feature_table"]}.get(dataset, ["hourly_readings"])
        for number, table in enumerate(tables):
            self.ledger.record_snapshot(
                dataset=dataset,
                run_key=run_key,
                attempt=attempt,
                table_name=f"penstock.{dataset}.{table}",
                table_format="iceberg",
                snapshot_id=str(5512340987612345678 + number),
                rows=rows,
                verdict=verdict.value,
            )
        self._redate(schema.snapshots, attempt, at)

    def _deadline(self, dataset: str, run_key: str, stage: Stage, at: datetime) -> None:
        self.ledger.record_missed_deadline(
            dataset=dataset,
            run_key=run_key,
            stage=stage.value,
            due_at=at - timedelta(minutes=41),
            noticed_at=at - timedelta(minutes=40),
            finished_at=at,
            lateness_seconds=41 * 60.0,
            cause="validate waited 38 min for a free slot of the pool spark",
            notified="log, slack",
            run_id=f"scheduled__{run_key}T00:00:00+00:00",
        )


def fill(home: Path, *, now: datetime | None = None) -> Builder:
    """Write two datasets and a model: good days, a warning, a failed gate, a late, a killed and a running stage."""
    builder = Builder(home, now=now or datetime.now(UTC))
    hour = timedelta(hours=1)
    warned = {"word_count_is_sane": 61}
    broken = {"doc_id_is_unique": 412, "text_is_there": 96, "word_count_is_sane": 18}
    builder.run("opinion_text", "2026-11-16", rows=8398, ago=144 * hour)
    builder.run("opinion_text", "2026-11-17", rows=8437, ago=120 * hour, late=True)
    builder.run(
        "opinion_text", "2026-11-18", rows=8377, ago=96 * hour, verdict=Verdict.WARN, quarantine=warned
    )
    builder.run("opinion_text", "2026-11-19", rows=8322, ago=72 * hour)
    builder.run(
        "opinion_text", "2026-11-20", rows=8451, ago=48 * hour, verdict=Verdict.FAIL, quarantine=broken
    )
    _retried_day(builder, "2026-11-21", ago=24 * hour)
    builder.run("opinion_text", "2026-11-22", rows=8401, ago=timedelta(seconds=34), upto=Stage.TRANSFER)
    builder.running("opinion_text", "2026-11-22", Stage.PROCESS, at=builder.now - timedelta(seconds=26))
    _model(builder, "2026-11-21", ago=23 * hour)
    for day in range(18, 23):
        held = {"temperature_c_is_possible": 3} if day == 20 else {"wind_speed_kmh_is_possible": 1}
        verdict = Verdict.WARN if day == 20 else Verdict.PASS
        run_key = date(2026, 11, day).isoformat()
        builder.run(
            "airport_weather",
            run_key,
            rows=72 * 30,
            ago=(23 - day) * 24 * hour,
            verdict=verdict,
            quarantine=held,
        )
    return builder


def _retried_day(builder: Builder, run_key: str, *, ago: timedelta) -> None:
    """A source that timed out once, then a stage whose process was killed."""
    at = builder.now - ago
    error = TimeoutError("expected 1.3 MB from the index, got 0 bytes in 30 s; it is retried with backoff")
    builder.fail("opinion_text", run_key, Stage.INGEST, error, at=at, seconds=30)
    at += timedelta(minutes=1)
    for stage in (Stage.INGEST, Stage.TRANSFER):
        builder.stage("opinion_text", run_key, stage, 8390, 8390, at=at, seconds=SECONDS[stage])
    attempt = builder._start("opinion_text", run_key, Stage.PROCESS, at + timedelta(seconds=9))
    runs = schema.stage_runs
    with builder.ledger.engine.begin() as connection:
        row = connection.execute(sa.select(runs.c.origin).where(runs.c.attempt == attempt)).scalar_one()
        gone = {**row, "pid": 2**22 + 1}  # no process has this number
        connection.execute(sa.update(runs).where(runs.c.attempt == attempt).values(origin=gone))


def _model(builder: Builder, run_key: str, *, ago: timedelta) -> None:
    at = builder.now - ago
    for stage in (Stage.PROCESS, Stage.VALIDATE, Stage.STORE):
        verdict = Verdict.PASS if stage is Stage.VALIDATE else None
        builder.stage("opinion_model", run_key, stage, 41022, 41022, at=at, seconds=21.0, verdict=verdict)
        at += timedelta(seconds=23)
    builder.ledger.record_model(
        name="opinion_model",
        version="2026-11-21-5f0c9e1a",
        run_key=run_key,
        uri="models/opinion_model/2026-11-21-5f0c9e1a.onnx",
        sha256="ab" * 32,
        accepted=True,
        metrics={
            "accuracy": 0.8423,
            "accuracy_vader": 0.6914,
            "accuracy_majority": 0.5401,
            "held_back_rows": 8204,
        },
        training_snapshot={"labeled_table": "5512340987612345678"},
    )


def _text(number: int) -> str:
    texts: Sequence[str] = (
        "Bought this for my daughter, she loves it!! 10/10 would recommend to anyone who …",
        "这家酒店的位置很好，但是房间太小，服务员的态度也一般，不会再来了。",
        HOSTILE,
        "the the the " * 200,
        "Ein Film wie ein Montagmorgen. \u0000\u0007 😐",
    )
    return texts[number % len(texts)]


def _docs_page(dataset: str, run_key: str, verdict: Verdict) -> str:
    return (
        "<!doctype html><meta charset=utf-8><title>Data Docs</title><body style='font-family:sans-serif'>"
        f"<h1>{dataset} {run_key}</h1><p>Verdict: {verdict}</p></body>"
    )


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
