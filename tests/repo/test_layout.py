"""The tree shows the flow, and stays that way."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATASETS = sorted(path.stem for path in (ROOT / "include" / "recipes").glob("*.yaml"))
NO_TEST_NEEDED = {"__init__.py", "__main__.py"}


def tracked() -> list[Path]:
    """Every file that is, or would be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def sources(folder: str) -> list[Path]:
    return [p for p in tracked() if p.suffix == ".py" and p.is_relative_to(ROOT / folder)]


def test_a_dataset_is_three_files_of_one_name():
    for kind, folder, suffix in (("DAG", "dags", "py"), ("expectations", "include/expectations", "yaml")):
        found = sorted(path.stem for path in (ROOT / folder).glob(f"*.{suffix}"))
        assert found == DATASETS, f"a {kind} without a recipe, or a recipe without {kind}"


@pytest.mark.parametrize("path", sources("dags"), ids=lambda p: p.name)
def test_a_dag_file_is_topology_only(path: Path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert len(functions) == 1
    assert "Variable" not in text
    assert "environ" not in text


def test_every_module_has_its_test_at_the_mirrored_path():
    missing = []
    for folder in ("include/penstock", "plugins/penstock_airflow"):
        root = folder.split("/")[0]
        for source in sources(folder):
            if source.name in NO_TEST_NEEDED:
                continue
            inner = source.relative_to(ROOT / folder)
            test = ROOT / "tests" / root / inner.parent / f"test_{inner.name}"
            package = ROOT / "tests" / root / inner.parent.parent / f"test_{inner.parent.name}.py"
            if not test.is_file() and not package.is_file() and not _is_tested_beside(source, test.parent):
                missing.append(str(source.relative_to(ROOT)))
    assert missing == [], (
        "each module has a test of its own, one of its package, or one beside that imports it"
    )


def _is_tested_beside(source: Path, folder: Path) -> bool:
    """Whether a test in the mirrored folder imports the module, or the module serves one that has its test."""
    name = source.stem
    named = re.compile(rf"\b{name}\b")
    tests = [path.read_text(encoding="utf-8") for path in folder.glob("test_*.py")]
    users = [path for path in source.parent.glob("*.py") if path != source and _imports(path, name)]
    return any(named.search(text) for text in tests) or any(
        (folder / f"test_{user.name}").is_file() for user in users
    )


def _imports(path: Path, module: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return (
        re.search(
            rf"^\s*from [\w.]*\b{module}\b import|^\s*from [\w.]+ import .*\b{module}\b", text, re.MULTILINE
        )
        is not None
    )


def test_no_file_is_feared():
    long = {str(p.relative_to(ROOT)): n for p in sources("include") + sources("plugins")
            if (n := len(p.read_text(encoding="utf-8").splitlines())) > 450}  # fmt: skip
    assert long == {}, "split a file before everybody fears it"


def test_nothing_of_a_machine_or_a_secret_is_committed():
    found = []
    for path in tracked():
        if path.suffix in {".png", ".ico"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        words = (
            "/work/",
            "/root/",
            "BEGIN PRIVATE KEY",
            "BEGIN RSA PRIVATE KEY",
            "files.pythonhosted" + ".org",
        )
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []


def test_no_data_is_committed():
    big = [str(p.relative_to(ROOT)) for p in tracked() if p.stat().st_size > 1_500_000]
    kinds = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix in {".parquet", ".csv", ".gz", ".onnx", ".db", ".jar", ".whl", ".npz"}
    ]
    assert big + kinds == []
