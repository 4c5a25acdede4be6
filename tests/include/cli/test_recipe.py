"""Recipes and expectations, alone and against each other."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from penstock.locations import locate
from penstock.recipe import parse
from penstock.scaffold import new_dataset

PLAIN = """\
dataset: notes
start: 2026-11-01
ingest: {source: {kind: folder, path: /nowhere}}
transfer: {decoder: {kind: jsonl, columns: [{name: text}]}}
process: {steps: [{kind: whitespace}, {kind: word_statistics}]}
store: {tables: [{name: notes, columns: [doc_id, text, word_count]}]}
"""
PROMISES = """\
dataset: notes
expectations:
  - name: a text is there
    expect: ExpectColumnValuesToNotBeNull
    args: {column: text}
    severity: critical
    reason: why
"""


@pytest.fixture
def notes(project: Path) -> Path:
    (project / "include/recipes/notes.yaml").write_text(PLAIN)
    (project / "include/expectations/notes.yaml").write_text(PROMISES)
    (project / "dags/notes.py").write_text("")
    return project


def states(ran: Any) -> list[tuple[str, str]]:
    return [(Path(finding["file"]).parent.name, finding["state"]) for finding in ran.json()]


def test_files_that_fit_are_ok(notes: Path, penstock: Any) -> None:
    ran = penstock("recipe", "check", "--json")
    assert (ran.code, states(ran)) == (0, [("expectations", "ok"), ("recipes", "ok")])
    assert "well formed" in penstock("recipe", "check", str(notes / "include/recipes/notes.yaml")).out


def test_the_files_that_new_dataset_writes_are_ok(penstock: Any) -> None:
    new_dataset(locate(), "letters", start=date(2026, 11, 1))
    ran = penstock("recipe", "check", "--json")
    assert ran.code == 0, ran.out
    assert {state for _, state in states(ran)} == {"ok"}


def test_each_problem_of_a_recipe_is_a_finding_with_file_and_line(notes: Path, penstock: Any) -> None:
    path = notes / "include/recipes/notes.yaml"
    path.write_text(PLAIN + "stor: {}\ntransfor: {}\n")
    ran = penstock("recipe", "check", str(path), "--json")
    assert ran.code == 1
    messages = [finding["message"] for finding in ran.json()]
    assert len(messages) == 2
    assert any("stor: unknown key; did you mean store?" in m and f"{path}:7" in m for m in messages)


def test_a_table_column_that_nothing_makes_is_a_problem_with_the_nearest_name(
    notes: Path, penstock: Any
) -> None:
    path = notes / "include/recipes/notes.yaml"
    path.write_text(PLAIN.replace("word_count]", "word_cont]"))
    ran = penstock("recipe", "check", "--json")
    assert ran.code == 1
    (problem,) = [finding["message"] for finding in ran.json() if finding["state"] == "failed"]
    assert (
        problem == "store: table notes names word_cont, which process does not make; did you mean word_count?"
    )


def test_a_promise_about_a_column_that_nothing_makes_is_a_problem_of_its_file(
    notes: Path, penstock: Any
) -> None:
    (notes / "include/expectations/notes.yaml").write_text(PROMISES.replace("column: text", "column: txt"))
    ran = penstock("recipe", "check", "--json")
    assert states(ran) == [("expectations", "failed"), ("recipes", "ok")]
    assert "promise 'a text is there' names txt" in ran.out


def test_after_a_frame_step_a_missing_column_is_only_a_doubt(notes: Path, penstock: Any) -> None:
    text = PLAIN.replace("{kind: word_statistics}", "{kind: exact_duplicates}").replace(
        "word_count]", "other]"
    )
    (notes / "include/recipes/notes.yaml").write_text(text)
    ran = penstock("recipe", "check", "--json")
    assert (ran.code, ("recipes", "warn") in states(ran)) == (0, True)


def test_missing_expectations_are_a_problem_and_a_missing_flow_is_worth_a_look(
    notes: Path, penstock: Any
) -> None:
    (notes / "include/expectations/notes.yaml").unlink()
    (notes / "dags/notes.py").unlink()
    ran = penstock("recipe", "check", "--json")
    assert ran.code == 1
    assert sorted(states(ran)) == [("expectations", "failed"), ("recipes", "ok"), ("recipes", "warn")]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"[]", b"a: b: c", b"dataset: other\n"])
def test_garbage_is_a_finding_and_no_crash(notes: Path, penstock: Any, content: bytes) -> None:
    path = notes / "include/recipes/notes.yaml"
    path.write_bytes(content)
    ran = penstock("recipe", "check", str(path), "--json")
    assert ran.code == 1
    assert {finding["state"] for finding in ran.json()} == {"failed"}


def test_a_file_elsewhere_is_checked_alone(tmp_path: Path, penstock: Any) -> None:
    (tmp_path / "notes.yaml").write_text(PLAIN)
    assert states(penstock("recipe", "check", str(tmp_path / "notes.yaml"), "--json")) == [
        (tmp_path.name, "ok")
    ]
    assert penstock("recipe", "check", str(tmp_path / "none.yaml")).code == 1


def test_a_project_without_recipes_is_wrong_use(penstock: Any) -> None:
    ran = penstock("recipe", "check")
    assert ran.code == 2
    assert "found none" in ran.err


def test_schema_accepts_keys_and_refuses_others(penstock: Any) -> None:
    schema = penstock("recipe", "schema").json()
    assert {"dataset", "ingest", "transfer", "process", "validate", "store"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    promises = penstock("recipe", "schema", "--expectations", "--json").json()
    assert "expectations" in promises["properties"]


def test_show_writes_every_default_out_and_means_the_same(notes: Path, penstock: Any) -> None:
    shown = penstock("recipe", "show", "notes")
    assert "compression: zstd" in shown.out
    again = parse(shown.out, where="shown")
    assert again.digest == parse(PLAIN, where="plain").digest
    assert yaml.safe_load(shown.out) == json.loads(penstock("recipe", "show", "notes", "--json").out)
    assert penstock("recipe", "show", str(notes / "include/recipes/notes.yaml")).out == shown.out


def test_show_of_an_unknown_recipe_offers_the_nearest(notes: Path, penstock: Any) -> None:
    ran = penstock("recipe", "show", "note")
    assert (ran.code, "did you mean notes?" in ran.err) == (2, True)
    assert notes.is_dir()


def test_the_projects_own_files_are_right(penstock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_ROOT", str(Path(__file__).parents[3]))
    ran = penstock("recipe", "check", "--json")
    assert [finding for finding in ran.json() if finding["state"] == "failed"] == []


def test_steps_are_listed_and_shown(penstock: Any, tmp_path: Path) -> None:
    listed = penstock("recipe", "steps")
    assert "heuristics" in listed.out
    assert "url_filter" in {info["kind"] for info in penstock("recipe", "steps", "--json").json()}
    shown = penstock("recipe", "steps", "length")
    assert "too_short" in shown.out
    assert "min_chars" in shown.out
    ran = penstock("recipe", "steps", "lenght")
    assert (ran.code, "did you mean length?" in ran.err) == (2, True)


def test_the_tables_of_the_steps_are_written_into_a_page(penstock: Any, tmp_path: Path) -> None:
    tables = penstock("recipe", "steps", "--markdown").out
    page = tmp_path / "page.md"
    page.write_text("# Head\n" + tables.splitlines()[0] + "\nold")
    assert penstock("recipe", "steps", "--update", str(page)).code == 0
    assert page.read_text() == "# Head\n" + tables
