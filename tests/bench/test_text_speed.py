from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def speed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    import text_speed

    return text_speed


def test_rates_are_compared_with_datatroves_mode_on_the_same_corpus(speed, tmp_path):
    from measure import Reading, Usage

    def row(tool, mode, corpus, cpu_s, size):
        usage = Usage(total=Reading(cpu_s + 1, cpu_s + 2), marks={"session": Reading(1, 1)})
        return speed._row(tool, mode, tmp_path / corpus, usage, size * 1_000_000)

    rows = [
        row("datatrove", "filter", "a", 10, 4), row("datatrove", "filter", "b", 10, 1),
        row("penstock", "annotate", "a", 5, 20), row("penstock", "near_duplicates", "a", 5, 20),
        speed._row("dolma", "filter", tmp_path / "a", note="not installed"),
    ]  # fmt: skip
    speed.add_ratios(rows)
    assert [r["times_fresh"] for r in rows] == [1, 1, pytest.approx(10), None, None]
    assert rows[2]["times_all"] == pytest.approx((20 / 6) / (4 / 11))
    assert rows[2]["fresh_cpu_s"] == 5
    assert rows[2]["wall_s"] == 6
