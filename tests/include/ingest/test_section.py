"""The ``ingest`` section."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from penstock.ingest.folder import FolderSource
from penstock.ingest.section import IngestSection

FOLDER = {"kind": "folder", "path": "/somewhere"}


def test_a_source_and_a_feed_are_found_by_kind() -> None:
    section = IngestSection.model_validate({"source": FOLDER, "feed": {"kind": "replay_by_hash"}})
    assert isinstance(section.source, FolderSource)
    assert section.feed is not None
    assert section.inputs()["feed"] == {
        "kind": "replay_by_hash",
        "cycle_days": 7,
        "key": None,
        "delimiter": "\t",
    }


def test_the_deadline_does_not_decide_the_rows() -> None:
    with_deadline = IngestSection.model_validate({"source": FOLDER, "deadline": {"minutes": 5}})
    assert with_deadline.inputs() == IngestSection.model_validate({"source": FOLDER}).inputs()


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"source": {"kind": "ftp"}}, "ftp"),
        ({"source": {**FOLDER, "pth": "x"}}, "pth"),
        ({"source": FOLDER, "records": "file", "header": True}, "header"),
        ({"source": FOLDER, "records": "file", "feed": {"kind": "replay_by_hash"}}, "feed"),
        ({"source": FOLDER, "records": "words"}, "records"),
        ({"source": {"kind": "folder", "path": "/a/{day}"}}, "unknown field"),
        ({}, "source"),
    ],
)
def test_refuses_what_has_no_meaning(keys: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        IngestSection.model_validate(keys)


def test_reading_a_recipe_imports_no_client() -> None:
    code = (
        "import sys, penstock.recipe\n"
        "print([m for m in ('httpx', 'requests', 'pypi_simple', 'stamina', 'pyarrow') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert shown.stdout.strip() == "[]"
