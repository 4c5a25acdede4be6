"""The plugin is found by Airflow, is light, and names files that exist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("pyspark", "great_expectations", "pyarrow", "pandas", "onnxruntime", "penstock", "penstock_airflow")

PROBE = f"""
import sys
from airflow.plugins_manager import AirflowPlugin
before = set(sys.modules)
import penstock_plugin
new = set(sys.modules) - before
heavy = sorted(name for name in new if name.split(".")[0] in {HEAVY!r})
print("PROBE", heavy)
"""


def test_loads_nothing_heavy_into_every_airflow_process() -> None:
    env_path = f"import sys; sys.path.insert(0, {str(ROOT / 'plugins')!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", env_path + PROBE], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split("PROBE ")[1].strip() == "[]"


def test_names_only_relative_addresses_of_files_that_exist() -> None:
    from penstock_plugin import PenstockPlugin

    [app] = PenstockPlugin.react_apps
    for key in ("bundle_url", "icon", "icon_dark_mode"):
        prefix, _, name = app[key].partition("penstock/static/")
        assert prefix == ""
        assert (ROOT / "plugins/penstock_airflow/ui/static" / name).is_file()


@pytest.mark.parametrize(
    "module", sorted((ROOT / "plugins/penstock_airflow/ui/static").glob("*.js")), ids=lambda p: p.name
)
def test_no_module_of_the_page_writes_markup_or_leaves_its_own_folder(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    for risky in ("innerHTML", "dangerouslySetInnerHTML", "eval(", "document.write", "http://", "https://"):
        assert risky not in text
    for line in text.splitlines():
        if line.startswith("import ") or ' from "' in line:
            assert '"./' in line
            assert (module.parent / line.split('"./')[1].split('"')[0]).is_file()
