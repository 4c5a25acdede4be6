"""A shell and a child process get the same environment, and secrets are made once."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.errors import PenstockError
from penstock.services.environment import Places, build_environment, create_secrets, find_places, read_secrets

ROOT = Path(__file__).parents[3]
OURS = (
    *(
        "AIRFLOW_HOME",
        "PENSTOCK_HOME",
        "PENSTOCK_ROOT",
        "PYTHONPATH",
        "SPARK_LOCAL_IP",
        "NO_PROXY",
        "no_proxy",
    ),
    *(
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
        "AIRFLOW__CORE__FERNET_KEY",
    ),
    *("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"),
    *("AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",),
    *("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",),
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(ROOT, tmp_path / "a home")


def source_env_sh(shell: str, environ: dict[str, str], *, times: int = 1) -> dict[str, str]:
    env_sh = ROOT / "bin" / "env.sh"
    line = f"PENSTOCK_SOURCE='{env_sh}'; " if shell == "sh" else ""
    script = line + f". '{env_sh}'; " * times + "env -0"
    base = {"PATH": "/usr/bin:/bin", **environ}
    done = subprocess.run(
        [shell, "-eu", "-c", script], env=base, cwd="/", check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if "=" in entry)


@pytest.mark.parametrize("shell", ["bash", "sh", "zsh"])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_env_sh_exports_what_the_library_builds(shell: str, elsewhere: bool, places: Places):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    create_secrets(places)
    environ = {"PATH": "/usr/bin:/bin", "no_proxy": "intern,127.0.0.1"}
    home = places.home if elsewhere else ROOT / ".penstock"
    given = {**environ, "PENSTOCK_HOME": str(home)} if elsewhere else environ
    built = build_environment(Places(ROOT, home), environ)
    sourced = source_env_sh(shell, given, times=2)
    assert {name: sourced.get(name) for name in OURS} == {name: built.get(name) for name in OURS}
    assert sourced["PATH"].split(":")[0] == str(ROOT / ".venv" / "bin")


def test_env_sh_ignores_a_home_inherited_from_another_checkout():
    sourced = source_env_sh("bash", {"PENSTOCK_ROOT": "/elsewhere", "PENSTOCK_HOME": "/elsewhere/.penstock"})
    assert sourced["PENSTOCK_HOME"] == str(ROOT / ".penstock")


def test_a_database_of_ones_own_is_kept(places: Places):
    environ = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://db/airflow"}
    built = build_environment(places, environ)
    assert built["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql://db/airflow"
    assert built["AIRFLOW__LOGGING__BASE_LOG_FOLDER"].startswith(str(places.home))


def test_the_interpreter_of_spark_is_the_one_that_runs(places: Places):
    built = build_environment(places, {})
    assert built["PYSPARK_PYTHON"] == sys.executable
    assert built["PYTHONPATH"] == f"{ROOT}/include:{ROOT}/plugins"


def test_the_home_is_below_the_root_unless_named(tmp_path: Path):
    assert find_places({}) == Places(ROOT, ROOT / ".penstock")
    assert find_places({"PENSTOCK_HOME": str(tmp_path)}).home == tmp_path


def test_secrets_are_long_private_and_made_once(places: Places):
    assert create_secrets(places)
    first = read_secrets(places)
    assert not create_secrets(places)
    assert read_secrets(places) == first
    assert stat.S_IMODE(places.secrets.stat().st_mode) == 0o600
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"].encode()) >= 64
    assert len(first) == len(set(first.values())) == 3
    assert [path.name for path in places.home.iterdir()] == ["secrets.env"]


def test_secrets_that_others_may_read_are_closed_again(places: Places):
    create_secrets(places)
    places.secrets.chmod(0o644)
    create_secrets(places)
    assert stat.S_IMODE(places.secrets.stat().st_mode) == 0o600


def test_missing_secrets_say_what_to_run(places: Places):
    with pytest.raises(PenstockError, match="run `make setup`"):
        read_secrets(places)


@pytest.mark.parametrize("line", ["rm -rf x", "export", "export A", "A=1"])
def test_a_secrets_file_with_anything_but_exports_is_refused(places: Places, line: str):
    places.home.mkdir(parents=True)
    places.secrets.write_text(f"{line}\n")
    with pytest.raises(PenstockError, match="expected lines like export NAME='value'"):
        read_secrets(places)
