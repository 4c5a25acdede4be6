"""``up``, ``down``, ``status`` and ``logs`` on a home where nothing runs; the stack itself is tested with services."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_status_of_nothing_is_exit_code_1(penstock: Any) -> None:
    ran = penstock("status", "--json")
    assert (ran.code, ran.json()) == (1, {"services": [], "url": None, "healthy": False})
    assert "not running" in penstock("status").out


def test_down_of_nothing_is_fine(penstock: Any) -> None:
    assert penstock("down").out == "Penstock was not running.\n"
    ran = penstock("down", "--json")
    assert (ran.code, ran.json()) == (0, {"ended_by_hand": 0})
    assert "not running" in ran.err


def test_logs_of_an_unknown_service_names_the_known_ones(penstock: Any) -> None:
    ran = penstock("logs", "nothing")
    assert ran.code == 2
    assert "scheduler" in ran.err


def test_logs_as_json_are_the_files(penstock: Any, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "spark.log").write_text("up\n")
    assert penstock("logs", "spark", "--json").json()[0].endswith("spark.log")
    assert penstock("logs", "scheduler", "--json").code == 2
