"""Compile the kernel now, so that no later process has to: ``python -m penstock.text.kernel.warm``.

The machine code lies in `penstock.text.kernel.compiled.cache_folder` and serves all processes of this machine's kind
that have the same ``PENSTOCK_HOME``: Spark's workers inherit it from their server.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from penstock.text.kernel import codes
from penstock.text.kernel.api import minhash_signatures, tokeniser
from penstock.text.kernel.buffers import may_hold_address
from penstock.text.kernel.compiled import cache_folder
from penstock.text.kernel.program import Program, Rule

_SAMPLE = (
    "The first line is here, and it's short. It isn't long (is it?)\n\nSee www.x.org for 5km of it... ok!\n"
)


def warm() -> float:
    """Run every entry point once; return the seconds of processor time that it took."""
    started = time.process_time()
    text = _SAMPLE.encode() * 3
    data = np.frombuffer(text, dtype=np.uint8).copy()
    starts, stops = np.zeros(1, dtype=np.int64), np.full(1, len(text), dtype=np.int64)
    alive = np.ones(1, dtype=np.bool_)
    kinds = (codes.REPETITION, codes.QUALITY, codes.C4, codes.C4_PARAGRAPHS, codes.FINEWEB)
    Program([Rule(kind, {codes.CHANGES_TEXT: 1}, False, True) for kind in kinds]).run(
        data, starts, stops, alive
    )
    offsets = np.array([0, len(text)], dtype=np.int64)
    minhash_signatures(data, offsets)
    tokeniser().tokenise(data, offsets)
    may_hold_address(data, starts, stops, alive)
    return time.process_time() - started


if __name__ == "__main__":
    sys.stdout.write(f"text kernel: ready after {warm():.1f} CPU seconds, kept in {cache_folder()}\n")
