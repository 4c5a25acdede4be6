"""The ingest stage on real folders and a real server: all of a day or nothing of it."""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.include.ingest.conftest import WebServer, cut

from penstock.errors import ContractError, RecipeError, SourceError, StorageError
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.manifest import Manifest, Zone
from penstock.recipe import Recipe
from penstock.stage import Run

RunOf = Callable[..., Run]
RecipeOf = Callable[..., Recipe]
DAYS = [(date(2026, 11, 16) + timedelta(n)).isoformat() for n in range(7)]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def source(inbox: Path) -> dict[str, str]:
    return {"kind": "folder", "path": str(inbox)}


def landed(run: Run, run_key: str | None = None) -> dict[str, tuple[bytes, int | None]]:
    manifest = run.lake.manifest(Zone.LANDING, "sample", run_key or run.run_key)
    return {
        name: (run.lake.fs.cat_file(run.lake.full(entry.path)), entry.rows) for name, entry in named(manifest)
    }


def named(manifest: Manifest) -> Iterator[tuple[str, object]]:
    for entry in manifest.files:
        yield entry.path.split(f"attempt={manifest.attempt}/")[1], entry


def test_lands_files_byte_for_byte_and_counts_their_records(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    contents = {"a.txt": b"one\r\ntwo\xff\x00\n\n  \nlast", "b/empty.txt": b"", "c.txt": b"same\nsame\n"}
    for name, content in contents.items():
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(content)
    run = run_of(recipe_of(source=source))
    receipt = ingest(run)
    assert landed(run) == {
        "a.txt": (contents["a.txt"], 3),
        "b/empty.txt": (b"", 0),
        "c.txt": (contents["c.txt"], 2),
    }
    assert (receipt.rows_in, receipt.rows_out, receipt.bytes_in) == (5, 5, sum(map(len, contents.values())))
    assert receipt.notes == ("2 blank lines are no records",)


def test_the_manifest_says_where_each_file_came_from(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.txt").write_bytes(b"a\n")
    run = run_of(recipe_of(source=source))
    ingest(run)
    files = run.upstream(Zone.LANDING).extra["files"]
    assert files["a.txt"]["origin_uri"] == f"file://{inbox}/a.txt"
    assert files["a.txt"]["provenance"]["size"] == 2


def test_seven_days_of_a_replay_are_the_archive_each_record_once(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    records = [b"text %d\r\n" % n for n in range(500)] + [b"again\n"] * 3 + [b"no line end"]
    (inbox / "a.txt").write_bytes(b"".join(records))
    recipe = recipe_of(source=source, feed={"kind": "replay_by_hash"})
    runs = [run_of(recipe, day) for day in DAYS]
    rows = [ingest(run).rows_out for run in runs]
    lines = [line for run in runs for line in landed(run).get("a.txt", (b"", 0))[0].splitlines(keepends=True)]
    assert sorted(lines) == sorted(records)
    assert sum(rows) == len(records)
    assert min(rows) > 0


def test_each_dated_day_has_the_header_and_its_own_rows(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.csv").write_bytes(b"day,x\r\n2026-11-16,1\r\n2026-11-17,2\r\n\r\n2026-11-16,3\r\n")
    (inbox / "b.csv").write_bytes(b"day,x\n2026-11-17,9\n")
    recipe = recipe_of(source=source, header=True, feed={"kind": "by_date_columns", "columns": ["day"]})
    run = run_of(recipe, DAYS[0])
    assert ingest(run).rows_out == 2
    assert landed(run) == {"a.csv": (b"day,x\r\n2026-11-16,1\r\n2026-11-16,3\r\n", 2)}
    assert list(run.upstream(Zone.LANDING).extra["files"]) == ["a.csv"]


def test_records_without_a_day_are_counted(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.csv").write_bytes(b"2026-11-16,1\nsoon,2\n")
    feed = {"kind": "by_date_columns", "columns": [0], "undated": "skip"}
    receipt = ingest(run_of(recipe_of(source=source, feed=feed)))
    assert receipt.notes == ("1 records without a readable date belong to no day",)
    with pytest.raises(ContractError, match="expected a date in 0"):
        ingest(run_of(recipe_of(source=source, feed={**feed, "undated": "fail"})))


def test_a_header_is_no_record(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.csv").write_bytes(b"x,y\n1,2\n")
    run = run_of(recipe_of(source=source, header=True))
    assert ingest(run).rows_out == 1
    assert landed(run) == {"a.csv": (b"x,y\n1,2\n", 1)}


def test_a_whole_file_can_be_one_record(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.json").write_bytes(b"{\n\n}\n")
    run = run_of(recipe_of(source=source, records="file"))
    assert ingest(run).rows_out == 1
    assert landed(run) == {"a.json": (b"{\n\n}\n", 1)}


def test_an_empty_day_is_published_with_a_note_or_fails(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str], lake: Lake
) -> None:
    with pytest.raises(ContractError, match="expected records of the day, the source has none"):
        ingest(run_of(recipe_of(source=source, empty="fail")))
    assert lake.find_manifest(Zone.LANDING, "sample", DAYS[0]) is None
    receipt = ingest(run_of(recipe_of(source=source)))
    assert receipt.rows_out == 0
    assert receipt.notes == ("the source has no record of this day; an empty day was published",)
    assert lake.manifest(Zone.LANDING, "sample", DAYS[0]).files == ()


def test_a_second_run_changes_nothing(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.txt").write_bytes(b"a\n")
    run = run_of(recipe_of(source=source))
    first, second = ingest(run), ingest(run)
    assert [first.unchanged, second.unchanged] == [False, True]
    assert first.manifest_sha256 == second.manifest_sha256
    attempts = Path(run.lake.full(f"01_landing/sample/{run.run_key}")).glob("attempt=*/*")
    assert len(list(attempts)) == 1


def test_a_file_with_another_name_is_another_day(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.txt").write_bytes(b"a\n")
    run = run_of(recipe_of(source=source))
    ingest(run)
    (inbox / "a.txt").rename(inbox / "b.txt")
    assert not ingest(run).unchanged
    assert list(landed(run)) == ["b.txt"]


def test_a_day_before_the_start_is_refused(
    run_of: RunOf, recipe_of: RecipeOf, source: dict[str, str]
) -> None:
    with pytest.raises(RecipeError, match="expected a day from 2026-01-01 on"):
        ingest(run_of(recipe_of(source=source), "2025-12-31"))


def test_a_damaged_file_stops_the_day_and_publishes_nothing(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str], lake: Lake
) -> None:
    (inbox / "a.txt").write_bytes(b"fine\n")
    (inbox / "b.txt.gz").write_bytes(gzip.compress(os.urandom(5000))[:-100])
    with pytest.raises(ContractError, match=r"b\.txt\.gz"):
        ingest(run_of(recipe_of(source=source)))
    assert lake.find_manifest(Zone.LANDING, "sample", DAYS[0]) is None


def test_a_source_that_vanishes_half_way_goes_on_in_the_next_try(
    run_of: RunOf, recipe_of: RecipeOf, web: WebServer, lake: Lake
) -> None:
    body = b"line\n" * 50_000
    web.answer("/a", lambda handler: cut(handler, body, 100_000, '"v1"'))
    recipe = recipe_of(source={"kind": "http", "urls": [web.url + "/a"], "network": {"attempts": 1}})
    with pytest.raises(SourceError, match="expected the whole content"):
        ingest(run_of(recipe))
    assert lake.find_manifest(Zone.LANDING, "sample", DAYS[0]) is None
    web.send("/a", body)
    assert ingest(run_of(recipe)).rows_out == 50_000


def test_a_file_that_is_missing_and_may_be_is_told(
    run_of: RunOf, recipe_of: RecipeOf, web: WebServer
) -> None:
    urls = [web.url + "/gone", web.send("/a", b"a\n")]
    receipt = ingest(run_of(recipe_of(source={"kind": "http", "urls": urls, "missing": "skip"})))
    assert receipt.rows_out == 1
    assert receipt.notes == (f"1 files are missing at the source: {web.url}/gone",)


@pytest.mark.parametrize("names", [("a", "a"), ("../a", "b"), ("/etc/a", "b")])
def test_names_that_clash_or_lead_out_are_refused(
    run_of: RunOf, recipe_of: RecipeOf, web: WebServer, names: tuple[str, str]
) -> None:
    urls = [{"url": web.send(f"/{n}", b"x\n"), "name": name} for n, name in enumerate(names)]
    with pytest.raises(ContractError, match="expected files with different names below the landing folder"):
        ingest(run_of(recipe_of(source={"kind": "http", "urls": urls})))


def test_a_record_over_the_bound_is_named(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    (inbox / "a.txt").write_bytes(b"ok\n" + b"x" * (1 << 20) + b"\n")
    with pytest.raises(ContractError, match=r"a\.txt:2.*max_record_mb"):
        ingest(run_of(recipe_of(source=source, max_record_mb=1)))


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a disk of 1 MB"
)
def test_a_full_disk_publishes_nothing_and_says_what_to_do(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str], tmp_path: Path, ledger: Ledger
) -> None:
    (inbox / "a.txt").write_bytes(os.urandom(2 << 20))
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this root may not mount")
    try:
        small = Lake(f"file://{disk}/lake")
        run = Run(recipe=recipe_of(source=source), run_key=DAYS[0], lake=small, ledger=ledger)
        with pytest.raises(StorageError, match="the disk or quota is full"):
            ingest(run)
        assert small.find_manifest(Zone.LANDING, "sample", DAYS[0]) is None
        assert list(Path(disk).rglob("*.txt")) == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


_LIMITED = """
import resource, sys
from penstock.errors import StorageError
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.manifest import Zone
from penstock.recipe import Recipe
from penstock.stage import Run
import signal
inbox, home = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
recipe = Recipe.model_validate({"dataset": "sample", "start": "2026-01-01", "store": {},
                                "ingest": {"source": {"kind": "folder", "path": inbox}}})
run = Run(recipe=recipe, run_key="2026-11-16", lake=Lake(f"file://{home}/lake"), ledger=Ledger(f"sqlite:///{home}/l.db"))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    ingest(run)
except StorageError as error:
    print(error)
assert run.lake.find_manifest(Zone.LANDING, "sample", "2026-11-16") is None
"""


def test_a_file_over_the_quota_publishes_nothing(inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.txt").write_bytes(os.urandom(2 << 20))
    shown = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(inbox), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )
    assert "the disk or quota is full (File too large)" in shown.stdout


def test_one_line_of_50_mb_passes_in_bounded_memory(
    run_of: RunOf, recipe_of: RecipeOf, inbox: Path, source: dict[str, str]
) -> None:
    with (inbox / "a.txt").open("wb") as stream:
        for _ in range(50):
            stream.write(b"x" * (1 << 20))
        stream.write(b"\nshort\n")
        for _ in range(200):
            stream.write(b"y" * (1 << 20) + b"\n")
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    receipt = ingest(run_of(recipe_of(source=source)))
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
    assert receipt.rows_out == 202
    assert grown_mb < 200, "a file of 250 MB was held whole"
