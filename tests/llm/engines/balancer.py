"""A balancer in front of several servers, as small as one can be: it stands for that of docs/scale.md."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


class _Handler(BaseHTTPRequestHandler):
    server: Balancer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        behind = self.server.next()
        connection = http.client.HTTPConnection(urlsplit(behind).netloc, timeout=10)
        try:
            connection.request("POST", self.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.server.gone(behind)
            status, content = 502, b"bad gateway"
        finally:
            connection.close()
        self.server.answered[behind, status] += 1
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


class Balancer(ThreadingHTTPServer):
    """Sends requests to each server in turn; one that breaks a connection gets no more of them. A context.

    As nginx does by default with POST, it sends no request twice: who asked gets the status 502.

    Attributes:
        answered: Number of answers by server and status.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *urls: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._up, self._turns, self._lock = list(urls), itertools.count(), threading.Lock()
        self.answered: Counter[tuple[str, int]] = Counter()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next(self) -> str:
        """The server whose turn it is."""
        with self._lock:
            return self._up[next(self._turns) % len(self._up)]

    def gone(self, url: str) -> None:
        """Take a server out, unless it is the last."""
        with self._lock:
            if url in self._up and len(self._up) > 1:
                self._up.remove(url)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
