"""The documentation is about this tree: its links lead somewhere, its commands exist, each of them is run by a test."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from penstock.ingest.section import IngestSection
from penstock.locations import parse_connection
from penstock.process.document import Document
from penstock.process.quality.heuristics import Chosen, Heuristics
from penstock.process.section import AnyStep
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


def peers() -> list[tuple[str, str]]:
    """Return the rows of "Coming from another tool" in docs/filters.md: what is there, what is here."""
    page = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
    section = page.partition("## Coming from another tool")[2].partition("\n<!--")[0]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", section, re.MULTILINE)
    return [(there, here.replace("\\|", "|")) for there, here in rows if there != "there"]


@pytest.mark.parametrize(("there", "here"), peers(), ids=lambda cell: cell[:30])
def test_what_other_tools_have_is_a_step_that_exists_or_is_said_not_to_be_here(there: str, here: str):
    named = [yaml.safe_load(code) for code in re.findall(r"`(\{(?:kind|rule): .*?\})`", here)]
    assert named or "not here, because" in here, there
    for item in named:
        if "kind" in item:
            TypeAdapter(AnyStep).validate_python(item)
        else:
            Heuristics(rules=[Chosen(**item)])


@pytest.mark.parametrize(
    ("there", "text", "left"),
    [
        ("SymbolLinesFormatter", "a\n--- * ---\n\nb\n===", "a\n\nb\n"),
        ("LineRemover", "Share\na Share\nPrint\nb", "a Share\nb"),
        ("NewlineNormalizer", "a\n\n\n\nb\n\nc\nd", "a\n\nb\n\nc\nd"),
        ("QuotationRemover", '"a "b" c"', 'a "b" c'),
        ("Slicer", "cover\nindex\nChapter 1\ntext Chapter 1", "Chapter 1\ntext Chapter 1"),
        ("remove_comments_mapper", "a % note\n% gone\nb \\% c\n", "a\nb \\% c\n"),
        ("remove_header_mapper", "\\usepackage{x}\ntext\\section*[a]{B}c", "\\section*[a]{B}c"),
        ("remove_non_chinese_character_mapper", "你好é, 世界ß!", "你好, 世界!"),
        ("remove_words_with_incorrect_substrings_mapper", "see www.a.org and a.com\nend", "see and \nend"),
        ("not_alphanum_paragraph_v1", "a\n — !?\nb", "a\nb"),
    ],
)
def test_the_patterns_for_other_tools_do_what_those_do(there: str, text: str, left: str):
    for code in re.findall(r"`(\{kind: replace_pattern.*?\})`", dict(peers())[there]):
        text = TypeAdapter(AnyStep).validate_python(yaml.safe_load(code)).clean(text, Document({}))
    assert text == left
