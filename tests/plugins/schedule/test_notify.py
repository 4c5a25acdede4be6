"""Notices go where the connection says, through Apprise, to a real web hook; and never fail what they are about."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from penstock_airflow.schedule.notify import notify

received: list[dict[str, Any]] = []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def hook() -> Iterator[str]:
    received.clear()
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/"
    server.shutdown()


def connection(monkeypatch: pytest.MonkeyPatch, urls: list[str]) -> None:
    value = json.dumps({"conn_type": "generic", "extra": {"urls": urls}})
    monkeypatch.setenv("AIRFLOW_CONN_PENSTOCK_NOTIFY", value)


def test_without_a_connection_the_log_is_all():
    assert notify(title="late", body="process") == "log"


def test_a_web_hook_gets_title_and_body(hook: str, monkeypatch: pytest.MonkeyPatch):
    connection(monkeypatch, [hook])
    assert notify(title="late", body="opinion_text 2026-11-16: stage process") == "log, json"
    assert (received[0]["title"], received[0]["message"]) == (
        "late",
        "opinion_text 2026-11-16: stage process",
    )


@pytest.mark.parametrize("url", ["json://127.0.0.1:9/", "nonsense", ""])
def test_a_notice_that_cannot_be_sent_says_so_and_fails_nothing(url: str, monkeypatch: pytest.MonkeyPatch):
    connection(monkeypatch, [url])
    assert notify(title="late", body="x").startswith("log, failed")
