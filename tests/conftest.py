"""Fixtures for every test; Airflow's home is set before anything can import Airflow."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

ROOT = Path(__file__).parents[1]
_HOME = Path(tempfile.mkdtemp(prefix="penstock-tests-"))

os.environ.update(
    AIRFLOW_HOME=str(_HOME / "airflow"),
    AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{_HOME}/airflow.db",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(_HOME / "logs"),
    AIRFLOW__API_AUTH__JWT_SECRET="only-for-tests-" * 6,
    PENSTOCK_HOME=str(_HOME / "home"),
    PENSTOCK_KERNEL_CACHE=str(ROOT / ".penstock" / "cache"),  # compiled once, not for each session of tests
    PENSTOCK_DAG_TEST="1",
    SPARK_LOCAL_IP="127.0.0.1",
)
for name in [n for n in os.environ if n.startswith("AIRFLOW_CONN_PENSTOCK_")]:
    del os.environ[name]

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from penstock.lake import Lake
    from penstock.ledger import Ledger
    from penstock.recipe import Recipe
    from penstock.stage import Run


@pytest.fixture(scope="session")
def penstock_home() -> Iterator[Path]:
    """A home for servers, with the jars and the classes of Java that `make setup` left."""
    import shutil

    home = _HOME / "home"
    (home / "cache").mkdir(parents=True, exist_ok=True)
    for name in ("jars", "cache/spark-classes.jsa"):
        installed = ROOT / ".penstock" / name
        if installed.exists() and not (home / name).exists():
            (home / name).symlink_to(installed)
    yield home
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def spark(penstock_home: Path) -> Iterator[SparkSession]:
    """One Connect session on a server that this test process owns."""
    from penstock.jobs.session import connect
    from penstock.services.spark_server import ensure_running

    session = connect(ensure_running(penstock_home, timeout_s=180), timeout_s=60)
    yield session
    session.stop()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake in a folder."""
    from penstock.lake import Lake

    return Lake(f"file://{tmp_path}/lake")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger on SQLite."""
    from penstock.ledger import Ledger

    return Ledger(f"sqlite:///{tmp_path}/ledger.db")


@pytest.fixture
def run_of(lake: Lake, ledger: Ledger, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Make a run of a recipe for a day; Spark is opened only when a stage asks for it."""
    from penstock.stage import Run

    def make(recipe: Recipe, run_key: str = "2026-11-16", **others: object) -> Run:
        places = {"lake": lake, "ledger": ledger, "spark": lambda: request.getfixturevalue("spark")}
        return Run(recipe=recipe, run_key=run_key, **{**places, **others})  # type: ignore[arg-type]

    return make
