"""The kernel under bounds checks, in a process of its own: they are compiled in, so their code is kept apart."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from support.texts import TEXTS, WORDS

ROOT = Path(__file__).parents[4]
FUZZ = """
import random, sys
import numpy as np
sys.path[:0] = {path!r}
from penstock.process.quality.text_metrics import TextMetrics
from penstock.process.quality.c4 import C4
from penstock.process.quality.fineweb import Fineweb
from penstock.text.kernel.api import minhash_signatures
from penstock.text.kernel.program import Program
from support.texts import TEXTS, WORDS, packed
rng = random.Random({seed})
program = Program([*TextMetrics().rules(), *C4(min_num_sentences=1).rules(),
    *C4(min_num_sentences=1, split_paragraph=False, filter_no_terminal_punct=False).rules(), *Fineweb().rules(),
    *Fineweb(stop_chars=('word', '。', '.')).rules()])
done = 0
while done < {count}:
    many = ["".join(rng.choice(WORDS) + rng.choice(["", " "]) for _ in range(rng.randrange(30))) for _ in range(500)]
    data, offsets = packed([*TEXTS, *many])
    if {spoil}:  # bytes that are no UTF-8 must do no harm either
        for _ in range(len(data) // 50):
            data[rng.randrange(len(data))] = rng.randrange(256)
    program.run(data, offsets[:-1], offsets[1:], np.ones(len(offsets) - 1, dtype=np.bool_))
    if not {spoil}:
        minhash_signatures(data, offsets)
    done += len(offsets) - 1
print(done)
"""


def fuzz(count: int, *, spoil: bool, bounds: bool, timeout_s: float) -> int:
    path = [str(ROOT / "include"), str(ROOT / "tests")]
    code = FUZZ.format(path=path, seed=random.randrange(10**6), count=count, spoil=spoil)
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1" if bounds else "0"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout)


def test_made_up_texts_do_no_harm():
    assert fuzz(20_000, spoil=False, bounds=False, timeout_s=280) >= 20_000


@pytest.mark.integration
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("spoil", [False, True])
def test_a_million_texts_stay_within_bounds(spoil: bool):
    assert fuzz(500_000, spoil=spoil, bounds=True, timeout_s=1700) >= 500_000
    assert len(TEXTS) + len(WORDS) > 50
