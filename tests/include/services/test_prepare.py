"""Preparing is done once, whole, and again only when there is a reason."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from penstock.errors import PenstockError
from penstock.services import prepare as module
from penstock.services.environment import Places
from penstock.services.prepare import DATABASE_SETTING, compile_kernel, migrate_database, prepare


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    monkeypatch.setattr(module, "ensure_jars", lambda folder: [])
    monkeypatch.setattr(module, "compile_kernel", lambda places: False)
    monkeypatch.setattr(module, "archive_classes", lambda places: False)
    return Places(tmp_path, tmp_path / "home")


@pytest.fixture
def migrations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace Airflow's migration by one small table; list the databases migrated."""
    seen: list[str] = []

    def migrate(environment: Mapping[str, str], *words: str) -> None:
        seen.append(environment.get(DATABASE_SETTING, "of airflow.cfg"))
        if environment.get(DATABASE_SETTING, "").startswith("sqlite"):
            with closing(
                sqlite3.connect(environment[DATABASE_SETTING].removeprefix("sqlite:///"))
            ) as database:
                database.execute("CREATE TABLE IF NOT EXISTS made (a)")

    monkeypatch.setattr(module, "_run_airflow", migrate)
    return seen


def test_says_each_thing_done_and_then_nothing(places: Places, migrations: list[str]):
    said: list[str] = []
    assert prepare(places, said.append)
    assert [line.split("  ")[1] for line in said] == ["Secrets of this machine", "Airflow's database"]
    assert not prepare(places, said.append)
    assert len(said) == 2
    assert len(migrations) == 1


def test_a_new_database_takes_its_name_when_it_is_complete(places: Places, migrations: list[str]):
    places.home.mkdir()
    (places.home / "airflow.db.new").write_text("half of one")
    (places.home / "airflow.db-wal").write_text("of a file that was deleted")
    migrate_database(places)
    assert migrations == [f"sqlite:///{places.home}/airflow.db.new"]
    with closing(sqlite3.connect(places.home / "airflow.db")) as database:
        assert database.execute("SELECT count(*) FROM made").fetchone() == (0,)
    assert not (places.home / "airflow.db-wal").exists()


def test_a_deleted_database_is_made_again(places: Places, migrations: list[str]):
    migrate_database(places)
    (places.home / "airflow.db").unlink()
    assert migrate_database(places)


def test_another_version_of_airflow_migrates_in_place(
    places: Places, migrations: list[str], monkeypatch: pytest.MonkeyPatch
):
    migrate_database(places)
    monkeypatch.setattr(module, "version", lambda name: "9.9.9")
    assert migrate_database(places)
    assert migrations[1:] == ["of airflow.cfg"] or migrations[1].partition("?")[0].endswith(
        "/home/airflow.db"
    )


def test_another_database_is_migrated_once(
    places: Places, migrations: list[str], monkeypatch: pytest.MonkeyPatch
):
    migrate_database(places)
    monkeypatch.setenv(DATABASE_SETTING, "postgresql://me:secret@db/airflow")
    assert migrate_database(places)
    assert not migrate_database(places)
    assert "secret" not in (places.home / "airflow.db.version").read_text()


def test_a_failing_migration_is_quoted_and_tried_again(places: Places, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(PenstockError, match="expected `airflow db migrate` to succeed, got exit code 1"):
        migrate_database(places)
    assert not (places.home / "airflow.db").exists()
    assert not (places.home / "airflow.db.version").exists()


def test_the_kernel_is_compiled_once_and_again_for_other_code(
    places: Places, monkeypatch: pytest.MonkeyPatch
):
    ran: list[str] = []
    monkeypatch.setattr(module, "_run", lambda name, *_: ran.append(name))
    assert compile_kernel(places)
    assert not compile_kernel(places)
    monkeypatch.setattr(module, "code_version", lambda: "another")
    assert compile_kernel(places)
    assert ran == ["penstock.services.machine_code"] * 2


def test_classes_are_archived_once_and_again_for_another_spark(
    places: Places, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.undo()
    ran: list[str] = []
    monkeypatch.setattr(module, "_run", lambda name, *_: ran.append(name))
    assert module.archive_classes(places)
    assert not module.archive_classes(places)
    monkeypatch.setattr(module, "version", lambda name: f"another {name}")
    assert module.archive_classes(places)
    assert ran == ["penstock.services.class_archive"] * 2
