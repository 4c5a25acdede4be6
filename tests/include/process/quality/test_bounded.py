from __future__ import annotations

from penstock.process.quality.bounded import BoundedStep


def judged(step: BoundedStep, apply_to, value: float | None):
    document, _ = apply_to(step, "text")
    return step.judge(document, value, "why"), document


def test_bounds_are_inclusive(apply_to):
    step = BoundedStep(min=1, max=2)
    assert [bool(judged(step, apply_to, value)[0]) for value in (0.9, 1, 2, 2.1)] == [
        True,
        False,
        False,
        True,
    ]
    assert judged(step, apply_to, None)[0] is None


def test_the_number_may_be_kept_and_decide(apply_to):
    drop, document = judged(BoundedStep(max=1, annotate="n"), apply_to, 3)
    assert (drop.value, document["n"]) == (3, 3)


def test_published_limits_apply_only_when_nothing_else_is_asked(apply_to):
    class Published(BoundedStep):
        def published(self):
            return 5, None

    assert judged(Published(), apply_to, 4)[0] == ("why", 4, "less than 5")
    assert judged(Published(max=9), apply_to, 4)[0] is None
    assert judged(Published(annotate="n"), apply_to, 4)[0] is None
