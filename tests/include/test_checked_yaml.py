"""Any checked file says what is wrong, in which line, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from penstock.checked_yaml import parse_checked, read_checked, read_yaml
from penstock.errors import RecipeError
from penstock.params import Params


class Valve(Params):
    """A part of a file."""

    opening: float = Field(default=0.0, ge=0, le=1)


class Plan(Params):
    """What a file holds."""

    dataset: str
    valves: tuple[Valve, ...] = ()


GOOD = "dataset: river\nvalves:\n  - opening: 0.5\n  - opening: 1\n"


def test_a_file_becomes_its_model(tmp_path: Path):
    path = tmp_path / "river.yaml"
    path.write_text(GOOD)
    assert [valve.opening for valve in read_checked(path, Plan, what="plan").valves] == [0.5, 1.0]


def test_lines_are_known_for_every_key():
    _, lines = read_yaml(GOOD, where="x")
    assert lines["valves", 1, "opening"] == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "dataset: river\nvalves:\n  - opning: 1\n",
            r"opning: unknown key; did you mean opening\? \(x:3\)",
        ),
        ("dataset: river\nvalves: [{opening: 2}]\n", r"less than or equal to 1, got 2 \(x:2\)"),
        ("valves: []\n", "dataset: expected a value, got nothing"),
        ("dataset: a\ndataset: b\n", "key 'dataset' twice"),
        ("- a\n", "expected a mapping of keys, got list"),
        ("dataset: [\n", "expected valid YAML"),
        ("dataset: lake\n", "plan: expected dataset: river .*, got 'lake'"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str):
    with pytest.raises(RecipeError, match=said):
        parse_checked(text, Plan, what="plan", where="x", expected_name="river")


def test_a_file_that_is_not_there_suggests_the_nearest(tmp_path: Path):
    (tmp_path / "river.yaml").write_text(GOOD)
    with pytest.raises(
        RecipeError, match=r"plan: expected a file .*rivr.yaml, found none; did you mean river"
    ):
        read_checked(tmp_path / "rivr.yaml", Plan, what="plan")


def test_bytes_that_are_no_text_are_named(tmp_path: Path):
    (tmp_path / "river.yaml").write_bytes(b"dataset: \xff\n")
    with pytest.raises(RecipeError, match="expected UTF-8 text, got byte 0xff at 9"):
        read_checked(tmp_path / "river.yaml", Plan, what="plan")
