"""A small flow whose five stages `perform` makes of tiny works: the real lake, ledger and receipts, no Spark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import stamina
from pyarrow import parquet

from penstock.errors import ContractError
from penstock.lake import Attempt, Lake
from penstock.ledger import Ledger
from penstock.manifest import Zone
from penstock.receipt import Outcome, Receipt, Stage, Verdict
from penstock.recipe import Recipe, parse
from penstock.stage import Run, StageSpec, perform

Row = Mapping[str, Any]

RAW = pa.schema(
    [
        ("doc_id", pa.string()),
        ("text", pa.string()),
        (
            "provenance",
            pa.struct(
                [
                    ("origin_uri", pa.string()),
                    ("landing_file", pa.string()),
                    ("line", pa.int64()),
                    ("sha256", pa.string()),
                ]
            ),
        ),
    ]
)
CLEAN = RAW.append(pa.field("lang", pa.string())).append(pa.field("ngram_values", pa.list_(pa.float32())))
DROPPED = (
    RAW.append(pa.field("drop_step", pa.string()))
    .append(pa.field("drop_reason", pa.string()))
    .append(pa.field("drop_value", pa.float64()))
    .append(pa.field("drop_detail", pa.string()))
)
BROKEN = CLEAN.append(pa.field("failed_expectations", pa.list_(pa.string())))


def doc_id(number: int) -> str:
    """Return an id of 32 hex digits; different numbers differ in their first six."""
    return f"{number:06x}" + "0" * 26


@dataclass
class Flow:
    """One dataset in one lake and ledger; each method runs one stage of a day."""

    lake: Lake
    ledger: Ledger
    home: Path
    dataset: str = "notes"

    def recipe(self) -> Recipe:
        text = f"dataset: {self.dataset}\nstart: 2026-11-01\ningest: {{source: {{kind: folder, path: /nowhere}}}}\n"
        return parse(text, where="test")

    def run(self, run_key: str = "2026-11-16") -> Run:
        origin = {"dag_id": self.dataset, "run_id": f"manual__{run_key}"}
        return Run(recipe=self.recipe(), run_key=run_key, lake=self.lake, ledger=self.ledger, origin=origin)

    def ingest(self, texts: Sequence[str | None], run_key: str = "2026-11-16") -> Receipt:
        def work(attempt: Attempt, _: str) -> Outcome:
            content = "".join(f"{text}\n" for text in texts).encode()
            with attempt.create("notes.txt", rows=len(texts)) as file:
                file.write(content)
            return Outcome(rows_in=len(texts), rows_out=len(texts), bytes_in=len(content))

        origin = {
            "notes.txt": {"origin_uri": "https://notes.example/notes.txt", "provenance": {"etag": "abc"}}
        }
        spec = StageSpec(
            stage=Stage.INGEST,
            zone=Zone.LANDING,
            fingerprint_from_files=True,
            extra=lambda: {"files": origin},
        )
        return perform(self.run(run_key), spec, work)

    def transfer(self, texts: Sequence[str | None], run_key: str = "2026-11-16") -> Receipt:
        rows = [self.raw_row(number, text) for number, text in enumerate(texts)]
        return self._stage(Stage.TRANSFER, Zone.RAW, Zone.LANDING, run_key, RAW, rows)

    def process(
        self, kept: Sequence[Row], dropped: Sequence[Row] = (), run_key: str = "2026-11-16"
    ) -> Receipt:
        return self._stage(
            Stage.PROCESS, Zone.CLEAN, Zone.RAW, run_key, CLEAN, kept, {Zone.DROPPED: (DROPPED, dropped)}
        )

    def validate(
        self,
        kept: Sequence[Row],
        broken: Sequence[Row] = (),
        run_key: str = "2026-11-16",
        verdict: Verdict = Verdict.PASS,
    ) -> Receipt:
        run = self.run(run_key)

        def judge(attempt: Attempt, fingerprint: str) -> None:
            sample = attempt.path(zone=Zone.QUARANTINE)
            result = {
                "name": "text is there",
                "expectation_type": "ExpectColumnValuesToNotBeNull",
                "column_name": "text",
                "severity": "critical",
                "success": not broken,
                "observed": len(broken),
                "unexpected_rows": len(broken),
                "checked_rows": len(kept) + len(broken),
                "reason": "a text is what we sell",
            }
            self.ledger.record_verdict(
                dataset=self.dataset,
                run_key=run_key,
                attempt=attempt.id,
                fingerprint=fingerprint,
                verdict=verdict,
                results=[result],
                docs_uri="docs/index.html",
                sample_uri=sample,
            )
            if verdict is Verdict.FAIL:
                message = "the gate said no"
                raise ContractError(message, failed={"text is there": len(broken)}, sample_uri=sample)

        return self._stage(
            Stage.VALIDATE,
            Zone.CHECKED,
            Zone.CLEAN,
            run.run_key,
            CLEAN,
            kept,
            {Zone.QUARANTINE: (BROKEN, broken)},
            verdict=verdict,
            then=judge,
        )

    def store(self, rows: Sequence[Row], run_key: str = "2026-11-16") -> Receipt:
        receipt = self._stage(Stage.STORE, Zone.PUBLISHED, Zone.CHECKED, run_key, CLEAN, rows)
        self.ledger.record_snapshot(
            dataset=self.dataset,
            run_key=run_key,
            attempt=receipt.attempt,
            table_name=f"penstock.{self.dataset}.{self.dataset}",
            table_format="iceberg",
            snapshot_id="42",
            rows=len(rows),
            verdict="pass",
        )
        return receipt

    def raw_row(self, number: int, text: str | None) -> dict[str, Any]:
        origin = {
            "origin_uri": "https://notes.example/notes.txt",
            "landing_file": "notes.txt",
            "line": number + 1,
            "sha256": f"{number:064x}",
        }
        return {"doc_id": doc_id(number), "text": text, "provenance": origin}

    def clean_row(self, number: int, text: str | None, **more: Any) -> dict[str, Any]:
        return {**self.raw_row(number, text), "lang": "en", "ngram_values": [0.5, 0.5], **more}

    def dropped_row(self, number: int, text: str | None, reason: str, **more: Any) -> dict[str, Any]:
        step = {"drop_step": "whitespace", "drop_reason": reason, "drop_value": None, "drop_detail": None}
        return {**self.raw_row(number, text), **step, **more}

    def whole_day(self, run_key: str = "2026-11-16") -> None:
        """Two documents are published, one is dropped as a duplicate, one quarantined."""
        texts = ["one", "two", "one", None]
        self.ingest(texts, run_key)
        self.transfer(texts, run_key)
        clean = [self.clean_row(0, "one"), self.clean_row(1, "two"), self.clean_row(3, None)]
        copy = self.dropped_row(
            2, "one", "exact_duplicate", drop_step="exact_duplicates", drop_detail=doc_id(0)
        )
        self.process(clean, [copy], run_key)
        self.validate(
            clean[:2], [{**clean[2], "failed_expectations": ["text is there"]}], run_key, Verdict.WARN
        )
        self.store(clean[:2], run_key)

    def _stage(
        self,
        stage: Stage,
        zone: Zone,
        parent: Zone,
        run_key: str,
        schema: pa.Schema,
        rows: Sequence[Row],
        others: Mapping[Zone, tuple[pa.Schema, Sequence[Row]]] | None = None,
        *,
        verdict: Verdict | None = None,
        then: Callable[[Attempt, str], None] | None = None,
    ) -> Receipt:
        run = self.run(run_key)

        def work(attempt: Attempt, fingerprint: str) -> Outcome:
            for place, (columns, members) in {zone: (schema, rows), **(others or {})}.items():
                with attempt.create("part-0.parquet", rows=len(members), zone=place) as file:
                    parquet.write_table(pa.Table.from_pylist(list(members), schema=columns), file)
            if then is not None:
                then(attempt, fingerprint)
            left = {place: members for place, (_, members) in (others or {}).items()}
            dropped = _counted(left.get(Zone.DROPPED, ()), lambda row: row["drop_reason"])
            quarantined = _counted(left.get(Zone.QUARANTINE, ()), lambda row: row["failed_expectations"][0])
            total = len(rows) + sum(dropped.values()) + sum(quarantined.values())
            return Outcome(
                rows_in=total, rows_out=len(rows), dropped=dropped, quarantined=quarantined, verdict=verdict
            )

        return perform(run, StageSpec(stage=stage, zone=zone, parents=[run.upstream(parent)]), work)


def _counted(rows: Sequence[Row], reason: Callable[[Row], str]) -> dict[str, int]:
    names = [reason(row) for row in rows]
    return {name: names.count(name) for name in sorted(set(names))}


@pytest.fixture
def flow(lake: Lake, ledger: Ledger, tmp_path: Path) -> Flow:
    """The flow `notes` in an empty lake and ledger."""
    return Flow(lake, ledger, tmp_path)


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a hundredth of what a real run waits between attempts."""
    real = stamina.retry_context

    def quick(**options: object) -> object:
        return real(**{**options, "wait_initial": 0.01, "wait_jitter": 0.0})  # type: ignore[arg-type]

    monkeypatch.setattr(stamina, "retry_context", quick)
