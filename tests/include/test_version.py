"""The code's version changes when the code that can touch data changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import penstock
from penstock.version import code_version

PACKAGE = Path(penstock.__file__).parent


def version_of(folder: Path) -> str:
    code = "from penstock.version import code_version; print(code_version())"
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {code}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_it_names_the_release_and_a_digest_of_the_source(tmp_path: Path):
    assert code_version().startswith(f"{penstock.__version__}+")
    copy = tmp_path / "penstock"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = version_of(tmp_path)
    assert before == code_version()
    (copy / "cli" / "main.py").write_text("# another command line\n", encoding="utf-8")
    assert version_of(tmp_path) == before
    for name in ("trace.py", "ledger/views.py"):
        (copy / name).write_text("# only looks\n", encoding="utf-8")
    assert version_of(tmp_path) == before
    (copy / "lake.py").write_text((copy / "lake.py").read_text() + "\n# other\n", encoding="utf-8")
    assert version_of(tmp_path) != before


def test_it_can_be_read_from_the_zip_that_executors_get(tmp_path: Path):
    archive = shutil.make_archive(str(tmp_path / "penstock"), "zip", PACKAGE.parent, "penstock")
    assert version_of(Path(archive)) == code_version()
