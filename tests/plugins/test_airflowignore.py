"""Airflow's plugin loader runs one file of ours, and our modules keep their own names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# In a process of its own: what is in sys.modules here is the test suite's doing.
PROBE = """
import json, sys
before = set(sys.modules)
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
import email, email.message
names = [p.name for p in plugins]
print("PROBE" + json.dumps({
    "plugins": names, "errors": errors,
    "modules": {n: str(getattr(m, "__file__", "") or "") for n, m in sys.modules.items()}, "email": email.__file__,
}))
"""


def _load_plugins(folder: Path, tmp_path: Path) -> dict[str, object]:
    env = {**os.environ, "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder), "AIRFLOW_HOME": str(tmp_path)}
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, object] = json.loads(done.stdout.split("PROBE")[1])
    return found


def test_loads_the_plugin_file_alone_and_leaves_every_other_name_alone(tmp_path: Path) -> None:
    loaded = _load_plugins(ROOT / "plugins", tmp_path)
    assert loaded["errors"] == {}
    assert "penstock" in loaded["plugins"]  # type: ignore[operator]
    modules: dict[str, str] = loaded["modules"]  # type: ignore[assignment]
    stems = {path.stem for path in (ROOT / "plugins" / "penstock_airflow").rglob("*.py")} - {"__init__"}
    assert stems, "the package must have modules, or this test proves nothing"
    ours = {name: file for name, file in modules.items() if str(ROOT / "plugins") in file}
    # The loader took one; Airflow itself imports the other, by the name that it has chosen.
    assert set(ours) == {"penstock_plugin", "airflow_local_settings"}


def test_the_loader_would_take_the_package_without_the_ignore_file(tmp_path: Path) -> None:
    """If this fails, Airflow's loader has changed, and the ignore file may go."""
    folder = tmp_path / "plugins"
    (folder / "penstock_airflow").mkdir(parents=True)
    (folder / "penstock_airflow" / "some_stem_of_ours.py").write_text("X = 1\n")
    assert "some_stem_of_ours" in _load_plugins(folder, tmp_path)["modules"]  # type: ignore[operator]
    (folder / ".airflowignore").write_bytes((ROOT / "plugins" / ".airflowignore").read_bytes())
    assert "some_stem_of_ours" not in _load_plugins(folder, tmp_path)["modules"]  # type: ignore[operator]
