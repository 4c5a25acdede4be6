from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.process import audit
from penstock.process.columns import Columns, Conversion
from penstock.process.step import FrameContext


def transformed(spark, context, step, rows, schema):
    frame = audit.with_audit(spark.createDataFrame(rows, schema))
    done = audit.without_audit(step.transform(frame, FrameContext(run=context)))
    return done.columns, [tuple(row) for row in done.collect()]


@pytest.mark.parametrize(
    ("old", "new", "value", "expected"),
    [
        ("fahrenheit", "celsius", 32.0, 0.0), ("fahrenheit", "celsius", 212.0, 100.0),
        ("fahrenheit", "celsius", -40.0, -40.0), ("celsius", "kelvin", 0.0, 273.15), ("mph", "mps", 10.0, 4.4704),
        ("knots", "kmh", 1.0, 1.852), ("inches", "mm", 1.0, 25.4), ("mbar", "hpa", 1012.5, 1012.5),
        ("miles", "km", 10.0, 16.09344), ("feet", "m", 1.0, 0.3048), ("percent", "ratio", 59.0, 0.59),
    ],
)  # fmt: skip
def test_units_convert_by_their_definition(old, new, value, expected):
    factor, offset = Conversion.model_validate({"from": old, "to": new}).coefficients()
    assert value * factor + offset == pytest.approx(expected, abs=1e-9)


def test_a_row_of_a_weather_station(spark, context):
    step = Columns.model_validate(
        {
            "rename": {"temp": "temperature_celsius", "wind": "wind_speed_mps"},
            "convert": {
                "temperature_celsius": {"from": "fahrenheit", "to": "celsius", "digits": 2},
                "wind_speed_mps": {"from": "mph", "to": "mps"},
            },
            "cast": {"hour": "int"},
            "sql": {"is_windy": "wind_speed_mps > 10", "minute": "hour * 60"},
            "missing": ["temperature_celsius", "wind_speed_mps"],
            "drop": ["note"],
        }
    )
    rows = [
        (39.02, 10.0, "7", "x"), (None, 1048.4, "8", "x"), (float("nan"), None, "garbage", None),
        (39.02, 10.0, "7", "x"),
    ]  # fmt: skip
    columns, found = transformed(
        spark, context, step, rows, "temp double, wind double, hour string, note string"
    )
    assert columns == [
        "temperature_celsius",
        "wind_speed_mps",
        "hour",
        "is_windy",
        "minute",
        "missing_readings",
    ]
    first = (3.9, pytest.approx(4.4704), 7, False, 420, [])
    assert found == [
        first,
        (None, pytest.approx(468.67, abs=0.01), 8, True, 480, ["temperature_celsius"]),
        (None, None, None, None, None, ["temperature_celsius", "wind_speed_mps"]),
        first,
    ]


def test_a_reading_that_is_no_number_is_missing(spark, context):
    step = Columns.model_validate(
        {"convert": {"t": {"from": "fahrenheit", "to": "celsius", "digits": 6}}, "missing": ["t"]}
    )
    assert transformed(spark, context, step, [("NA",), ("32",)], "t string")[1] == [(None, ["t"]), (0.0, [])]


def test_without_parameters_nothing_changes(spark, context):
    assert transformed(spark, context, Columns(), [(1, "a")], "n int, t string") == (["n", "t"], [(1, "a")])


def test_an_empty_day_has_the_new_columns(spark, context):
    step = Columns(rename={"n": "m"}, missing=("m",))
    assert transformed(spark, context, step, [], "n int") == (["m", "missing_readings"], [])


@pytest.mark.parametrize(
    "wrong", [{"sql": {"x": "no_such + 1"}}, {"sql": {"x": "1 +"}}, {"cast": {"n": "integr"}}]
)
def test_what_spark_cannot_read_is_the_recipes_fault(spark, context, wrong):
    with pytest.raises(
        RecipeError, match=r"recipe notes: process step columns: expected.*columns n, drop_step"
    ):
        transformed(spark, context, Columns(**wrong), [(1,)], "n int")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"convert": {"t": {"from": "fahrenheit", "to": "mm"}}}, "units of one quantity, got fahrenheit"),
        ({"convert": {"t": {"from": "farenheit", "to": "celsius"}}}, "Input should be 'celsius'"),
        ({"rename": {"a": "c", "b": "c"}}, "got c twice"),
        ({"drop": ["doc_id"]}, "doc_id: expected columns of the data"),
        ({"rename": {"a": "drop_reason"}}, "what the platform owns"),
    ],
)
def test_refuses_what_contradicts_itself(wrong, words):
    with pytest.raises(ValidationError, match=words):
        Columns.model_validate(wrong)


def test_names_what_it_reads_adds_and_removes():
    step = Columns.model_validate(
        {
            "rename": {"a": "b"},
            "convert": {"b": {"from": "mm", "to": "m"}},
            "sql": {"c": "b"},
            "drop": ["d", "c"],
        }
    )
    assert (step.reads(), list(step.adds()), step.removes()) == (("a", "d"), ["b"], ("a", "d", "c"))
