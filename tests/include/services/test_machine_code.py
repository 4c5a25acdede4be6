"""What set-up compiles is all that a run needs compiled."""

from __future__ import annotations

import os
import subprocess
import sys

from penstock.services.machine_code import compile_all


def test_a_process_after_it_finds_the_machine_code():
    compile_all()
    code = "from penstock.services.machine_code import compile_all; print(compile_all())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_DEBUG_CACHE": "1"},
    )  # fmt: skip
    assert "data loaded from" in done.stdout
    assert "data saved to" not in done.stdout
