"""No secret of an address gets into a log, an error or a manifest."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from penstock.ingest.address import RedactAddresses, redact, redact_text, seconds_of_retry_after


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://host/a.csv", "https://host/a.csv"),
        ("https://me:pw@host:8080/a?token=abc&x=#f", "https://***@host:8080/a?token=***&x=***"),
        ("https://host/a?b", "https://host/a?b=***"),
        ("", ""),
    ],
)
def test_hides_logins_and_query_values(url: str, expected: str) -> None:
    assert redact(url) == expected


def test_hides_every_address_of_a_text() -> None:
    assert (
        redact_text("GET https://u:p@h/x?k=s and http://h2/?k=t")
        == "GET https://***@h/x?k=*** and http://h2/?k=***"
    )


def test_hides_them_in_the_log_lines_of_others() -> None:
    record = logging.LogRecord("httpx", logging.INFO, "", 0, "%s %s", ("GET", "https://h/?key=secret"), None)
    assert RedactAddresses().filter(record)
    assert record.getMessage() == "GET https://h/?key=***"


NOW = datetime(2026, 11, 16, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("Mon, 16 Nov 2026 12:00:07 GMT", 7.0),
        ("Mon, 16 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_reads_how_long_a_server_wants_us_to_wait(value: str | None, expected: float | None) -> None:
    assert seconds_of_retry_after(value, NOW) == expected
