"""Stage 4, validate: the gate between the clean and the checked zone.

The verdict, with every expectation's observed value, is in the ledger before anything is published; a critical
failure stops the run, a warning publishes and says so. Rows that break a row-level promise go to quarantine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.errors import ContractError
from penstock.manifest import Manifest, Zone
from penstock.process.audit import without_audit
from penstock.receipt import Outcome, Receipt, Stage, Verdict
from penstock.stage import Run, StageSpec, perform
from penstock.validate.docs import write_docs
from penstock.validate.gate import Judgement, Result, check_columns, judge
from penstock.validate.promises import Promises
from penstock.validate.split import Split, compare, split

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from penstock.lake import Attempt

_GRAVITY = [Verdict.PASS, Verdict.WARN, Verdict.FAIL]


def validate(run: Run, promises: Promises) -> Receipt:
    """Judge a day's clean rows; publish those that keep every row-level promise to the checked zone.

    Raises:
        ContractError: when a critical promise is broken: nothing is published, the verdict and the quarantine stay.
        RecipeError: when a promise cannot be evaluated on these columns.
    """
    clean = run.upstream(Zone.CLEAN)

    def has_its_verdict(published: Manifest) -> bool:
        found = run.ledger.verdict_of(
            dataset=published.dataset, run_key=published.run_key, fingerprint=published.fingerprint
        )
        return found in (Verdict.PASS, Verdict.WARN) and found == published.outcome.verdict

    spec = StageSpec(
        stage=Stage.VALIDATE,
        zone=Zone.CHECKED,
        parents=(clean,),
        inputs={**run.recipe.validate_.inputs(), "promises": promises.inputs()},
        is_reusable=has_its_verdict,
    )
    return perform(
        run, spec, lambda attempt, fingerprint: _Gate(run, promises, clean, attempt).work(fingerprint)
    )


class _Gate:
    """The work of one attempt."""

    def __init__(self, run: Run, promises: Promises, clean: Manifest, attempt: Attempt) -> None:
        self.run, self.promises, self.clean, self.attempt = run, promises, clean, attempt
        self.where = f"{run.recipe.dataset} {run.run_key}"

    def work(self, fingerprint: str) -> Outcome:
        frame = self._read()
        check_columns(self.promises, frame.columns)
        found = split(frame, self.promises, self.run.run_key)
        judgement = judge(frame, self.promises, self.run.run_key, rows=found.rows)
        compare(found, judgement.results, where=self.where)
        verdict = self._verdict(judgement, found)
        sample_uri = self._write_quarantine(found)
        docs_uri = self._record(judgement, verdict, fingerprint, sample_uri)
        if verdict is Verdict.FAIL:
            raise self._stop(judgement, found, docs_uri, sample_uri)
        return Outcome(
            rows_in=found.rows,
            rows_out=self._write_checked(found, frame),
            bytes_in=self.clean.bytes,
            quarantined=found.quarantined,
            verdict=verdict,
            notes=tuple(_notes(judgement, found)),
            details={"docs_uri": docs_uri, "expectations": len(judgement.results)},
        )

    def _read(self) -> DataFrame:
        """Return the clean rows; a day that process left without files has neither rows nor columns."""
        spark, lake = self.run.session(), self.run.lake
        uris = [lake.spark_uri(entry.path) for entry in self.clean.entries()]
        return without_audit(spark.read.parquet(*uris)) if uris else spark.range(0).select()

    def _verdict(self, judgement: Judgement, found: Split) -> Verdict:
        verdict = judgement.verdict
        if found.rows == 0:
            verdict = max(verdict, Verdict(self.run.recipe.validate_.empty_day), key=_GRAVITY.index)
        return verdict

    def _write_quarantine(self, found: Split) -> str | None:
        if not found.quarantined:
            return None
        self._write(found.quarantine(), "quarantine", Zone.QUARANTINE)
        return self.run.lake.full(self.attempt.path(zone=Zone.QUARANTINE))

    def _write_checked(self, found: Split, frame: DataFrame) -> int:
        return self._write(found.checked(), "checked", Zone.CHECKED) if frame.columns else 0

    def _write(self, frame: DataFrame, folder: str, zone: Zone) -> int:
        """Write rows as Parquet, take the files into ``zone`` and return the number of rows in them."""
        path = self.attempt.path(folder)
        frame.write.option("compression", "zstd").parquet(self.run.lake.spark_uri(path))
        entries = self.attempt.adopt(folder, zone=zone)
        self.run.lake.remove(path)
        return sum(entry.rows or 0 for entry in entries)

    def _record(
        self, judgement: Judgement, verdict: Verdict, fingerprint: str, sample_uri: str | None
    ) -> str:
        dataset, run_key, attempt_id = self.run.recipe.dataset, self.run.run_key, self.attempt.id
        docs_uri = write_docs(
            self.run.lake, judgement.report, dataset=dataset, run_key=run_key, attempt_id=attempt_id
        )
        self.run.ledger.record_verdict(
            dataset=dataset,
            run_key=run_key,
            attempt=attempt_id,
            fingerprint=fingerprint,
            verdict=verdict,
            results=[result.model_dump(mode="json") for result in judgement.results],
            docs_uri=docs_uri,
            sample_uri=sample_uri,
        )
        return docs_uri

    def _stop(
        self, judgement: Judgement, found: Split, docs_uri: str, sample_uri: str | None
    ) -> ContractError:
        broken = judgement.failed("critical")
        what = "; ".join(_breach(result) for result in broken)
        if not broken:
            what = "the day has no rows, and the recipe says validate.empty_day: fail"
        sample = f"quarantined rows: {sample_uri}; " if sample_uri else ""
        message = (
            f"{self.where} validate: expected every critical promise to hold, but of {found.rows} rows: {what}. "
            f"{sample}Data Docs: {docs_uri}; nothing was published: fix the source or the recipe, then clear the task"
        )
        failed = {result.name: result.unexpected_rows or 1 for result in broken} or {"empty day": 1}
        return ContractError(message, failed=failed, sample_uri=sample_uri)


def _breach(result: Result) -> str:
    if result.unexpected_rows is not None:
        examples = f", as {result.observed}" if isinstance(result.observed, list) else ""
        return f"{result.unexpected_rows} break {result.name!r}{examples} ({result.reason})"
    return f"{result.name!r} does not hold, observed {result.observed} ({result.reason})"


def _notes(judgement: Judgement, found: Split) -> Iterator[str]:
    if found.rows == 0:
        yield "the day has no rows"
    for severity in ("warning", "info"):
        for result in judgement.failed(severity):
            yield f"{severity}: {_breach(result)}"
    if found.quarantined:
        yield f"{sum(found.quarantined.values())} rows went to quarantine"
