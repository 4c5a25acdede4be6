"""What `penstock doctor` finds, on this machine and on broken ones."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from penstock.cli import checks
from penstock.locations import Locations, locate
from penstock.services.jars import Jar


@pytest.fixture
def home(project: Path) -> Locations:
    assert project.is_dir()
    return locate()


def test_a_fresh_home_misses_what_setup_makes_and_says_so(penstock: Any) -> None:
    ran = penstock("doctor", "--json")
    found = {check["name"]: check for check in ran.json()}
    assert ran.code == 1
    assert list(found) == list(checks.CHECKS)
    assert [name for name in ("jars", "secrets", "airflow") if found[name]["state"] == "missing"] == [
        "jars",
        "secrets",
        "airflow",
    ]
    assert all(check["todo"] for check in found.values() if check["state"] != "ok")
    assert "make setup" in penstock("doctor").out


def test_asking_the_doctor_creates_nothing(penstock: Any, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    penstock("doctor")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["python", "java", "clock", "open files", "models"])
def test_this_machine_passes(home: Locations, name: str) -> None:
    assert checks.CHECKS[name](home).state == "ok"


def test_an_old_python_says_what_to_install(home: Locations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.sys, "version_info", (3, 9, 1))
    assert (checks.check_python(home).state, "3.11" in checks.check_python(home).todo) == ("missing", True)


def test_packages_are_compared_with_the_lock_line_by_line() -> None:
    lock = (
        "# a comment\nright==1.0 \\\n    --hash=sha256:00\n    # via something\nwrong==2.0 \\\n    --hash=sha256:00\n"
        'gone==3.0\nelsewhere==1.0 ; python_version < "3"\n-e .\n???\n'
    )

    def installed(name: str) -> str:
        if name == "gone":
            raise PackageNotFoundError(name)
        return "1.0"

    assert checks.compare_with_lock(lock, installed) == ["wrong 1.0 instead of ==2.0", "gone is missing"]
    assert checks.compare_with_lock("", installed) == []


def test_a_jar_with_another_byte_is_missing(home: Locations, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = "6f7d3c7a6c2c9e7fbe2d0c4f4b9d4a7e0a52b0e3d3f5d6f8d9a3f4c2b1a09f8e"
    monkeypatch.setattr("penstock.services.jars.read_lock", lambda: [Jar("org", "one", "1", digest)])
    (home.home / "jars").mkdir()
    (home.home / "jars" / "one-1.jar").write_bytes(b"other")
    assert "one-1.jar" in checks.check_jars(home).found


def test_a_full_disk_is_missing_room(home: Locations, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage(home.root)
    for free, state in ((10**8, "missing"), (3 * 10**9, "warn"), (10**11, "ok")):
        monkeypatch.setattr(checks.shutil, "disk_usage", lambda _, free=free: real._replace(free=free))
        assert checks.check_disk(home).state == state


def test_secrets_that_others_may_read_are_a_finding(home: Locations) -> None:
    path = home.home / "secrets.env"
    path.write_text("")
    for mode, state in ((0o644, "missing"), (0o600, "ok"), (0o620, "missing"), (0o400, "ok")):
        path.chmod(mode)
        assert checks.check_secrets(home).state == state


def test_a_taken_port_names_another(home: Locations, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(checks, "WEB_PORT", taken.getsockname()[1])
        assert (checks.check_port(home).state, "--port" in checks.check_port(home).todo) == ("warn", True)
    assert checks.check_port(home).state == "ok"


def test_a_lake_is_written_to_read_and_left_as_it_was(home: Locations, flow: Any) -> None:
    flow.whole_day()
    before = sorted(Path(flow.lake.root).rglob("*"))
    assert checks.check_lake(home).state == "ok"
    assert sorted(Path(flow.lake.root).rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_lake_that_cannot_be_written_is_missing(home: Locations) -> None:
    home.home.chmod(0o500)
    try:
        assert checks.check_lake(home).state == "missing"
    finally:
        home.home.chmod(0o700)


def test_a_ledger_of_another_release_is_a_finding(home: Locations, flow: Any) -> None:
    import sqlalchemy as sa

    from penstock.ledger import schema

    flow.whole_day()
    assert "last stage started" in checks.check_ledger(home).found
    with flow.ledger.engine.begin() as connection:
        connection.execute(sa.update(schema.schema_version).values(version=999))
    found = {check.name: check for check in checks.run_checks(home)}["ledger"]
    assert (found.state, "expected schema version" in found.found) == ("missing", True)


def test_an_unreachable_ledger_does_not_show_its_password(
    penstock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_LEDGER", "postgresql://u:geheim@127.0.0.1:1/x")
    ran = penstock("doctor", "--json")
    (ledger,) = [check for check in ran.json() if check["name"] == "ledger"]
    assert ledger["state"] == "missing"
    assert "geheim" not in ran.out + ran.err


def test_a_clock_behind_the_ledger_is_a_finding(home: Locations, flow: Any) -> None:
    flow.whole_day()
    assert checks.check_clock(home).state == "ok"
    os.utime(home.home / "ledger.db", (4_000_000_000, 4_000_000_000))
    assert checks.check_clock(home).state == "warn"


def test_a_flow_that_does_not_parse_is_a_finding_with_its_line(home: Locations) -> None:
    (home.dags / "notes.py").write_text("fine = 1\ndef broken(:\n")
    assert "notes.py:2" in checks.check_datasets(home).found


@pytest.mark.parametrize(
    "error", [OSError("disk"), ValueError("value"), ImportError("module"), KeyError("key")]
)
def test_a_check_that_breaks_is_a_finding(
    home: Locations, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(_: Locations) -> checks.Check:
        raise error

    table: dict[str, Callable[[Locations], checks.Check]] = {"thing": broken}
    monkeypatch.setattr(checks, "CHECKS", table)
    (found,) = checks.run_checks(home)
    assert (found.name, found.state) == ("thing", "missing")
    assert type(error).__name__ in found.found


def test_airflow_home_that_points_elsewhere_is_worth_a_look(home: Locations) -> None:
    (home.root / "airflow.cfg").write_text("")
    (home.home / "airflow.db.version").write_text("")
    assert checks.check_airflow(home, {}).state == "ok"
    assert checks.check_airflow(home, {"AIRFLOW_HOME": str(home.root)}).state == "ok"
    assert checks.check_airflow(home, {"AIRFLOW_HOME": "/elsewhere"}).state == "warn"
