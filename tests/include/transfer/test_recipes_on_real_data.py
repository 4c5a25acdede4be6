"""The two worked recipes on their real data, from the package index to the raw zone."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyarrow import parquet

from penstock.errors import SourceError
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.manifest import Zone
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.transfer.stage import transfer

pytestmark = pytest.mark.integration

JANUARY_ROWS = 2226
RECIPES = Path(__file__).parents[3] / "include" / "recipes"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One lake for all tests of this module, so that each package is fetched once."""
    return tmp_path_factory.mktemp("real")


def raw_days(home: Path, name: str, first: date, days: int) -> Iterator[tuple[Run, list[dict[str, Any]]]]:
    """Run the first two stages of each day; give the run and its raw rows."""
    document = yaml.safe_load((RECIPES / f"{name}.yaml").read_text(encoding="utf-8"))
    kept = {key: document[key] for key in ("dataset", "description", "start", "ingest", "transfer")}
    recipe = Recipe.model_validate({**kept, "store": {}})
    lake, ledger = Lake(f"file://{home}/lake"), Ledger(f"sqlite:///{home}/ledger.db")
    for n in range(days):
        run = Run(recipe=recipe, run_key=(first + timedelta(n)).isoformat(), lake=lake, ledger=ledger)
        try:
            ingest(run)
        except SourceError as error:
            pytest.skip(f"no package index can be reached: {error}")
        receipt = transfer(run)
        assert receipt.quarantined == {}
        yield run, rows_of(run)


def rows_of(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in run.upstream(Zone.RAW).entries():
        found += parquet.read_table(io.BytesIO(run.lake.fs.cat_file(run.lake.full(entry.path)))).to_pylist()
    return found


def test_seven_days_of_opinion_text_are_all_58826_texts_once(home: Path) -> None:
    counted: Counter[tuple[str, str | None]] = Counter()
    ids: set[str] = set()
    for _run, rows in raw_days(home, "opinion_text", date(2026, 11, 10), 7):
        assert 7000 < len(rows) < 9500
        counted.update((row["source"], row["label"]) for row in rows)
        ids.update(row["doc_id"] for row in rows)
        assert all(row["text"].strip() for row in rows)
        assert all((row["rating"] is None) == (row["source"] == "shop_reviews_zh") for row in rows)
        assert all(row["rating"] is None or -4 <= row["rating"] <= 4 for row in rows)
    assert counted == {
        ("tweets", None): 4200,
        ("amazon_reviews", None): 3708,
        ("movie_reviews", None): 10605,
        ("nyt_editorials", None): 5190,
        ("shop_reviews_zh", "positive"): 16548,
        ("shop_reviews_zh", "negative"): 18575,
    }
    assert len(ids) == counted.total() == 58_826


def test_the_eighth_day_is_the_first_again_and_a_second_run_changes_nothing(home: Path) -> None:
    (first,) = raw_days(home, "opinion_text", date(2026, 11, 10), 1)
    (eighth,) = raw_days(home, "opinion_text", date(2026, 11, 17), 1)
    assert [row["doc_id"] for row in eighth[1]] == [row["doc_id"] for row in first[1]]
    assert ingest(first[0]).unchanged
    assert transfer(first[0]).unchanged


def test_january_of_airport_weather_is_naturally_dated(home: Path) -> None:
    days = [rows for _run, rows in raw_days(home, "airport_weather", date(2013, 1, 1), 31)]
    for day, rows in enumerate(days, start=1):
        assert {(row["year"], row["month"], row["day"]) for row in rows} == {(2013, 1, day)}
    assert sum(map(len, days)) == JANUARY_ROWS
    newark = days[0][0]
    assert (newark["origin"], newark["temp"], newark["wind_gust"]) == ("EWR", 39.02, None)
    assert newark["time_hour"] == datetime(2013, 1, 1, 6, tzinfo=UTC)
