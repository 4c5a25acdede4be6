"""What Spark says when it fails, in Penstock's words: sorted by what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from penstock.errors import CorruptionError, PenstockError, RecipeError, SourceError, StorageError

_OWN_ERROR = re.compile(r"penstock\.errors\.(?P<kind>RecipeError|CorruptionError): (?P<message>[^\n]+)")
_OWN: Mapping[str, type[RecipeError | CorruptionError]] = {
    "RecipeError": RecipeError,
    "CorruptionError": CorruptionError,
}
_FULL = ("No space left on device", "Disk quota exceeded")
# The class itself: PySpark makes a subclass of the first of what a server answers, a worker's exception among it.
_LOST = ("SparkConnectGrpcException", "RetriesExceeded", "_InactiveRpcError", "_MultiThreadedRendezvous")


@contextmanager
def engine_errors(where: str) -> Iterator[None]:
    """Translate what a Spark job raises; what is not known here stays as it is, and Airflow tries it again.

    Raises:
        RecipeError: a step could not be built where Spark's Python runs.
        CorruptionError: a worker did not find a file of the lake.
        StorageError: an executor's disk, or the lake, is full.
        SourceError: the server was lost half way.
    """
    try:
        yield
    except PenstockError:
        raise
    except Exception as error:
        translated = _translate(where, error)
        if translated is None:
            raise
        raise translated from error


def _translate(where: str, error: Exception) -> PenstockError | None:
    said = str(error)
    own_error = _OWN_ERROR.search(said)
    if own_error:
        return _OWN[own_error["kind"]](f"{where}: {own_error['message']}")
    if any(words in said for words in _FULL):
        message = (
            f"{where}: expected room for what Spark writes, but a disk or quota is full; nothing was published: "
            "free space (penstock lake gc, spark.local.dir) and run the task again"
        )
        return StorageError(message)
    if type(error).__name__ in _LOST and not _was_answered(error):
        first = " ".join(said.split())[:300]
        message = (
            f"{where}: expected the Spark server to answer, but it was lost half way ({first}); nothing was "
            "published: the task can be run again, on a server that is up (make status)"
        )
        return SourceError(message)
    return None


def _was_answered(error: Exception) -> bool:
    """Return whether the server itself reported the error: then it is alive, and the job is at fault."""
    get_condition = getattr(error, "getCondition", None)
    return bool(getattr(error, "_sql_state", None) or (get_condition and get_condition()))
