from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.locations import locate


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    lines = [
        {"text": f"{word} number {n}", "label": label}
        for n in range(60)
        for label, word in (("good", "careful proof"), ("bad", "cheap pills"))
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_trains_prints_and_publishes(penstock: Any, labels: Path) -> None:
    ran = penstock("quality", "train", str(labels), "--name", "mine", "--from", "2026-11-16")
    assert ran.code == 0, ran.err
    assert "held back (always" in ran.out
    assert "precision" in ran.out
    row = locate().ledger().newest_model("mine", before="2026-11-16")
    assert row is not None
    assert f"published mine {row['version']}: runs of 2026-11-16 and later" in ran.out


def test_a_dry_run_publishes_nothing(penstock: Any, labels: Path) -> None:
    ran = penstock("quality", "train", str(labels), "--dry-run", "--json")
    assert ran.json()["version"] is None
    assert ran.json()["metrics"]["held_back"]["accuracy"] > 0.9
    assert locate().ledger().newest_model("quality", before="9999-01-01") is None


def test_a_wrong_file_is_one_clear_line(penstock: Any, tmp_path: Path) -> None:
    ran = penstock("quality", "train", str(tmp_path / "none.jsonl"))
    assert ran.code == 2
    assert "expected a file of JSON lines" in ran.err
