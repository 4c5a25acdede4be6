"""Families of parameter models are found by name, without a registry to edit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.params import Params, members, one_of


class Pump(Params):
    """A family."""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "pumps_for_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for kind in ("centrifugal", "piston"):
        text = (
            "from typing import Literal\nfrom penstock_test_pump import Pump\n"
            f"class {kind.title()}(Pump):\n    kind: Literal['{kind}']\n    flow: float = 1.0\n"
        )
        (folder / f"{kind}.py").write_text(text)
    (folder / "rotary").mkdir()
    (folder / "rotary" / "__init__.py").write_text("")
    (folder / "rotary" / "gear.py").write_text(text.replace("piston", "gear").replace("Piston", "Gear"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "penstock_test_pump", sys.modules[__name__])
    return "pumps_for_test"


def test_every_module_of_the_package_at_any_depth_adds_its_members(package: str):
    assert list(members(Pump, package=package, group="none")) == ["centrifugal", "gear", "piston"]


def test_a_field_takes_the_member_that_kind_names(package: str):
    adapter = TypeAdapter(one_of(Pump, package=package, group="none"))
    chosen = adapter.validate_python({"kind": "piston", "flow": 2})
    assert type(chosen).__name__ == "Piston"
    with pytest.raises(ValidationError, match="flwo"):
        adapter.validate_python({"kind": "piston", "flwo": 2})


def test_a_model_is_frozen_and_refuses_unknown_keys():
    class Valve(Params):
        kind: Literal["valve"] = "valve"
        opening: float = 0.5

    with pytest.raises(ValidationError, match="frozen"):
        Valve().opening = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Valve(openning=1.0)  # type: ignore[call-arg]
