"""Airflow's processes: how each is started on one machine, and what its health page says of them."""

from __future__ import annotations

import http.client
import json
import math
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from penstock.services.environment import Places, build_environment
from penstock.services.processes import MARK
from penstock.services.spark_jvm import LOOPBACK
from penstock.services.spark_server import DEFAULT_PORT as SPARK_PORT
from penstock.services.supervisord import Component

DEFAULT_PORT = 8080
HEALTH_NAMES = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}
"""Our component names and the health page's."""

_AIRFLOW = (sys.executable, "-m", "airflow")

# Everything else speaks to these two from its first second on; started together, due tasks fail with ConnectError.
FIRST = (
    Component("spark", (sys.executable, "-m", "penstock.services.spark_server", "--port", str(SPARK_PORT))),
    Component("api-server", (*_AIRFLOW, "api-server")),
)
# The log servers of scheduler and triggerer listen on every interface and cannot be told otherwise (Airflow 3.3);
# the api-server reads the same files itself.
SECOND = (
    Component("dag-processor", (*_AIRFLOW, "dag-processor")),
    Component("scheduler", (sys.executable, "-m", "penstock.services.scheduler", "--skip-serve-logs")),
    Component("triggerer", (*_AIRFLOW, "triggerer", "--skip-serve-logs")),
)


def build_url(port: int) -> str:
    """Return the address of the web page."""
    return f"http://{LOOPBACK}:{port}"


def build_stack_environment(places: Places, port: int) -> dict[str, str]:
    """Return the environment of the whole stack on this port, with the mark by which it is found again."""
    return build_environment(places) | {
        MARK: str(places.home),
        # Else setproctitle, which Airflow calls, writes its titles over the environment that carries the mark.
        "SPT_NOENV": "1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": build_url(port),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{build_url(port)}/execution/",
    }


@dataclass(frozen=True)
class Health:
    """What the health page says of a component; ``beat_at`` in seconds since 1970, 0 when it never beat."""

    status: str
    beat_at: float

    def describe(self, started_at: float) -> str:
        """Return the status, unless its heart last beat before this start: that was its predecessor's."""
        return self.status if self.beat_at >= started_at or self.status != "healthy" else "starting"


def read_health(port: int, timeout_s: float = 5) -> Mapping[str, Health]:
    """Ask the api-server for the health of each Airflow component; empty when it does not answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{build_url(port)}/api/v2/monitor/health", timeout=timeout_s) as answer:
            page = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    health = {name: _read_part(page.get(key) or {}, key) for name, key in HEALTH_NAMES.items()}
    return {
        "api-server": Health((page.get("metadatabase") or {}).get("status") or "unknown", math.inf),
        **health,
    }


def _read_part(part: Mapping[str, str | None], key: str) -> Health:
    beat = part.get(f"latest_{key}_heartbeat")
    return Health(part.get("status") or "unknown", datetime.fromisoformat(beat).timestamp() if beat else 0.0)
