"""Keep the classes that Spark loads in one file that Java maps, made once at set-up (class-data sharing, JEP 310).

With it a server answers, and does its first job, for about 40 % less of Java's processor time. Java checks for itself
that the file fits its version and its class path, and does without where it does not:
``python -m penstock.services.class_archive``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.errors import PenstockError
from penstock.services.environment import Places, find_places
from penstock.services.jars import find_java
from penstock.services.spark_jvm import SparkServer, choose_port

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from penstock.lake import Attempt
    from penstock.stage import Run

START_TIMEOUT_S, DUMP_TIMEOUT_S = 120, 300
DATASET, DAY = "class_archive", "2026-01-01"
DOCUMENTS = 40


def make(places: Places) -> Path:
    """Start a server that writes down which classes it loads, give it a small day to work on, and archive those.

    Raises:
        PenstockError: Java could not write the archive; the one that was there stays.
    """
    archive = places.class_archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".classes-", dir=archive.parent) as scratch:
        folder = Path(scratch)
        loaded = folder / "classes.txt"
        own = Places(places.root, folder / "home")  # a running server keeps this home's metastore to itself
        own.home.mkdir()
        own.jars.symlink_to(places.jars.absolute())
        server = SparkServer(own, choose_port(), java_options=(f"-XX:DumpLoadedClassList={loaded}",))
        _use(server)
        draft = folder / archive.name
        _dump(server.class_path, loaded, draft)
        draft.replace(archive)
    return archive


def _use(server: SparkServer) -> None:
    server.start()
    try:
        server.wait_until_ready(START_TIMEOUT_S)
        work_a_day(server.remote_url, server.places.home)
    finally:
        server.stop()


def _dump(class_path: str, loaded: Path, archive: Path) -> None:
    command = [
        *(str(find_java()), "-Xshare:dump", "-Xlog:cds=off,class+path=off"),
        *(f"-XX:SharedClassListFile={loaded}", f"-XX:SharedArchiveFile={archive}", "-cp", class_path),
    ]
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=DUMP_TIMEOUT_S, check=True)  # noqa: S603
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        tail = "\n  ".join(str(error.stdout).splitlines()[-10:])
        message = f"expected Java to archive its classes in {archive}, it did not: {error}\n  {tail}"
        raise PenstockError(message) from error


def work_a_day(remote: str, folder: Path) -> int:
    """Take a few documents through the process stage and into an Iceberg table; return how many arrived.

    The work is not the point: these are the classes that any run loads. Nothing in it needs the text kernel, which
    ``make setup`` compiles at the same time.
    """
    from penstock.jobs.session import connect
    from penstock.lake import Lake
    from penstock.ledger import Ledger
    from penstock.process.section import ProcessSection
    from penstock.process.stage import process
    from penstock.recipe import Recipe
    from penstock.stage import Run
    from penstock.store.catalog import local_catalog

    spark = connect(remote)
    try:
        steps = [{"kind": "exact_duplicates"}, {"kind": "length"}]
        section = ProcessSection.model_validate({"steps": steps})
        run = Run(
            recipe=Recipe.only(DATASET, start=date.fromisoformat(DAY), process=section),
            run_key=DAY,
            lake=Lake(f"file://{folder}/lake"),
            ledger=Ledger(f"sqlite:///{folder}/ledger.db"),
            spark=lambda: spark,
            catalog=local_catalog(folder),
        )
        _publish_raw(run)
        process(run)
        return _store(run, spark)
    finally:
        spark.stop()


def _publish_raw(run: Run) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    from penstock.manifest import Zone
    from penstock.receipt import Outcome, Stage
    from penstock.stage import StageSpec, perform

    texts = [f"Document {n} has {n % 7} words that are also in others. " * 5 for n in range(DOCUMENTS)]
    rows = pa.table({"doc_id": [f"{n:04d}" for n in range(DOCUMENTS)], "text": texts})

    def work(attempt: Attempt, _: str) -> Outcome:
        with attempt.create("part-00000.parquet", rows=rows.num_rows) as file:
            parquet.write_table(rows, file, compression="zstd")
        return Outcome(rows_in=rows.num_rows, rows_out=rows.num_rows)

    perform(run, StageSpec(stage=Stage.TRANSFER, zone=Zone.RAW, inputs={"name": DATASET}), work)


def _store(run: Run, spark: SparkSession) -> int:
    from penstock.manifest import Zone
    from penstock.store.catalog import configure
    from penstock.store.format import Target
    from penstock.store.formats.iceberg import IcebergFormat

    configure(spark, run.catalog)
    manifest = run.upstream(Zone.CLEAN)
    frame = spark.read.parquet(*[run.lake.spark_uri(e.path) for e in manifest.entries(Zone.CLEAN)])
    where: dict[str, Any] = {"dataset": DATASET, "namespace": DATASET, "table": "documents", "run_key": DAY}
    target = Target(lake=run.lake, fingerprint="0", attempt_id=manifest.attempt, **where)
    form = IcebergFormat()
    form.prepare(spark, target, frame)
    form.stage(spark, target, frame)
    form.commit(spark, target, frame)
    return int(spark.table(form.name_of(target)).count())


if __name__ == "__main__":
    path = make(find_places())
    sys.stdout.write(f"{path}: {path.stat().st_size / 1e6:.0f} MB\n")
