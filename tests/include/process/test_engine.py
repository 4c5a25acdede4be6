from __future__ import annotations

import pytest

from penstock.errors import ContractError, RecipeError, SourceError, StorageError
from penstock.process.engine import engine_errors

REFUSED = "<_InactiveRpcError: failed to connect to all addresses>"


@pytest.mark.parametrize(
    ("raised", "expected", "words"),
    [
        (
            OSError("x: No space left on device"),
            StorageError,
            "a disk or quota is full; nothing was published",
        ),
        (
            RuntimeError("Traceback\npenstock.errors.RecipeError: install it\n at java"),
            RecipeError,
            "run: install it$",
        ),
        (ContractError("as it was"), ContractError, "^as it was$"),
        (RuntimeError("something else"), RuntimeError, "^something else$"),
    ],
)
def test_sorts_what_spark_says_by_what_to_do(raised, expected, words):
    with pytest.raises(expected, match=words), engine_errors("run"):
        raise raised


def test_a_server_that_is_gone_is_trouble_for_now():
    from pyspark.errors.exceptions.connect import SparkConnectGrpcException

    with (
        pytest.raises(SourceError, match=r"it was lost half way .*the task can be run again"),
        engine_errors("run"),
    ):
        raise SparkConnectGrpcException(REFUSED)


def test_what_a_job_did_wrong_is_not_the_servers_fault(spark):
    from pyspark.errors import SparkRuntimeException

    with pytest.raises(SparkRuntimeException), engine_errors("run"):
        spark.sql("select raise_error('mine')").collect()


def test_what_a_worker_raised_is_not_the_servers_fault(spark):
    from pyspark.errors import PythonException
    from pyspark.sql.functions import udf

    failing = udf(lambda number: 1 // number, "int")
    with pytest.raises(PythonException, match="ZeroDivisionError"), engine_errors("run"):
        spark.range(1).select(failing("id")).collect()


def test_good_work_is_left_alone():
    with engine_errors("run"):
        done = True
    assert done
