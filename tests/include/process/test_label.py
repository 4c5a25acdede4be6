from __future__ import annotations

import pytest

from penstock.process.label import Label


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        (0.2, "positive"), (4.0, "positive"), (0.19, "neutral"), (0.0, "neutral"), (-0.19, "neutral"),
        (-0.2, "negative"), (-4.0, "negative"), (None, None), (float("nan"), None), ("garbage", None), (3, "positive"),
    ],
)  # fmt: skip
def test_classes_a_mean_rating_by_the_published_thresholds(apply_to, rating, expected):
    document, verdict = apply_to(Label(), "text", rating=rating)
    assert (document["label"], verdict) == (expected, None)


def test_a_given_label_is_kept(apply_to):
    assert apply_to(Label(), "text", rating=4.0, label="negative")[0]["label"] == "negative"


def test_another_scale_and_column(apply_to):
    step = Label(rating_column="stars", scale=5, threshold=0.5)
    assert [apply_to(step, "t", stars=stars)[0]["label"] for stars in (2.5, 2.4, -2.5)] == [
        "positive", "neutral", "negative",
    ]  # fmt: skip
