"""New datasets from templates and from other datasets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from penstock import recipe, scaffold
from penstock.errors import PenstockError, RecipeError
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.locations import Locations, locate
from penstock.stage import Run
from penstock.transfer.stage import transfer
from penstock.validate import promises

START = date(2026, 11, 1)


@pytest.fixture
def project(tmp_path: Path) -> Locations:
    for folder in ("include/recipes", "include/expectations", "dags"):
        (tmp_path / folder).mkdir(parents=True)
    return locate({"PENSTOCK_ROOT": str(tmp_path)})


def test_writes_three_files_of_one_name_that_parse(project: Locations) -> None:
    made = scaffold.new_dataset(project, "shop_reviews", start=START)
    names = [path.relative_to(project.root).as_posix() for path in made.files]
    assert names == [
        "dags/shop_reviews.py",
        "include/recipes/shop_reviews.yaml",
        "include/expectations/shop_reviews.yaml",
    ]
    assert recipe.load(made.files[1]).start == START
    assert promises.load(made.files[2]).dataset == "shop_reviews"
    compile(made.files[0].read_text(), "dag", "exec")


def test_the_flow_has_the_shape_of_the_projects_own(project: Locations) -> None:
    made = scaffold.new_dataset(project, "shop_reviews", start=START)
    own = Path(__file__).parents[2] / "dags" / "airport_weather.py"
    text = made.files[0].read_text()
    body = text.split('"""', 2)[2]
    assert body == own.read_text().split('"""', 2)[2].replace("airport_weather", "shop_reviews")
    assert len(text.splitlines()) <= 60


def test_its_first_stages_run_as_written(
    project: Locations, lake: Lake, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_HOME", str(project.home))
    made = scaffold.new_dataset(project, "shop_reviews", start=START)
    assert made.inbox is not None
    (made.inbox / "2026-11-16.jsonl").write_text('{"text": "fine", "stars": 5}\n{"text": "bad"}\n')
    rules = recipe.load(made.files[1])
    for run_key, rows in (("2026-11-16", 2), ("2026-11-17", 0)):
        run = Run(recipe=rules, run_key=run_key, lake=lake, ledger=ledger)
        assert (ingest(run).rows_out, transfer(run).rows_out) == (rows, rows)


def test_it_runs_as_written_from_its_inbox_to_its_table(
    project: Locations, lake: Lake, ledger: Ledger, penstock_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from penstock.jobs.session import connect
    from penstock.process.stage import process
    from penstock.services.spark_server import ensure_running
    from penstock.store.read import scan
    from penstock.store.stage import store
    from penstock.validate.stage import validate

    monkeypatch.setenv("PENSTOCK_HOME", str(project.home))
    made = scaffold.new_dataset(project, "shop_reviews", start=START)
    assert made.inbox is not None
    lines = [
        '{"text": "This is a very fine tea pot."}',
        '{"text": "  This is a very fine tea pot. "}',
        '{"text": " "}',
    ]
    (made.inbox / "2026-11-16.jsonl").write_text("\n".join(lines))
    session = connect(ensure_running(penstock_home, timeout_s=180), timeout_s=60)
    try:
        for run_key in ("2026-11-16", "2026-11-17"):
            run = Run(
                recipe=recipe.load(made.files[1]),
                run_key=run_key,
                lake=lake,
                ledger=ledger,
                spark=lambda: session,
                catalog=project.catalog,
            )
            for stage in (ingest, transfer, process):
                stage(run)
            validate(run, promises.load(made.files[2]))
            store(run)
    finally:
        session.stop()
    rows = scan(
        lake, project.catalog, "shop_reviews", "shop_reviews", ["2026-11-16", "2026-11-17"]
    ).to_pylist()
    assert [(row["text"], row["lang"], str(row["day"])) for row in rows] == [
        ("This is a very fine tea pot.", "en", "2026-11-16")
    ]


def test_the_inbox_says_how_to_use_it_and_is_no_input_itself(project: Locations) -> None:
    made = scaffold.new_dataset(project, "shop_reviews", start=START)
    assert made.inbox is not None
    assert "airflow dags test shop_reviews" in (made.inbox / "README.md").read_text()


def test_copies_a_dataset_under_a_new_name(project: Locations) -> None:
    scaffold.new_dataset(project, "notes", start=START)
    (project.recipes / "notes.yaml").write_text(
        (project.recipes / "notes.yaml").read_text() + "# notes_old stays\n"
    )
    made = scaffold.new_dataset(project, "letters", start=START, like="notes")
    assert recipe.load(made.files[1]).dataset == "letters"
    assert promises.load(made.files[2]).dataset == "letters"
    assert "def letters():" in made.files[0].read_text()
    assert "# notes_old stays" in made.files[1].read_text()
    assert made.inbox is None


def test_a_model_that_is_no_dataset_is_refused_with_the_names_there_are(project: Locations) -> None:
    scaffold.new_dataset(project, "notes", start=START)
    with pytest.raises(RecipeError, match=r"\(notes\), got 'nothing'"):
        scaffold.new_dataset(project, "letters", start=START, like="nothing")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Bad-Name", "bad_name"),
        ("9lives", "raw_9lives"),
        ("", "raw"),
        ("class", "raw_class"),
        ("match", "raw_match"),
        ("airflow", "raw_airflow"),
        ("../x", "try x"),
        ("a b", "a_b"),
        ("评论", "raw"),
        ("x" * 101, "x" * 90),
        ("name\n", "name"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_one_that_can(
    project: Locations, name: str, hint: str
) -> None:
    with pytest.raises(RecipeError, match=hint):
        scaffold.new_dataset(project, name, start=START)
    assert not list(project.recipes.iterdir())


@pytest.mark.parametrize("folder", ["dags", "recipes", "expectations"])
def test_nothing_is_overwritten_and_nothing_half_written(project: Locations, folder: str) -> None:
    there = getattr(project, folder) / ("notes.py" if folder == "dags" else "notes.yaml")
    there.write_text("mine")
    with pytest.raises(PenstockError, match="nothing was written"):
        scaffold.new_dataset(project, "notes", start=START)
    assert there.read_text() == "mine"
    left = [*project.dags.iterdir(), *project.recipes.iterdir(), *project.expectations.iterdir()]
    assert left == [there]


def test_a_folder_that_cannot_be_made_leaves_nothing_behind(project: Locations) -> None:
    project.expectations.rmdir()
    project.expectations.write_text("a file where a folder should be")
    with pytest.raises(PenstockError, match="nothing was written"):
        scaffold.new_dataset(project, "notes", start=START)
    assert not list(project.dags.iterdir())
    assert not list(project.recipes.iterdir())
