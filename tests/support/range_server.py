"""A real HTTP server of one file that answers ranges, cuts its answers, and changes the file half way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site(ThreadingHTTPServer):
    """A server of one file; ``cuts`` answers are cut, and at the request ``changes_at`` it becomes another file.

    ``gets`` counts the requests for a range.
    """

    daemon_threads = True

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body, self.etag, self.cuts, self.changes_at, self.gets = body, '"v1"', 0, 10**9, 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}/a.warc.gz"

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_HEAD(self) -> None:
        self._begin(200, len(self.server.body))

    def do_GET(self) -> None:
        site = self.server
        if "Range" not in self.headers:
            self._begin(200, len(site.body))
            self.close_connection = True  # a client that only asks whether it is there reads no further
            return
        site.gets += 1
        if site.gets == site.changes_at:
            site.body, site.etag = bytes(reversed(site.body)), '"v2"'
        begin, end = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
        content = site.body[begin : end + 1]
        self._begin(206, len(content), f"bytes {begin}-{end}/{len(site.body)}")
        if site.cuts and site.gets > 1:
            site.cuts -= 1
            content, self.close_connection = content[:1000], True
        self.wfile.write(content)

    def _begin(self, status: int, size: int, span: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(size))
        self.send_header("ETag", self.server.etag)
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(body: bytes) -> Iterator[Site]:
    with Site(body) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield site
        site.shutdown()
        thread.join(5)
