"""What a demo did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.receipt import Stage

if TYPE_CHECKING:
    from penstock.ledger.views import RunDetail


@dataclass
class DemoRun:
    """What a demo did: the run as the ledger has it, and where the time went (seconds)."""

    dataset: str
    run_key: str
    log: Path
    exit_code: int = 0
    setup_s: float = 0.0
    airflow_s: float = 0.0
    spark_start_s: float | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    detail: RunDetail | None = None

    @property
    def stages_s(self) -> float:
        """Seconds that the stages themselves worked."""
        return sum(stage.seconds or 0 for stage in self.detail.stages) if self.detail else 0.0

    @property
    def is_unchanged(self) -> bool:
        """Whether every stage found its work already done."""
        return self.detail is not None and all(stage.state == "unchanged" for stage in self.detail.stages)

    @property
    def failure(self) -> str | None:
        """What went wrong, or ``None``."""
        stages = self.detail.stages if self.detail else ()
        ours = [stage for stage in stages if stage.started_at >= self.since]
        for stage in ours:
            if stage.state not in {"success", "unchanged"}:
                return f"{stage.stage} {stage.state}: {stage.error or 'it did not end'}"
        if not ours:
            return "Airflow ended without starting a stage"
        if self.exit_code:
            return f"Airflow ended with exit code {self.exit_code} after {ours[-1].stage}"
        absent = [stage for stage in Stage if stage not in {run.stage for run in ours}]
        return f"Airflow ended before {absent[0]}" if absent else None
