"""Start Airflow's own API server with the project's plugins on a free port of this machine, and stop it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
START_TIMEOUT_S = 180


def environment(
    home: Path, port: int, penstock_home: Path, prefix: str = "", *, everyone: bool = True
) -> dict[str, str]:
    """Return the variables of an Airflow that lives in ``home`` and lets everyone in (or nobody without a token)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": str(everyone),
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}{prefix}",
        "AIRFLOW__API__SECRET_KEY": "only-for-tests",
        "AIRFLOW__API_AUTH__JWT_SECRET": "only-for-tests-" * 6,
        "PENSTOCK_HOME": str(penstock_home),
        "PENSTOCK_LAKE": f"file://{penstock_home}/lake",
        "PENSTOCK_LEDGER": f"sqlite:///{penstock_home}/ledger.db",
        "PYTHONPATH": str(ROOT / "include"),
    }


@contextmanager
def api_server(home: Path, penstock_home: Path, prefix: str = "", *, everyone: bool = True) -> Iterator[str]:
    """Yield the base URL of a running API server."""
    port = _free_port()
    (home / "dags").mkdir(parents=True, exist_ok=True)
    env = environment(home, port, penstock_home, prefix, everyone=everyone)
    airflow = [sys.executable, "-m", "airflow"]
    subprocess.run(
        [*airflow, "db", "migrate"], env=env, check=True, timeout=START_TIMEOUT_S, capture_output=True
    )
    command = [*airflow, "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (home / "api-server.log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}{prefix}"
        _wait(f"{url}/api/v2/monitor/health", server, home / "api-server.log")
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(10)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    tail = log.read_text()[-3000:]
    message = f"api-server: expected an answer of {url} in {START_TIMEOUT_S} s, got none; its log:\n{tail}"
    raise RuntimeError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
