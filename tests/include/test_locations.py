"""Where things are: connections, variables, defaults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock.locations import (
    Connection,
    catalog_from,
    expand_home,
    lake_from,
    ledger_from,
    locate,
    parse_connection,
    secret_of,
    spark_from,
    without_password,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "include" / "recipes").mkdir(parents=True)
    (tmp_path / "dags").mkdir()
    return tmp_path


def test_without_any_setting_everything_is_below_the_project_found_upward(project: Path) -> None:
    found = locate({}, cwd=project / "dags")
    assert (found.root, found.home) == (project, project / ".penstock")
    assert found.lake_uri == f"file://{project}/.penstock/lake"
    assert found.ledger_url == f"sqlite:///{project}/.penstock/ledger.db"
    assert found.spark_remote is None


def test_penstock_home_and_root_are_taken_from_the_environment(project: Path, tmp_path: Path) -> None:
    found = locate({"PENSTOCK_HOME": f"{tmp_path}/h", "PENSTOCK_ROOT": str(project)}, cwd=Path("/"))
    assert (found.root, found.home, found.ledger_file) == (
        project,
        tmp_path / "h",
        tmp_path / "h" / "ledger.db",
    )


def test_variables_name_each_place(project: Path) -> None:
    environ = {
        "PENSTOCK_LAKE": "s3://bucket/lake",
        "PENSTOCK_LAKE_OPTIONS": '{"anon": true}',
        "PENSTOCK_LEDGER": "postgresql://u:pw@db/penstock",
        "PENSTOCK_SPARK": "sc://spark:15002",
        "PENSTOCK_CATALOG": '{"type": "rest", "uri": "http://catalog"}',
    }
    found = locate(environ, cwd=project)
    assert (found.lake_uri, found.lake_options) == ("s3://bucket/lake", {"anon": True})
    assert (found.ledger_name, found.ledger_file) == ("postgresql://u:***@db/penstock", None)
    assert found.spark_remote == "sc://spark:15002"
    assert found.catalog["spark.sql.catalog.penstock.type"] == "rest"


def test_a_connection_wins_over_a_variable_as_it_does_in_airflow(project: Path) -> None:
    environ = {"PENSTOCK_LAKE": "s3://other", "AIRFLOW_CONN_PENSTOCK_LAKE": "file:///data/lake"}
    assert locate(environ, cwd=project).lake_uri == "file:///data/lake"


def test_no_password_is_shown_when_locations_are_printed(project: Path) -> None:
    environ = {
        "PENSTOCK_LEDGER": "postgresql://u:geheim@db/penstock",
        "AIRFLOW_CONN_PENSTOCK_LAKE": "s3://key:geheim@bucket/lake",
    }
    assert "geheim" not in repr(locate(environ, cwd=project))


@pytest.mark.parametrize(
    ("text", "uri", "options"),
    [
        ("file:///data/lake", "file:///data/lake", {}),
        ("hdfs://namenode:8020/lake", "hdfs://namenode:8020/lake", {}),
        ("s3://key:secret@bucket/a/b", "s3://bucket/a/b", {"key": "key", "secret": "secret"}),
        ("aws://bucket", "s3://bucket", {}),
        (
            "s3://k:s@bucket/a?endpoint_url=https%3A%2F%2Fstore.example",
            "s3://bucket/a",
            {"key": "k", "secret": "s", "endpoint_url": "https://store.example"},
        ),
        (
            "generic://?uri=gs%3A%2F%2Fbucket&options=%7B%22token%22%3A%22anon%22%7D",
            "gs://bucket",
            {"token": "anon"},
        ),
        ('{"conn_type": "fs", "extra": {"uri": "file:///x"}}', "file:///x", {}),
        ('{"conn_type": "fs", "extra": "{\\"uri\\": \\"file:///x\\"}"}', "file:///x", {}),
    ],
)
def test_a_lake_connection_becomes_a_uri(text: str, uri: str, options: dict[str, object]) -> None:
    place = lake_from(parse_connection(text, where="X"))
    assert (place.uri, place.options) == (uri, options)


def test_a_lake_connection_without_a_place_is_refused() -> None:
    with pytest.raises(RecipeError, match="expected a host or an extra uri"):
        lake_from(Connection(conn_type="hdfs"))


def test_options_that_are_no_object_are_refused() -> None:
    with pytest.raises(RecipeError, match="JSON object"):
        lake_from(Connection(conn_type="s3", host="b", extra_dejson={"options": "[1]"}))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("postgres://user:p%40ss@db:5433/penstock", "postgresql://user:p%40ss@db:5433/penstock"),
        ("postgresql://db/penstock", "postgresql://db/penstock"),
        ("sqlite:////data/ledger.db", "sqlite:////data/ledger.db"),
        ("generic://?url=sqlite%3A%2F%2F%2Fx.db", "sqlite:///x.db"),
    ],
)
def test_a_ledger_connection_becomes_a_url(text: str, url: str) -> None:
    assert ledger_from(parse_connection(text, where="X")) == url


def test_a_ledger_of_another_kind_is_refused() -> None:
    with pytest.raises(RecipeError, match="postgres or sqlite"):
        ledger_from(Connection(conn_type="mysql", host="db"))


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("spark-connect://spark:15003", "sc://spark:15003"),
        ("spark-connect://spark", "sc://spark:15002"),
        (
            '{"host": "sc://spark", "extra": {"use_ssl": true, "token": "t"}}',
            "sc://spark:15002/;use_ssl=true;token=t",
        ),
        ("generic://?remote=sc%3A%2F%2Fx%3A1", "sc://x:1"),
        ("spark-connect://", None),
    ],
)
def test_a_spark_connection_becomes_a_remote(text: str, remote: str | None) -> None:
    assert spark_from(parse_connection(text, where="X")) == remote


def test_a_catalog_connection_names_its_settings_with_or_without_the_prefix() -> None:
    settings = catalog_from(Connection(extra_dejson={"type": "rest", "spark.sql.catalog.penstock.uri": "u"}))
    assert settings == {
        "spark.sql.catalog.penstock": "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.penstock.type": "rest",
        "spark.sql.catalog.penstock.uri": "u",
    }


@pytest.mark.parametrize(
    "text", ["{broken", "[]", '{"port": "x"}', "postgres://u:geheim@db:port/x", '{"unknown": 1}']
)
def test_a_connection_that_does_not_parse_is_refused_without_repeating_it(text: str) -> None:
    if text == "[]":
        assert parse_connection(text, where="X").host == ""
        return
    with pytest.raises(RecipeError, match="AIRFLOW_CONN_X: expected a connection") as caught:
        parse_connection(text, where="AIRFLOW_CONN_X")
    assert "geheim" not in str(caught.value)


def test_a_connection_written_by_airflow_reads_as_airflow_reads_it() -> None:
    from airflow.sdk import Connection as AirflowConnection

    theirs = AirflowConnection(
        conn_id="penstock_lake", conn_type="s3", host="bucket", schema="lake", login="k", password="a/b@c",
        extra=json.dumps({"options": {"anon": False}}),
    )  # fmt: skip
    ours = parse_connection(theirs.get_uri(), where="X")
    assert lake_from(ours) == lake_from(theirs)


def test_only_a_leading_penstock_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_HOME", "/h")
    given = ["$PENSTOCK_HOME/a*", "${PENSTOCK_HOME}", "/x/$PENSTOCK_HOME", "s3://b/c", "$PENSTOCK_HOMES/a"]
    expected = ["/h/a*", "/h", "/x/$PENSTOCK_HOME", "s3://b/c", "$PENSTOCK_HOMES/a"]
    assert [expand_home(path) for path in given] == expected


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    assert without_password("sqlite:////x.db") == "sqlite:////x.db"


@pytest.mark.parametrize(
    ("environ", "secret"),
    [
        ({}, None),
        ({"PENSTOCK_PII": "a"}, "a"),
        ({"AIRFLOW_CONN_PENSTOCK_PII": "generic://:b%2F@"}, "b/"),
        (
            {"AIRFLOW_CONN_PENSTOCK_PII": '{"conn_type": "generic", "password": "c"}', "PENSTOCK_PII": "a"},
            "c",
        ),
        ({"AIRFLOW_CONN_PENSTOCK_PII": "generic://host"}, None),
    ],
)
def test_a_secret_comes_from_a_connection_or_a_variable(environ: dict[str, str], secret: str | None) -> None:
    found = secret_of(environ, "penstock_pii")
    assert (found.get_secret_value() if found else None) == secret


def test_a_secret_connection_that_does_not_parse_is_not_repeated() -> None:
    with pytest.raises(RecipeError, match="AIRFLOW_CONN_PENSTOCK_PII") as caught:
        secret_of({"AIRFLOW_CONN_PENSTOCK_PII": "{hunter2"}, "penstock_pii")
    assert "hunter2" not in str(caught.value)
