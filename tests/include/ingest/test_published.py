from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import EqualTo

from penstock.errors import ContractError
from penstock.ingest.published import PublishedTable
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.manifest import Manifest, Zone
from penstock.model.packed import unpack
from penstock.receipt import Outcome, Receipt
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.store.format import Snapshot
from penstock.transfer.stage import transfer

LABELED = pa.schema(
    [("doc_id", pa.string()), ("text", pa.string()), ("label", pa.string()), ("day", pa.date32())]
)
FEATURES = pa.schema(
    [
        ("doc_id", pa.string()),
        ("ngram_indices", pa.list_(pa.int32())),
        ("bert", pa.list_(pa.float32())),
        ("day", pa.date32()),
    ]
)
SOURCE: dict[str, Any] = {
    "kind": "published_table",
    "dataset": "opinion_text",
    "tables": [
        {"table": "labeled_table", "columns": ["text", "label"]},
        {"table": "feature_table", "columns": ["ngram_indices", "bert"]},
    ],
    "rename": {"doc_id": "original_doc_id"},
}

Row = dict[str, Any]


class Publisher:
    """Publishes days of two tables, as the store stage leaves them: rows, and a manifest that pins snapshots."""

    def __init__(self, lake: Lake, folder: Path) -> None:
        self.lake = lake
        uri, warehouse = f"sqlite:///{folder}/catalog.db", f"file://{folder}/warehouse"
        self.catalog = SqlCatalog("penstock", uri=uri, warehouse=warehouse)
        self.catalog.create_namespace("opinion_text")
        self.tables = {
            name: self.catalog.create_table(f"opinion_text.{name}", schema=schema)
            for name, schema in (("labeled_table", LABELED), ("feature_table", FEATURES))
        }

    def publish(self, day: str, labeled: list[Row], features: list[Row]) -> None:
        pinned = [
            self._write("labeled_table", LABELED, day, labeled),
            self._write("feature_table", FEATURES, day, features),
        ]
        self.pin(day, [snapshot.model_dump(mode="json") for snapshot in pinned])

    def _write(self, name: str, schema: pa.Schema, day: str, rows: list[Row]) -> Snapshot:
        dated = [{**row, "day": date.fromisoformat(day)} for row in rows]
        table = self.tables[name]
        table.overwrite(pa.Table.from_pylist(dated, schema=schema), overwrite_filter=EqualTo("day", day))
        snapshot = table.current_snapshot()
        assert snapshot is not None
        return Snapshot(
            name=f"penstock.opinion_text.{name}",
            table=name,
            format="iceberg",
            snapshot_id=str(snapshot.snapshot_id),
            location=table.location(),
        )

    def pin(self, day: str, snapshots: list[Any]) -> None:
        now = datetime.now(UTC)
        manifest = Manifest(
            zone=Zone.PUBLISHED,
            dataset="opinion_text",
            run_key=day,
            attempt="store-1",
            fingerprint="f" * 64,
            files=(),
            recipe_hash="r",
            code_version="c",
            started_at=now,
            finished_at=now,
            outcome=Outcome(rows_in=0, rows_out=0),
            extra={"snapshots": snapshots},
        )
        self.lake.publish(manifest)


@pytest.fixture
def publisher(lake: Lake, tmp_path: Path) -> Publisher:
    return Publisher(lake, tmp_path)


def rows(*names: str) -> tuple[list[Row], list[Row]]:
    labeled = [{"doc_id": name, "text": f"text of {name}", "label": "positive"} for name in names]
    features = [{"doc_id": name, "ngram_indices": [1, 2**18 - 1], "bert": [0.1, -0.5]} for name in names]
    return labeled, features[::-1]


def read(lake: Lake, day: str, **changes: object) -> dict[str, list[Row]]:
    source = PublishedTable.model_validate({**SOURCE, **changes})
    found = {}
    for item in source.items(day, lake):
        with item.open() as stream:
            found[item.name] = [json.loads(line) for line in stream]
    return found


def test_joins_the_tables_of_a_day_by_the_key_whatever_their_order(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("b", "a"))
    lines = read(lake, "2026-11-10")["2026-11-10.jsonl"]
    assert [line["original_doc_id"] for line in lines] == ["a", "b"]
    assert (lines[0]["text"], lines[0]["label"], lines[0]["day"]) == ("text of a", "positive", "2026-11-10")
    assert unpack([lines[0]["ngram_indices"]], "<i4").to_pylist() == [[1, 2**18 - 1]]
    assert unpack([lines[0]["bert"]], "<f4").to_pylist()[0] == pytest.approx([0.1, -0.5])


def test_null_features_and_labels_stay_null(lake: Lake, publisher: Publisher) -> None:
    publisher.publish(
        "2026-11-10",
        [{"doc_id": "a", "text": "喜欢", "label": None}],
        [{"doc_id": "a", "ngram_indices": [], "bert": None}],
    )
    line = read(lake, "2026-11-10")["2026-11-10.jsonl"][0]
    assert (line["label"], line["bert"], line["ngram_indices"], line["text"]) == (None, None, "", "喜欢")


def test_takes_the_days_of_the_window_up_to_and_including_the_run_key(
    lake: Lake, publisher: Publisher
) -> None:
    for day in ("2026-11-09", "2026-11-10", "2026-11-12", "2026-11-13"):
        publisher.publish(day, *rows(day))
    assert list(read(lake, "2026-11-12", window_days=3)) == ["2026-11-10.jsonl", "2026-11-12.jsonl"]


def test_days_that_are_not_published_yet_do_not_exist(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-13", *rows("a"))
    assert read(lake, "2026-11-12") == {}


def test_an_empty_published_day_is_an_empty_file(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    publisher.publish("2026-11-11", [], [])
    assert read(lake, "2026-11-11")["2026-11-11.jsonl"] == []


def test_reads_what_the_manifest_pins_also_when_the_table_moved_on(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    pinned = lake.manifest(Zone.PUBLISHED, "opinion_text", "2026-11-10").extra["snapshots"]
    publisher.publish("2026-11-10", *rows("later"))
    publisher.pin("2026-11-10", pinned)
    assert [line["original_doc_id"] for line in read(lake, "2026-11-10")["2026-11-10.jsonl"]] == ["a"]


def test_a_metadata_file_that_a_loser_left_is_passed_over(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    folder = Path(publisher.tables["labeled_table"].location().removeprefix("file://")) / "metadata"
    (folder / "99999-left-behind.metadata.json").write_bytes(min(folder.glob("00000-*.json")).read_bytes())
    assert len(read(lake, "2026-11-10")["2026-11-10.jsonl"]) == 1


def test_the_snapshots_are_in_the_provenance(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    item = next(PublishedTable.model_validate(SOURCE).items("2026-11-10", lake))
    current = publisher.tables["feature_table"].current_snapshot()
    assert current is not None
    assert item.provenance["snapshots"]["penstock.opinion_text.feature_table"] == str(current.snapshot_id)


@pytest.mark.parametrize(
    ("labeled", "features"),
    [(("a", "b"), ("a",)), (("a",), ("b",)), (("a",), ("a", "b")), (("a", "a"), ("a", "a"))],
)
def test_refuses_tables_that_do_not_have_the_same_rows(
    labeled: tuple[str, ...], features: tuple[str, ...], lake: Lake, publisher: Publisher
) -> None:
    publisher.publish("2026-11-10", rows(*labeled)[0], rows(*features)[1])
    with pytest.raises(ContractError, match="expected the same doc_id once in each table of 2026-11-10"):
        read(lake, "2026-11-10")


def test_refuses_a_column_that_the_table_has_not(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    tables = [{"table": "labeled_table", "columns": ["txet"]}]
    with pytest.raises(ContractError, match=r"expected the columns doc_id, txet in penstock\.opinion_text"):
        read(lake, "2026-11-10", tables=tables)


def test_refuses_a_table_that_the_run_did_not_publish(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    tables = [{"table": "other_table", "columns": ["text"]}]
    with pytest.raises(
        ContractError, match=r"Iceberg table other_table, got labeled_table \(iceberg\), feature"
    ):
        read(lake, "2026-11-10", tables=tables)


@pytest.mark.parametrize("garbage", [[{"nothing": 1}], ["text"]])
def test_refuses_a_manifest_whose_snapshots_are_garbage(
    garbage: list[Any], lake: Lake, publisher: Publisher
) -> None:
    publisher.pin("2026-11-10", garbage)
    with pytest.raises(
        ContractError, match=r"expected opinion_text 2026-11-10 to have published .*, got none"
    ):
        read(lake, "2026-11-10")


def test_says_when_the_snapshot_is_gone(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    pinned = lake.manifest(Zone.PUBLISHED, "opinion_text", "2026-11-10").extra["snapshots"]
    publisher.pin("2026-11-10", [{**snapshot, "snapshot_id": "17"} for snapshot in pinned])
    with pytest.raises(ContractError, match=r"at snapshot 17.*got a table without it; run the store stage"):
        read(lake, "2026-11-10")


def test_says_when_a_data_file_is_gone(lake: Lake, publisher: Publisher) -> None:
    publisher.publish("2026-11-10", *rows("a"))
    folder = Path(publisher.tables["feature_table"].location().removeprefix("file://"))
    for file in folder.rglob("*.parquet"):
        file.unlink()
    with pytest.raises(ContractError, match=r"expected penstock\.opinion_text\.feature_table of 2026-11-10"):
        read(lake, "2026-11-10")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tables": [{"table": "t", "columns": ["text", "text"]}]}, "text more than once"),
        ({"tables": [{"table": "t", "columns": ["day"]}]}, "day more than once"),
        ({"rename": {"nobody": "x"}}, "got nobody"),
        ({"rename": {"doc_id": "text"}}, "text more than once"),
        ({"tables": []}, "at least 1 item"),
        ({"window_days": 0}, "greater than or equal to 1"),
    ],
)
def test_refuses_columns_that_clash(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        PublishedTable.model_validate({**SOURCE, **changes})


@pytest.fixture
def recipe() -> Recipe:
    columns = ["original_doc_id", "text", "label", "ngram_indices", "bert", "day"]
    return Recipe.model_validate(
        {
            "dataset": "opinion_model",
            "start": "2026-11-10",
            "ingest": {"source": SOURCE, "empty": "fail"},
            "transfer": {"decoder": {"kind": "jsonl", "columns": [{"name": name} for name in columns]}},
            "store": {},
        }
    )


def test_ingest_and_transfer_carry_every_row_and_a_rerun_changes_nothing(
    recipe: Recipe, publisher: Publisher, run_of: Callable[..., Run]
) -> None:
    publisher.publish("2026-11-10", *rows("a", "b"))
    publisher.publish("2026-11-11", *rows("c"))
    run = run_of(recipe, "2026-11-11")
    landed, moved = ingest(run), transfer(run)
    assert (landed.rows_out, moved.rows_in, moved.rows_out) == (3, 3, 3)
    again: list[Receipt] = [ingest(run), transfer(run)]
    assert [receipt.unchanged for receipt in again] == [True, True]
    publisher.publish("2026-11-10", *rows("a", "b", "d"))
    assert ingest(run).rows_out == 4


def test_a_day_before_anything_was_published_fails_and_says_so(
    recipe: Recipe, publisher: Publisher, run_of: Callable[..., Run]
) -> None:
    with pytest.raises(ContractError, match="expected records of the day, the source has none"):
        ingest(run_of(recipe, "2026-11-10"))
