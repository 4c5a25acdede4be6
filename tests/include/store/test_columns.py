"""How a table follows a recipe whose columns change."""

from __future__ import annotations

import pytest

from penstock.errors import ContractError
from penstock.store.columns import Change, compare, definition, fit, listed


@pytest.fixture
def schema(spark):
    """Read a schema from DDL."""
    return lambda ddl: spark.createDataFrame([], ddl).schema


@pytest.fixture
def table(schema):
    """The schema of a published table."""
    return schema("id string, n int, x float, day date")


@pytest.mark.parametrize(
    ("frame", "change"),
    [
        ("id string, n int, x float", Change()),
        ("x float, n int, id string", Change()),
        ("id string, n int, x float, w array<int>", Change(added={"w": "array<int>"})),
        ("id string", Change(absent=["n", "x"])),
        ("id string, n bigint, x double", Change(widened={"n": "bigint", "x": "double"})),
        ("id string, n smallint, x float", Change()),
    ],
)
def test_a_table_is_told_what_it_needs(schema, table, frame, change):
    assert compare(table, schema(frame), name="t", can_widen=True) == change


@pytest.mark.parametrize(
    "frame", ["id int, n int, x float", "id string, n string", "id string, x int", "id string, n array<int>"]
)
def test_another_type_is_refused_with_both_types_and_a_way_out(schema, table, frame):
    with pytest.raises(
        ContractError, match=r"expected column .* of type .* as published before, got .*cast it back"
    ):
        compare(table, schema(frame), name="t", can_widen=True)


def test_a_table_that_cannot_widen_refuses_a_wider_number_and_takes_a_narrower(schema, table):
    with pytest.raises(ContractError, match="got bigint"):
        compare(table, schema("n bigint"), name="t", can_widen=False)
    assert compare(table, schema("n tinyint"), name="t", can_widen=False).widened == {}


def test_each_kind_of_change_is_said():
    change = Change(added={"a": "int"}, widened={"b": "bigint"}, absent=["c"])
    assert change.notes("ns.t") == [
        "ns.t: new columns a; NULL on the days before",
        "ns.t: wider types b bigint",
        "ns.t: this run has no c; NULL on this day",
    ]
    assert Change().notes("ns.t") == []


def test_day_is_the_last_column_and_names_are_quoted(schema):
    assert definition(schema("`a b` int, n array<int>")) == "`a b` int, `n` array<int>, `day` date"
    assert listed({"a b": "int", "c": "string"}) == "`a b` int, `c` string"


def test_a_frame_is_fitted_to_the_table_s_order_and_types(spark, table):
    frame = spark.createDataFrame([(7, "a")], "n tinyint, id string")
    with_day = fit(frame, table, "2026-11-16")
    assert [tuple(map(str, row)) for row in with_day.collect()] == [("a", "7", "None", "2026-11-16")]
    assert with_day.schema.simpleString() == "struct<id:string,n:int,x:float,day:date>"
    assert fit(frame, table).columns == ["id", "n", "x"]
