"""The tree of errors is sorted by what the caller should do."""

from __future__ import annotations

import pytest

from penstock import errors


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (errors.RecipeError, errors.PenstockError),
        (errors.StorageError, errors.SourceError),
        (errors.ConservationError, errors.ContractError),
        (errors.CorruptionError, errors.ContractError),
    ],
)
def test_a_special_case_is_handled_as_its_parent(error: type[Exception], parent: type[Exception]):
    assert issubclass(error, parent)


def test_what_a_retry_mends_and_what_it_does_not_are_never_the_same():
    assert not issubclass(errors.SourceError, errors.ContractError)
    assert not issubclass(errors.ContractError, errors.SourceError)


def test_a_contract_error_carries_copies_of_its_counts():
    counts = {"not null": 1}
    error = errors.ContractError("x", failed=counts)
    counts["not null"] = 2
    assert error.failed == {"not null": 1}
