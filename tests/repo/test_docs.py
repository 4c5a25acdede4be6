"""The documentation is about this tree: its links lead somewhere, its commands exist, each of them is run by a test."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from penstock.ingest.section import IngestSection
from penstock.locations import parse_connection
from penstock.stores import options_of
from support.documentation import ROOT, Command, commands, pages

TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
RUNNERS = {"make", "bin/airflow", "bin/penstock", "git", "python", "source"}


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.name)
def test_every_link_leads_to_a_file(page: Path):
    text = page.read_text(encoding="utf-8")
    targets = [t.split("#")[0] for t in re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("command", list(commands()), ids=lambda c: f"{c.page}: {c.text}"[:80])
def test_every_command_is_one_that_the_commands_test_can_run(command: Command):
    words = shlex.split(command.text.replace("<doc_id>", "0"))
    assert words[0] in RUNNERS, "tests/integration/test_commands.py does not know how to run this"
    if words[0] == "make":
        assert words[1] in TARGETS
    if words[0] == "python":
        assert (ROOT / words[1]).is_file()


def test_the_sources_and_the_connection_of_web_text_are_read_as_the_page_says():
    page = (ROOT / "docs" / "web_text.md").read_text(encoding="utf-8")
    sources = re.findall(r"^source: .*$", page, re.MULTILINE)
    read = [IngestSection.model_validate(yaml.safe_load(line) | {"records": "archive"}) for line in sources]
    assert [getattr(section.source, "connection", None) for section in read] == [None, "my_store", None]
    (connection,) = re.findall(r"AIRFLOW_CONN_MY_STORE='(.*?)'", page, re.DOTALL)
    assert options_of(parse_connection(connection, where="the page"), "my_store") == {
        "key": "KEY",
        "secret": "SECRET",
        "endpoint_url": "https://store.example",
        "client_kwargs": {"region_name": "us-east-1", "verify": "/etc/ssl/own-ca.pem"},
    }


def test_the_readme_shows_the_two_commands_first():
    assert [c.text for c in commands() if c.page == "README.md"][:2] == ["make demo", "make test"]


def test_a_page_for_every_topic_that_the_readme_names():
    assert {p.name for p in (ROOT / "docs").glob("*.md")} >= {
        "operators.md",
        "gate.md",
        "cli.md",
        "ui.md",
        "model.md",
    }
