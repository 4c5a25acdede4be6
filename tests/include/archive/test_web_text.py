"""The recipe web_text on archives of the test, and on the shared ones where they are: three stages, with Spark."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from penstock.ingest.stage import ingest
from penstock.manifest import Zone
from penstock.process.stage import process
from penstock.recipe import Recipe, load
from penstock.stage import Run
from penstock.transfer.stage import transfer
from support.warc import digest, http, packed, record

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "web"
DAY = "2026-11-16"
PARAGRAPHS = {
    "en": "A penstock is the gated pipe that feeds a turbine with water from behind the dam, day and night. "
    * 4,
    "ru": "Напорный водовод подводит воду из водохранилища к турбине гидроэлектростанции днём и ночью. " * 4,
    "ja": "水圧管は、ダムの水を水車に導く管であり、発電所の大切な設備の一つである。昼も夜も水が流れている。"
    * 6,
    "zh": "压力钢管把水库里的水引到水轮机，是水电站的重要设备，日夜不停地输送水流，为城市提供电力。" * 7,
}
CODECS = {"en": "utf-8", "ru": "windows-1251", "ja": "euc_jp", "zh": "gbk"}


def page(
    language: str, *, head: str = "", extra: str = "", header: str | None = None, **headers: str
) -> bytes:
    """Return a page in a codec of its language, which only its bytes, or ``header``, tell."""
    codec = CODECS[language]
    text = (
        f"<html><head><title>About {language}</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<article><p>{PARAGRAPHS[language]}</p><p>{extra}</p></article><footer>All rights reserved</footer>"
        "</body></html>"
    )
    content_type = f"text/html; charset={header}" if header else "text/html"
    body = text.encode(codec)
    url = f"http://{language}.example/{len(extra)}{len(head)}"
    return record("response", url, http(body, content_type, **headers), WARC_Payload_Digest=digest(body))


RULES_FOR_ENGLISH = {
    "gopher_repetition",
    "gopher_quality",
    "c4",
    "fineweb",
    "minhash",
    "near_duplicates",
}


@pytest.fixture
def web_text(run_of: Callable[..., Run]) -> Callable[..., Run]:
    """Make a run of the recipe over other archives, on request without its rules for English."""

    def make(path: str, *, any_language: bool = False) -> Run:
        document = load(ROOT / "include" / "recipes" / "web_text.yaml").model_dump(mode="json", by_alias=True)
        if any_language:
            steps = [step for step in document["process"]["steps"] if step["kind"] not in RULES_FOR_ENGLISH]
            document["process"]["steps"] = [
                {"kind": "language"} if step["kind"] == "language" else step for step in steps
            ]
        document["ingest"]["source"] = {"kind": "folder", "path": path, "compression": "none"}
        return run_of(Recipe.model_validate(document), DAY)

    return make


def rows_of(run: Run, zone: Zone) -> list[dict[str, Any]]:
    """Read what process left in a zone."""
    found: list[dict[str, Any]] = []
    for entry in run.upstream(Zone.CLEAN).entries(zone):
        found += parquet.read_table(io.BytesIO(run.lake.fs.cat_file(run.lake.full(entry.path)))).to_pylist()
    return found


def test_archives_become_text_and_everything_is_accounted_for(web_text, tmp_path: Path):
    bomb = record("response", "http://b.example/", http(b"<b>" * 100_000, "text/html"))
    noai = page("en", head='<meta name="robots" content="noai">')
    mail = page("en", extra="Write to jane.doe@mail.example.org for more.")
    pages = [
        page("en"),
        page("ru"),
        page("ja", header="euc-jp"),
        page("zh", header="utf-8"),
        mail,
        noai,
        bomb,
    ]
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.warc.gz").write_bytes(packed(record("warcinfo", "x", b"a: b"), *pages))
    wet = record("conversion", "http://w.example/", PARAGRAPHS["en"].encode())
    (inbox / "b.warc.wet.gz").write_bytes(packed(wet) + packed(page("ru"))[:200])
    run = web_text(str(inbox), any_language=True)
    assert ingest(run).rows_out == 10
    transferred = transfer(run)
    assert transferred.dropped == {"skipped:warcinfo": 1}
    assert sum(transferred.quarantined.values()) == 1
    receipt = process(run)
    assert receipt.dropped == {"html_too_deep": 1, "robots_noai": 1, "exact_duplicate": 1}
    assert receipt.quarantined == {}
    rows = {row["url"]: row for row in rows_of(run, Zone.CLEAN)}
    assert sorted(row["lang"] for row in rows.values()) == ["en", "en", "ja", "ru", "zh"]
    for row in rows.values():
        assert row["text"].startswith(PARAGRAPHS[row["lang"]].strip()[:30])
        assert "All rights" not in row["text"]
        assert "jane.doe@" not in row["text"]
        assert (row["payload"], row["digest"]) in ((None, "ok"), (None, "missing"))
    wanted = {name for table in run.recipe.store.tables for name in table.columns}
    assert wanted - set(next(iter(rows.values()))) == {"duplicate_cluster"}


def test_the_shared_archives_become_text(web_text):
    if not SHARED.is_dir():
        pytest.skip(f"there are no shared archives at {SHARED}")
    run = web_text(f"{SHARED}/*[0-9n].warc*.gz")
    landed = ingest(run)
    transferred = transfer(run)
    assert transferred.quarantined == {}
    assert landed.rows_out == transferred.rows_out + sum(transferred.dropped.values())
    receipt = process(run)
    assert receipt.quarantined == {}
    assert receipt.rows_in == receipt.rows_out + sum(receipt.dropped.values())
    rows = rows_of(run, Zone.CLEAN)
    assert rows
    assert {row["lang"] for row in rows} == {"en"}
    reasons = {row["drop_reason"]: row for row in rows_of(run, Zone.DROPPED)}
    assert {"language_not_kept", "near_duplicate", "gopher_below_alpha_threshold"} <= set(reasons)
    assert reasons["near_duplicate"]["drop_value"] > 0.5
    assert len(reasons["near_duplicate"]["drop_detail"]) == 32
