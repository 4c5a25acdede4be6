"""Manifests refuse bytes that are not those that were published."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.errors import CorruptionError
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.receipt import Outcome

NOW = datetime(2026, 11, 16, tzinfo=UTC)


def a_manifest() -> Manifest:
    files = (
        FileEntry(path="03_clean/x/2026-11-16/attempt=a/p.parquet", bytes=10, sha256="0" * 64, rows=3),
        FileEntry(path="dropped/x/2026-11-16/attempt=a/p.parquet", bytes=5, sha256="1" * 64, rows=1),
    )
    outcome = Outcome(rows_in=4, rows_out=3, dropped={"重复": 1})
    return Manifest(
        zone=Zone.CLEAN, dataset="x", run_key="2026-11-16", attempt="a", fingerprint="f" * 64, files=files,
        recipe_hash="r", code_version="0", started_at=NOW, finished_at=NOW, outcome=outcome,
    )  # fmt: skip


def test_comes_back_equal():
    manifest = a_manifest()
    again = Manifest.from_bytes(manifest.to_bytes(), where="m")
    assert again == manifest
    assert again.sha256 == manifest.sha256


def test_names_only_the_files_of_its_own_zone_unless_asked():
    manifest = a_manifest()
    assert [entry.rows for entry in manifest.entries()] == [3]
    assert [entry.rows for entry in manifest.entries(Zone.DROPPED)] == [1]
    assert manifest.bytes == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"null", b"[]", b"\xff\xfe", b'{"sha256": "x", "body": {}}', a_manifest().to_bytes()[:-40]],
)
def test_refuses_garbage(content: bytes):
    with pytest.raises(CorruptionError, match="run the stage again"):
        Manifest.from_bytes(content, where="m")


def test_refuses_a_changed_count():
    forged = a_manifest().to_bytes().replace(b'"rows_out": 3', b'"rows_out": 2')
    with pytest.raises(CorruptionError, match="checksum"):
        Manifest.from_bytes(forged, where="m")
