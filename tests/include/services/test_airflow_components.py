"""What Airflow's processes are told, and how their health is read."""

from __future__ import annotations

import http.server
import json
import math
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.services.airflow_components import FIRST, SECOND, Health, build_stack_environment, read_health
from penstock.services.environment import Places
from penstock.services.spark_jvm import choose_port

BEAT = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.fixture
def page() -> Iterator[dict[str, object]]:
    """The health page's content; key ``port`` says where it is served."""
    content: dict[str, object] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(content["body"]).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    content["port"] = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield content
    server.shutdown()
    server.server_close()


def test_reads_the_health_of_each_component(page: dict[str, object]):
    page["body"] = {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": BEAT.isoformat()},
        "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
        "dag_processor": None,
    }
    assert read_health(int(str(page["port"]))) == {
        "api-server": Health("healthy", math.inf),
        "scheduler": Health("healthy", BEAT.timestamp()),
        "triggerer": Health("unknown", 0.0),
        "dag-processor": Health("unknown", 0.0),
    }


def test_a_page_that_is_not_one_counts_as_no_answer(page: dict[str, object]):
    page["body"] = "<html>"
    assert read_health(choose_port()) == {}


def test_the_heartbeat_of_a_predecessor_is_not_health():
    assert Health("healthy", 100).describe(started_at=101) == "starting"
    assert Health("healthy", 101).describe(started_at=101) == "healthy"
    assert Health("unhealthy", 100).describe(started_at=101) == "unhealthy"


def test_the_port_reaches_the_page_the_links_and_the_tasks(tmp_path: Path):
    built = build_stack_environment(Places(tmp_path, tmp_path / "home"), 18081)
    assert built["AIRFLOW__API__PORT"] == "18081"
    assert built["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:18081"
    assert built["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18081/execution/"
    assert built["PENSTOCK_STACK"] == str(tmp_path / "home")


def test_what_tasks_need_starts_before_what_starts_tasks():
    assert [component.name for component in FIRST] == ["spark", "api-server"]
    assert [component.name for component in SECOND] == ["dag-processor", "scheduler", "triggerer"]


def test_no_log_server_listens_on_every_interface():
    for component in SECOND:
        if component.name in {"scheduler", "triggerer"}:
            assert "--skip-serve-logs" in component.command
