"""Object stores of a test's own, on the loopback interface.

`ObjectStore` is `rclone serve s3`: it checks signatures, keeps real files, and has real folders, which Spark's S3
(Hadoop's s3a) trips over. `MotoStore` has an object store's flat names, in memory, and takes any signature.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from penstock.locations import parse_connection
from penstock.stores import open_filesystem, options_of
from support.certificate import write_certificate
from support.home import ROOT

GIVEN = "PENSTOCK_TEST_S3"
SERVERS = ROOT / ".venv-integration" / "bin"


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
        with suppress(FileExistsError):
            fs.call_s3("create_bucket", Bucket=path.split("/")[0])
        fs.pipe_file(path, content)
        return f"s3://{path}"

    def command(self) -> list[str]:
        """Return the server's command line."""
        words = [SERVERS / "rclone", "serve", "s3", self.data, "--addr", f"127.0.0.1:{self.port}", "--auth-key",
                 f"{self.key},{self.secret}", "--config", self.folder / "rclone.conf",
                 "--cache-dir", self.folder / "cache", *(["--bwlimit", self.limit] if self.limit else [])]  # fmt: skip
        return [str(word) for word in words]

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            RuntimeError: it does not.
        """
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        log_end = (self.folder / "server.log").read_text(errors="replace")[-2000:]
        self.stop()
        message = f"expected {self.command()[0]} to serve {self.url}, it does not: {log_end}; run make test-integration"
        raise RuntimeError(message)

    def stop(self) -> None:
        """Kill the server: what it was sending is cut."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


class MotoStore(ObjectStore):
    """A store in memory."""

    def command(self) -> list[str]:
        """Return the server's command line."""
        return [str(SERVERS / "moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]


class GivenStore(ObjectStore):
    """A store that is there already, such as a Ceph: its connection is the JSON in ``PENSTOCK_TEST_S3``."""

    def __init__(self, folder: Path, limit: str = "") -> None:
        super().__init__(folder, limit)
        self.given = parse_connection(os.environ[GIVEN], where=GIVEN)
        self.key, self.secret = self.given.login, self.given.password

    @property
    def url(self) -> str:
        """The endpoint."""
        return str(self.given.extra_dejson["endpoint_url"])

    def start(self) -> None:
        """Leave it as it is."""


class TlsStore(ObjectStore):
    """A store over HTTPS, with a certificate that is its own authority (``certificate``)."""

    def __init__(self, folder: Path, limit: str = "") -> None:
        super().__init__(folder, limit)
        self.certificate, self.private_key = folder / "store.crt", folder / "store.key"
        write_certificate(self.certificate, self.private_key)

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"https://127.0.0.1:{self.port}"

    def connection(self, secret: str | None = None, **fields: Any) -> str:
        """Return an Airflow connection as JSON that trusts the certificate."""
        extra = {"verify": str(self.certificate), **fields.pop("extra", {})}
        return super().connection(secret, extra=extra, **fields)

    def command(self) -> list[str]:
        """Return the server's command line."""
        return [*super().command(), "--cert", str(self.certificate), "--key", str(self.private_key)]


@contextmanager
def served(folder: Path, limit: str = "", kind: type[ObjectStore] = ObjectStore) -> Iterator[ObjectStore]:
    """Start a store, and stop it whatever happens."""
    store = kind(folder, limit)
    try:
        store.start()
        yield store
    finally:
        store.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
