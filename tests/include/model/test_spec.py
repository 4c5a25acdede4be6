from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.model.spec import FeatureSpec, Metrics, Score


def test_the_features_are_those_that_the_process_stage_makes_by_default() -> None:
    assert FeatureSpec().buckets == 2**18
    assert FeatureSpec().bert_dimensions == 384


@pytest.mark.parametrize("bad", [{"buckets": 0}, {"bert_dimensions": -1}, {"bert_scale": 0}, {"bukets": 4}])
def test_refuses_a_feature_space_that_cannot_be(bad: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        FeatureSpec.model_validate(bad)


def test_metrics_survive_json() -> None:
    score = Score(rows=3, accuracy=0.5, majority=0.25)
    metrics = Metrics(train_rows=9, held_back=score, by_language={"en": score})
    assert Metrics.model_validate_json(metrics.model_dump_json()) == metrics
