from __future__ import annotations

from penstock.text.kernel.compiled import cache_folder
from penstock.text.kernel.warm import warm


def test_what_was_compiled_is_kept_for_the_next_process():
    assert warm() > 0
    assert any(cache_folder().rglob("*run_rules*"))
    assert any(cache_folder().glob("rules-*.npy"))


def test_a_second_run_is_cheap():
    warm()
    assert warm() < 2
