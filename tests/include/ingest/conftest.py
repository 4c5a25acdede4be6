"""A real HTTP server whose every answer a test decides, and short recipes."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from penstock.recipe import Recipe
from support.certificate import write_certificate

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """Answers by path; ``seen`` has each request's method path and headers."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)

    def send(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Answer ``path`` with the same body each time; return its address."""
        self.answers[path] = lambda handler: respond(handler, body, status, **headers)
        return self.url + path

    def answer(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.url + path


def respond(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Length": str(len(body)), **named}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def respond_with_ranges(handler: BaseHTTPRequestHandler, body: bytes, etag: str) -> None:
    """Answer as a good file server does: 304, 206 for a range of the same version, 200 for all else."""
    asked = handler.headers.get("Range", "")
    if handler.headers.get("If-None-Match") == etag:
        respond(handler, b"", 304, ETag=etag)
    elif asked and handler.headers.get("If-Range", etag) == etag:
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        respond(handler, body[start:], 206, ETag=etag, Content_Range=span)
    else:
        respond(handler, body, ETag=etag)


def cut(handler: BaseHTTPRequestHandler, body: bytes, at: int, etag: str | None = None) -> None:
    """Promise the whole body, send a part and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    if etag:
        handler.send_header("ETag", etag)
    handler.end_headers()
    handler.wfile.write(body[:at])
    handler.wfile.flush()
    handler.close_connection = True


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A server on this machine; a path that no test set is 404."""
    with serving() as server:
        yield server


@pytest.fixture
def tls_web(tmp_path: Path) -> Iterator[tuple[WebServer, Path]]:
    """The same over TLS, and the file with the certificate that nobody knows who was not given it."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(certificate, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(context) as server:
        yield server, certificate


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Serve on a free port of this machine until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            answer = server.answers.get(self.path.split("?")[0])
            if answer is None:
                respond(self, b"nothing here", 404)
            else:
                answer(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing: the tests read ``seen``."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing of clients that hung up: they are what the tests are about."""

    listener = Listener(("127.0.0.1", 0), Handler)
    if context:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    scheme, host = ("https", "localhost") if context else ("http", "127.0.0.1")
    server = WebServer(f"{scheme}://{host}:{listener.server_address[1]}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(5)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def recipe_of() -> Callable[..., Recipe]:
    """Make a recipe of ingest keys (and of transfer keys as ``transfer=``)."""

    def make(**ingest: Any) -> Recipe:
        transfer = ingest.pop("transfer", {})
        document = {
            "dataset": "sample",
            "start": "2026-01-01",
            "ingest": ingest,
            "transfer": transfer,
            "store": {},
        }
        return Recipe.model_validate(document)

    return make
