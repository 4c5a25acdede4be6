from __future__ import annotations

import socket

import pytest

from penstock.errors import SourceError
from penstock.jobs.session import connect


@pytest.mark.timeout(60)
def test_a_server_that_is_not_there_is_said_at_once():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SourceError, match=rf"expected a Connect server at 127\.0\.0\.1:{port}.*make up"):
        connect(f"sc://127.0.0.1:{port}", timeout_s=1000)


@pytest.mark.parametrize("remote", ["", "garbage", "sc://"])
def test_an_address_that_is_none_is_an_error_that_says_so(remote):
    with pytest.raises(SourceError, match="correct that connection"):
        connect(remote, timeout_s=1)


def test_times_are_in_utc_whatever_the_machine_says(spark):
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.sql("select hour(timestamp '2026-11-16T23:30:00Z')").collect()[0][0] == 23
