"""Where a table's day goes, and what every format must say."""

from __future__ import annotations

import pytest

from penstock.params import members
from penstock.store.format import Snapshot, TableFormat, Target, canonical_uri

METHODS = (
    "name_of",
    "prepare",
    "stage",
    "staged_rows",
    "commit",
    "discard",
    "current",
    "holds",
    "count",
    "files",
)


def test_a_day_s_files_lie_beside_the_attempt_and_not_in_it(lake):
    target = Target(
        lake=lake,
        dataset="d",
        namespace="ns",
        table="t",
        run_key="2026-11-16",
        fingerprint="f",
        attempt_id="store-1-a",
    )
    assert target.identifier == "`ns`.`t`"
    assert target.data_path == "05_published/d/2026-11-16/attempt=store-1-a-data/t"
    assert target.table_path == "05_published/d/table=t"


@pytest.mark.parametrize("kind", ["iceberg", "orc", "parquet"])
def test_each_format_is_found_by_name_and_is_whole(kind):
    found = members(TableFormat, package="penstock.store.formats", group="penstock.table_formats")
    assert sorted(found) == ["iceberg", "orc", "parquet"]
    assert [name for name in METHODS if getattr(found[kind], name) is getattr(TableFormat, name)] == []


@pytest.mark.parametrize("uri", ["file:/a/b", "file:///a/b"])
def test_a_local_uri_is_written_in_one_way(uri):
    assert canonical_uri(uri) == "file:///a/b"
    assert canonical_uri("s3a://a/b") == "s3a://a/b"


def test_a_snapshot_survives_its_manifest():
    snapshot = Snapshot(
        table="t", name="penstock.ns.t", format="iceberg", snapshot_id="7" * 19, rows=3, location="file:///x"
    )
    assert Snapshot.model_validate(snapshot.model_dump(mode="json")) == snapshot
