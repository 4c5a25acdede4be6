"""Where a document came from and what became of it, on the screen and as JSON."""

from __future__ import annotations

from typing import Any


def id_of(number: int) -> str:
    return f"{number:06x}" + "0" * 26


def test_a_duplicate_says_its_source_its_step_and_the_next_question(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    ran = penstock("why", "000002")
    assert ran.code == 0
    for words in (
        f"document {id_of(2)}",
        "notes 2026-11-16  dropped  step exact_duplicates: exact_duplicate",
        "text      one",
        "landed: notes.txt, line 3",
        "source    https://notes.example/notes.txt",
        "run       manual__2026-11-16",
        f"penstock why {id_of(0)}",
    ):
        assert words in " ".join(ran.out.split(" "))


def test_a_published_document_names_its_table_and_snapshot(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    ran = penstock("why", id_of(1), "--dataset", "notes", "--run-key", "2026-11-16")
    assert "published  it passed every stage" in ran.out
    assert "penstock.notes.notes (iceberg) snapshot 42" in ran.out


def test_json_has_all_of_it(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    found = penstock("why", id_of(3), "--json").json()
    (day,) = found["days"]
    assert (found["doc_id"], day["fate"], day["reason"]) == (
        id_of(3),
        "quarantined",
        "breaks the promise text is there",
    )
    assert day["passages"][0]["stage"] == "ingest"


def test_an_unknown_id_is_exit_code_1_with_what_to_do(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    ran = penstock("why", "ffffffff")
    assert (ran.code, ran.out) == (1, "")
    assert "look at the id" in ran.err


def test_a_beginning_of_several_ids_is_wrong_use(flow: Any, penstock: Any) -> None:
    texts = ["one", "two"]
    flow.ingest(texts)
    flow.transfer(texts)
    flow.process([{**flow.clean_row(n, "x"), "doc_id": f"abcdef{n}"} for n in (0, 1)])
    ran = penstock("why", "abcdef")
    assert ran.code == 2
    assert "abcdef0, abcdef1" in ran.err


def test_a_text_cannot_steer_the_terminal_or_be_markup(flow: Any, penstock: Any) -> None:
    text = "\x1b[2Jgone [bold]not bold[/bold]"
    flow.ingest(["x"])
    flow.transfer([text])
    ran = penstock("why", id_of(0))
    assert "\x1b" not in ran.out
    assert "[bold]not bold[/bold]" in ran.out
