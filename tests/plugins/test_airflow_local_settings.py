"""Two writers of one SQLite file wait for each other, also when they read first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ_THEN_WRITE = """
import sys
{settings}
import sqlalchemy as sa
engines = [sa.create_engine(f"sqlite:///{{sys.argv[1]}}?timeout=5") for _ in range(2)]
with engines[0].begin() as connection:
    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    connection.exec_driver_sql("CREATE TABLE t (a)")
with engines[0].connect() as mine:
    nested = mine.begin_nested()
    mine.exec_driver_sql("SELECT * FROM t").all()
    try:
        with engines[1].connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=10")
            other.exec_driver_sql("INSERT INTO t VALUES (1)")
            other.commit()
    except sa.exc.OperationalError:
        print("the other waits")
    mine.exec_driver_sql("INSERT INTO t VALUES (2)")
    nested.commit()
    mine.commit()
    print("mine is written")
"""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("import airflow_local_settings", "the other waits\nmine is written\n"),
        ("", "database is locked"),
    ],
)
def test_a_transaction_that_reads_before_it_writes_is_not_refused(tmp_path: Path, settings: str, said: str):
    done = subprocess.run(
        [sys.executable, "-c", READ_THEN_WRITE.format(settings=settings), str(tmp_path / "a.db")],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "plugins"), "PATH": ""},
    )
    assert said in done.stdout + done.stderr
