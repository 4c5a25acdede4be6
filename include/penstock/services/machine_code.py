"""Compile what numba compiles, once at set-up: ``python -m penstock.services.machine_code``.

Without it the first run of a flow would wait for it, in each of Spark's workers at the same time.
"""

from __future__ import annotations

import sys
import time


def compile_all() -> float:
    """Call the text kernel and the near-duplicate index once; return the processor time (seconds) that it took."""
    import pyarrow as pa

    from penstock.index.compare import find_clusters
    from penstock.index.scheme import Scheme
    from penstock.index.signing import documents_of, sign
    from penstock.text.kernel.warm import warm

    began = time.process_time()
    warm()
    text = "Five words are one shingle, and these are more than enough words for some of them to be there."
    scheme = Scheme(bands=16, rows=7, verify="shingles", sketch=1024)
    ids = pa.chunked_array([["a", "b"]])
    found = find_clusters(
        documents_of(ids, pa.chunked_array([sign(pa.array([text, text]), scheme)]), scheme), scheme, 0.8
    )
    if found.accepted != 1:
        message = f"expected two equal texts to be found as one pair of duplicates, got {found.accepted}"
        raise AssertionError(message)
    return time.process_time() - began


if __name__ == "__main__":
    sys.stdout.write(f"compiled in {compile_all():.1f} CPU seconds\n")
