from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from penstock.process.quality.sample import Sample
from penstock.process.step import Drop


def kept(apply_to, step: Sample, count: int = 1000) -> set[int]:
    return {n for n in range(count) if apply_to(step, None, doc_id=f"{n:032x}")[1] is None}


def test_keeps_about_the_share(apply_to):
    assert 60 < len(kept(apply_to, Sample(share=0.1))) < 140
    assert kept(apply_to, Sample(share=1)) == set(range(1000))
    assert kept(apply_to, Sample(share=0)) == set()


def test_keeps_the_same_documents_on_every_machine(apply_to):
    assert sorted(kept(apply_to, Sample(share=0.1), 60)) == [4, 34, 48]


def test_a_greater_share_keeps_what_a_smaller_one_keeps(apply_to):
    assert kept(apply_to, Sample(share=0.1)) < kept(apply_to, Sample(share=0.2))


def test_another_seed_chooses_others(apply_to):
    first, second = kept(apply_to, Sample(share=0.5)), kept(apply_to, Sample(share=0.5, seed=2**64 - 1))
    assert 150 < len(first & second) < 350


def test_documents_of_one_address_stay_or_leave_together(apply_to):
    step = Sample(share=0.5, by="url")
    fates = {
        url: {apply_to(step, None, doc_id=str(n), url=url)[1] for n in range(20)}
        for url in map(str, range(50))
    }
    assert all(len(found) == 1 for found in fates.values())
    assert {None} in fates.values()
    assert any(None not in found for found in fates.values())


def test_a_document_without_a_value_is_chosen_by_its_id(apply_to):
    by_id = [apply_to(Sample(share=0.5), None, doc_id=str(n))[1] for n in range(50)]
    assert [apply_to(Sample(share=0.5, by="url"), None, doc_id=str(n))[1] for n in range(50)] == by_id


def test_the_value_is_the_share_above_which_it_would_stay(apply_to):
    verdict = apply_to(Sample(share=0), None, doc_id="a")[1]
    assert verdict == Drop("not_sampled", verdict.value)
    assert apply_to(Sample(share=verdict.value), None, doc_id="a")[1] == verdict
    assert apply_to(Sample(share=verdict.value + 1e-9), None, doc_id="a")[1] is None


@pytest.mark.parametrize("values", [[1, 2, None], [b"a", b"b", None], ["a", "a", "\U0001f600"]])
def test_any_type_of_column_will_do(run_fused, raw_of, values):
    table = run_fused([Sample(share=0, by="key")], raw_of(["x"] * 3, key=pa.array(values)))
    assert table.column("drop_reason").to_pylist() == ["not_sampled"] * 3


@pytest.mark.parametrize("wrong", [{}, {"share": 1.1}, {"share": -0.1}, {"share": 0.5, "seed": -1}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        Sample(**wrong)
