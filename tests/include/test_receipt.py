"""Law 1, conservation: an outcome that does not add up cannot become a receipt."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import ConservationError, ContractError
from penstock.receipt import Outcome, Stage, check_balance

counts = st.dictionaries(st.text(min_size=1), st.integers(0, 10**12), max_size=5)


@given(out=st.integers(0, 10**12), dropped=counts, quarantined=counts)
def test_accepts_rows_that_add_up(out: int, dropped: dict[str, int], quarantined: dict[str, int]):
    rows_in = out + sum(dropped.values()) + sum(quarantined.values())
    outcome = Outcome(rows_in=rows_in, rows_out=out, dropped=dropped, quarantined=quarantined)
    check_balance(Stage.PROCESS, "x", "2026-11-16", outcome)


@given(out=st.integers(0, 10**12), off=st.integers(-(10**6), 10**6).filter(bool), dropped=counts)
def test_refuses_one_row_lost_or_doubled(out: int, off: int, dropped: dict[str, int]):
    rows_in = max(0, out + sum(dropped.values()) + off)
    if rows_in == out + sum(dropped.values()):
        return
    outcome = Outcome(rows_in=rows_in, rows_out=out, dropped=dropped)
    with pytest.raises(ConservationError, match="rows in = rows out"):
        check_balance(Stage.PROCESS, "x", "2026-11-16", outcome)


def test_a_contract_error_survives_pickling_with_its_evidence():
    error = pickle.loads(pickle.dumps(ContractError("bad", failed={"not null": 3}, sample_uri="q/x")))
    assert (str(error), error.failed, error.sample_uri) == ("bad", {"not null": 3}, "q/x")
