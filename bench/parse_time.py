"""CPU seconds to parse each DAG file, as Airflow's DAG processor does: a fresh process that has imported Airflow.

    python bench/parse_time.py

The goal is at most 0.5 s a file. The first DAG of a process also pays for the import of the operators; both are shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from report import save

ROOT = Path(__file__).parents[1]
GOAL_S = 0.5
RUNS = 5
PROBE = """
import json, resource, sys, time
sys.path[:0] = {path!r}
import airflow.sdk, airflow.dag_processing.dagbag
def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
import runpy
first = cpu(); runpy.run_path({dag!r}); second = cpu(); runpy.run_path({dag!r}); third = cpu()
print(json.dumps([second - first, third - second]))
"""


def measure(dag: Path) -> tuple[float, float]:
    """Return the CPU seconds of the first and of the second parse of ``dag`` in one fresh process."""
    code = PROBE.format(path=[str(ROOT / "include"), str(ROOT / "plugins")], dag=str(dag))
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    first, again = json.loads(done.stdout.splitlines()[-1])
    return first, again


def main() -> None:
    """Measure every DAG file and report."""
    rows = []
    for dag in sorted((ROOT / "dags").glob("*.py")):
        samples = [measure(dag) for _ in range(RUNS)]
        first = median(sample[0] for sample in samples)
        again = median(sample[1] for sample in samples)
        rows.append({"dag": dag.stem, "first_cpu_s": first, "again_cpu_s": again, "of_goal": first / GOAL_S})
    save("parse_time", rows, goal_cpu_s=GOAL_S, runs=RUNS)


if __name__ == "__main__":
    main()
