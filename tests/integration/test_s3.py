"""Sources in an object store that checks signatures, and that fails as object stores do."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyarrow import parquet

from penstock.archive.datasource import ArchiveOptions, ArchiveReader
from penstock.errors import RecipeError, SourceError
from penstock.ingest.installed_docs import InstalledDocsSource
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.locations import connection_of, lake_from, parse_connection
from penstock.manifest import Zone
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.stores import ChangedError, Store, options_of
from penstock.transfer.stage import transfer
from support.home import ROOT, Home
from support.object_store import GIVEN, GivenStore, MotoStore, ObjectStore, TlsStore, served
from support.warc import packed, page, record

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

DAY = "2026-11-16"
BIG = 40 << 20
KERNEL = str(ROOT / ".penstock" / "cache")  # compiled once, not for each home
STAGES = ("ingest", "transfer", "process", "validate", "store")
FILES = {
    "00000.warc.gz": packed(*[page(f"http://a.example/{n}", f"text {n} " * (n % 70)) for n in range(900)]),
    "deep/00001.warc.gz": packed(page("http://b.example/", "b"))[:-9]
    + packed(page("http://c.example/", "c")),
    "00002.wet": record("conversion", "http://d.example/", "schön".encode()),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    with served(tmp_path / "store") as made:
        yield made


@pytest.fixture
def crawl(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """A store with archives of a day, known as the connection ``my_store``."""
    for name, content in FILES.items():
        store.put(f"crawl/{DAY}/{name}", content)
    monkeypatch.setenv("AIRFLOW_CONN_MY_STORE", store.connection())
    return store


@pytest.fixture
def run_of_source(run_of: Callable[..., Run]) -> Callable[..., Run]:
    def make(path: str, **source: Any) -> Run:
        document = {
            "dataset": "sample", "start": "2026-01-01", "store": {},
            "ingest": {
                "source": {"kind": "folder", "path": path, "compression": "none", **source}, "records": "archive"
            },
            "transfer": {"decoder": {"kind": "archive"}},
        }  # fmt: skip
        find = functools.partial(connection_of, os.environ)
        return run_of(Recipe.model_validate(document), DAY, connections=find)

    return make


def landed(run: Run) -> dict[str, bytes]:
    manifest = run.upstream(Zone.LANDING)
    found = {}
    for entry in manifest.entries():
        name = entry.path.split(f"attempt={manifest.attempt}/")[1]
        found[name] = run.lake.fs.cat_file(run.lake.full(entry.path))
    return found


def rows_of(run: Run) -> list[dict[str, Any]]:
    """Return the raw rows without what must differ: where their file came from."""
    rows: list[dict[str, Any]] = []
    for entry in run.upstream(Zone.RAW).entries():
        rows += parquet.read_table(io.BytesIO(run.lake.fs.cat_file(run.lake.full(entry.path)))).to_pylist()
    for row in rows:
        del row["provenance"]["origin_uri"]
    return sorted(rows, key=lambda row: str(row["doc_id"]))


def secret_shown(secret: str, *folders: Path) -> list[str]:
    """Return the files below the folders in which the secret can be read."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    return [str(path) for path in files if secret.encode() in path.read_bytes()]


def test_rows_of_a_store_are_those_of_the_same_files_here(
    crawl: ObjectStore, run_of_source: Callable[..., Run], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    there = run_of_source("s3://crawl/{run_key}", connection="my_store")
    receipt = ingest(there)
    raw = transfer(there)
    assert landed(there) == FILES
    assert (receipt.rows_out, raw.quarantined) == (903, {"damaged_record": 1})
    shown = secret_shown(crawl.secret, tmp_path / "lake")
    origins = there.upstream(Zone.LANDING).extra["files"]
    assert origins["00002.wet"]["origin_uri"] == f"s3://crawl/{DAY}/00002.wet"
    assert origins["00002.wet"]["provenance"]["etag"] == f'"{hashlib.md5(FILES["00002.wet"]).hexdigest()}"'
    rows = rows_of(there)
    shutil.rmtree(tmp_path / "lake")
    here = run_of_source(f"{crawl.data}/crawl/{DAY}")
    ingest(here)
    transfer(here)
    assert len(rows) == 902
    assert rows == rows_of(here)
    assert shown == []
    assert crawl.secret.encode() not in (tmp_path / "ledger.db").read_bytes()
    assert crawl.secret not in caplog.text


def test_a_glob_and_a_day_pick_their_objects(crawl: ObjectStore, run_of_source: Callable[..., Run]):
    crawl.put("crawl/2026-11-17/00009.warc.gz", FILES["00000.warc.gz"])
    run = run_of_source("s3://crawl/{run_key}/*.warc.gz", connection="my_store")
    assert ingest(run).rows_out == 900
    assert list(landed(run)) == ["00000.warc.gz"]


@pytest.mark.parametrize(
    ("change", "path", "kind", "told"),
    [
        ({"secret": "wrong-secret"}, "s3://crawl/", RecipeError, r"s3://crawl/ \(connection my_store\), it was refus"),
        ({"login": "nobody"}, "s3://crawl/", RecipeError, r"\(connection my_store\), it was refused .*correct the key"),
        ({}, "s3://elsewhere/x", RecipeError, r"the bucket elsewhere of s3://elsewhere/x \(connection my_store\)"),
        ({}, "s3://crawl/2001-01-01/", SourceError, r"expected a folder at crawl/2001-01-01, found none"),
        ({"extra": {"endpoint_url": "http://127.0.0.1:9"}}, "s3://crawl/", SourceError, "my_store.*, got End"),
        ({"extra": {"role_arn": "x"}}, "s3://crawl/", RecipeError, "connection my_store: expected the extras"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_bucket_and_connection_and_no_secret(
    crawl: ObjectStore, run_of_source: Callable[..., Run], monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any], path: str, kind: type[Exception], told: str,
):  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_MY_STORE", crawl.connection(**change))
    with pytest.raises(kind, match=told) as caught:
        ingest(run_of_source(path, connection="my_store"))
    shown = f"{caught.value!r} {caught.getrepr(style='short')}"
    assert crawl.secret not in shown
    assert "wrong-secret" not in str(caught.value)


def test_without_its_connection_no_object_is_read(crawl: ObjectStore, run_of_source: Callable[..., Run]):
    with pytest.raises(RecipeError, match="expected the connection other_store"):
        ingest(run_of_source("s3://crawl/", connection="other_store"))


@pytest.mark.parametrize(
    ("change", "bucket", "kind", "told"),
    [
        (
            {"secret": "wrong-secret"},
            "lake",
            RecipeError,
            r"s3://lake/x \(connection penstock_lake\), it was refused",
        ),
        (
            {},
            "nowhere",
            RecipeError,
            r"the bucket nowhere of s3://nowhere/x \(connection penstock_lake\), there is none",
        ),
        (
            {"extra": {"endpoint_url": "http://127.0.0.1:9"}},
            "lake",
            SourceError,
            "penstock_lake.*, got EndpointConn",
        ),
    ],
)
def test_a_lake_that_cannot_be_reached_is_said_before_anything_is_done(
    crawl: ObjectStore, run_of_source: Callable[..., Run], ledger: Ledger, change: dict[str, Any], bucket: str,
    kind: type[Exception], told: str,
):  # fmt: skip
    crawl.put("lake/empty", b"")
    conn = parse_connection(crawl.connection(host=bucket, schema="x", **change), where="test")
    place = lake_from(conn)
    run = run_of_source("s3://crawl/{run_key}", connection="my_store")
    with pytest.raises(kind, match=told):
        ingest(replace(run, lake=Lake(place.uri, **place.options)))
    with ledger.engine.connect() as connection:
        ((state, error),) = connection.execute(sa.text("select state, error from stage_runs")).all()
    assert state == "failed"
    assert re.search(told, error)


def opened(store: ObjectStore, uri: str) -> Any:
    conn = parse_connection(store.connection(), where="X")
    known = Store(uri, options_of(conn, "connection my_store"), "my_store")
    return known.open(known.path)


def test_a_server_that_is_killed_while_it_sends_is_no_loss(tmp_path: Path):
    content = os.urandom(BIG)
    with served(tmp_path / "store", limit="8M") as store:
        uri = store.put("crawl/big.bin", content)
        reads = 0

        def kill_and_start_again() -> None:
            while reads < 3:
                time.sleep(0.01)
            time.sleep(0.3)  # a block of 8 MB is on its way for a second
            store.stop()
            time.sleep(1)
            store.start()

        killer = threading.Thread(target=kill_and_start_again)
        killer.start()
        digest = hashlib.sha256()
        with opened(store, uri) as stream:
            while piece := stream.read(3 << 20):
                digest.update(piece)
                reads += 1
        killer.join()
        assert stream.closed
        assert digest.digest() == hashlib.sha256(content).digest()


def test_a_store_over_tls_takes_and_gives_objects_and_only_its_own_authority_is_trusted(tmp_path: Path):
    """Over TLS the client of S3 would send checksums in a form that rclone and Ceph refuse."""
    content = os.urandom(9 << 20)
    with served(tmp_path / "store", kind=TlsStore) as store:
        uri = store.put("crawl/big.bin", content)
        with opened(store, uri) as stream:
            assert stream.read() == content
        conn = parse_connection(store.connection(extra={"verify": True}), where="X")
        with pytest.raises(
            SourceError, match=r"s3://crawl \(connection my_store\).*certificate verify failed"
        ):
            Store("s3://crawl", options_of(conn, "connection my_store"), "my_store").check()


@pytest.mark.parametrize("size", [BIG, BIG + 1])
def test_an_object_that_changes_while_it_is_read_is_refused(store: ObjectStore, size: int):
    uri = store.put("crawl/big.bin", os.urandom(BIG))
    with opened(store, uri) as stream:
        assert len(stream.read(1000)) == 1000
        store.put("crawl/big.bin", os.urandom(size))
        with pytest.raises(
            ChangedError, match=r"s3://crawl/big.bin \(connection my_store\) to stay the same"
        ):
            while stream.read(1 << 20):
                pass


def test_the_reader_of_spark_cuts_an_object_where_records_begin(crawl: ObjectStore):
    """The same rows, read by splits of their own ranges, as executors do."""
    content = packed(*[page(f"http://a.example/{n}", os.urandom(3000).hex()) for n in range(700)])
    crawl.put("crawl/big.warc.gz", content)
    crawl.put("here/big.warc.gz", content)

    def read(path: str, **options: Any) -> list[dict[str, Any]]:
        reader = ArchiveReader(ArchiveOptions(path=path, split_mb=1, **options))
        parts = reader.partitions()
        assert len(parts) > 1
        rows = [row for part in parts for batch in reader.read(part) for row in batch.to_pylist()]
        return [{**row, "file": ""} for row in rows]

    assert read("s3://crawl/big.warc.gz", connection="my_store") == read(f"{crawl.data}/here/big.warc.gz")


def changed_include(tmp_path: Path, pattern: str, line: str) -> Path:
    """Return a copy of the project's recipes in which a line of web_text is another."""
    include = tmp_path / "include"
    for name in ("recipes", "expectations"):
        shutil.copytree(ROOT / "include" / name, include / name)
    recipe = include / "recipes" / "web_text.yaml"
    text, count = re.subn(pattern, lambda _: line, recipe.read_text(), flags=re.MULTILINE)
    assert count == 1
    recipe.write_text(text)
    return include


def test_a_flow_of_five_stages_from_a_store_and_no_log_shows_the_secret(
    home: Home, store: ObjectStore, tmp_path: Path
):
    """As a person runs it: a recipe, a connection in the environment, `airflow dags test`."""
    (item,) = InstalledDocsSource(cycle_days=7).items(DAY, None)  # type: ignore[arg-type]
    with item.open() as stream:
        store.put(f"crawl/{DAY}/{item.name}", stream.read())
    source = '{kind: folder, path: "s3://crawl/{run_key}/*.warc.gz", compression: none, connection: my_store}'
    include = changed_include(tmp_path, r"^  source: .*$", f"  source: {source}")

    places = {"PENSTOCK_INCLUDE": str(include), "PENSTOCK_KERNEL_CACHE": KERNEL}

    def run(connection: str) -> int:
        words = ("airflow", "dags", "test", "web_text", DAY)
        return home.start(*words, **places, AIRFLOW_CONN_MY_STORE=connection).wait(600)

    assert run(store.connection(secret="wrong-secret")) != 0
    assert "it was refused" in home.tail(400)
    assert run(store.connection()) == 0, home.tail()
    assert home.manifest(Zone.PUBLISHED, "web_text", DAY).outcome.rows_out > 0
    assert secret_shown(store.secret, tmp_path / "home", tmp_path / "logs", tmp_path / "airflow") == []
    assert store.secret not in (tmp_path / "log").read_text(errors="replace")


def test_a_flow_of_five_stages_in_a_lake_of_s3(home: Home, tmp_path: Path):
    """Spark and its workers read and write a bucket; one step has a file that the workers fetch from it."""
    words = "{kind: stop_words, lists: {en: {words: [the, of, and, to, a, in, is]}}}"
    include = changed_include(
        tmp_path, r"^    - \{kind: fineweb\}$", f"    - {{kind: fineweb}}\n    - {words}"
    )
    kind = GivenStore if GIVEN in os.environ else MotoStore
    with served(tmp_path / "store", kind=kind) as store:
        store.put("lake/empty", b"")
        places = {
            "PENSTOCK_INCLUDE": str(include),
            "PENSTOCK_KERNEL_CACHE": KERNEL,
            "AIRFLOW_CONN_PENSTOCK_LAKE": store.connection(host="lake", schema="penstock"),
        }
        for _ in range(2):
            assert home.start("airflow", "dags", "test", "web_text", DAY, **places).wait(600) == 0, (
                home.tail()
            )
        conn = parse_connection(places["AIRFLOW_CONN_PENSTOCK_LAKE"], where="test")
        place = lake_from(conn)
        lake = Lake(place.uri, **place.options)
        for zone in (Zone.LANDING, Zone.RAW, Zone.CLEAN, Zone.CHECKED, Zone.PUBLISHED):
            lake.verify(lake.manifest(zone, "web_text", DAY))
        checked = lake.manifest(Zone.CHECKED, "web_text", DAY)
        assert lake.manifest(Zone.PUBLISHED, "web_text", DAY).outcome.rows_out == checked.outcome.rows_out > 0
        assert not [name for name in lake.fs.find("lake") if "/rows/" in name or "_temporary" in name]
    states = home.rows("select stage, state from stage_runs order by id")
    assert [(row["stage"], row["state"]) for row in states] == [
        (stage, state) for state in ("success", "unchanged") for stage in STAGES
    ]
    assert not (tmp_path / "home" / "lake").exists()
    assert secret_shown(store.secret, tmp_path / "home", tmp_path / "logs", tmp_path / "airflow") == []
    assert store.secret not in (tmp_path / "log").read_text(errors="replace")
