"""What `archive_speed.py` runs in datatrove's own environment: its WARC reader, then trafilatura, one process.

Prints one line of JSON: CPU seconds after the imports (children included), documents, characters.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import trafilatura  # noqa: F401 - imported before the clock starts, as ours is
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import WarcReader


def cpu_seconds() -> float:
    """CPU seconds of this process and its ended children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(archive: Path, mode: str) -> None:
    """Read, and with ``mode: precise`` extract, the archive."""
    started, wall = cpu_seconds(), time.perf_counter()
    documents = WarcReader(str(archive.parent), glob_pattern=archive.name)()
    if mode == "precise":
        documents = Trafilatura(timeout=60).run(documents)
    lengths = [len(document.text) for document in documents]
    time.sleep(0.2)  # its sandbox is ended at the end of the generator, and counted when it is waited for
    result = {"cpu_s": cpu_seconds() - started, "wall_s": time.perf_counter() - wall}
    print(json.dumps({**result, "documents": len(lengths), "chars": sum(lengths)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
