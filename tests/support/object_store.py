"""An object store of a test's own that checks signatures: `rclone serve s3`, on the loopback interface."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from penstock.locations import parse_connection
from penstock.stores import open_filesystem, options_of
from support.home import ROOT

RCLONE = ROOT / ".venv-integration" / "bin" / "rclone"


class ObjectStore:
    """A folder whose folders are buckets; ``key`` and ``secret`` are made for this store alone.

    ``limit`` bounds what it sends, in bytes a second as rclone writes them (``4M``).
    """

    def __init__(self, folder: Path, limit: str = "") -> None:
        self.folder, self.limit = folder, limit
        self.data = folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.key, self.secret = f"key{secrets.token_hex(4)}", secrets.token_hex(16)
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def connection(self, secret: str | None = None, **fields: Any) -> str:
        """Return an Airflow connection as JSON; ``secret`` replaces the right one."""
        extra = {"endpoint_url": self.url, "region_name": "us-east-1", **fields.pop("extra", {})}
        password = secret or self.secret
        return json.dumps(
            {"conn_type": "aws", "login": self.key, "password": password, "extra": extra, **fields}
        )

    def put(self, path: str, content: bytes) -> str:
        """Put an object ``bucket/key`` into the store; return its URI."""
        conn = parse_connection(self.connection(), where="this store")
        fs, _ = open_filesystem(f"s3://{path}", options_of(conn, "this store"))
        fs.mkdirs(path.split("/")[0], exist_ok=True)
        fs.pipe_file(path, content)
        return f"s3://{path}"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            RuntimeError: it does not.
        """
        words = [RCLONE, "serve", "s3", self.data, "--addr", f"127.0.0.1:{self.port}", "--auth-key",
                 f"{self.key},{self.secret}", "--config", self.folder / "rclone.conf",
                 "--cache-dir", self.folder / "cache", *(["--bwlimit", self.limit] if self.limit else [])]  # fmt: skip
        with (self.folder / "rclone.log").open("ab") as log:
            self.process = subprocess.Popen([str(word) for word in words], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        log_end = (self.folder / "rclone.log").read_text(errors="replace")[-2000:]
        self.stop()
        message = f"expected {RCLONE} to serve {self.url}, it does not: {log_end}; run make test-integration"
        raise RuntimeError(message)

    def stop(self) -> None:
        """Kill the server: what it was sending is cut."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@contextmanager
def served(folder: Path, limit: str = "") -> Iterator[ObjectStore]:
    """Start a store, and stop it whatever happens."""
    store = ObjectStore(folder, limit)
    try:
        store.start()
        yield store
    finally:
        store.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
