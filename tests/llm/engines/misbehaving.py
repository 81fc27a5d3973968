"""A server on this machine that answers every request in one way, right or wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(content: Any = "fine", **more: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": content, **more}}]})


class Handler(BaseHTTPRequestHandler):
    """Calls the server's behaviour with itself."""

    protocol_version = "HTTP/1.1"
    server: Misbehaving

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.counting:
            self.server.asked += 1
        try:
            self.server.behaviour(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def reply(self, body: str | bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.start(status, **{"Content-Type": kind, "Content-Length": str(len(content)), **headers})
        self.wfile.write(content)

    def start(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def drip(self, byte: bytes) -> None:
        """One byte after the other, until the server closes."""
        while not self.server.closing.wait(0.1):
            self.wfile.write(byte)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


Behaviour = Callable[[Handler], Any]


class Misbehaving(ThreadingHTTPServer):
    """A context; ``behaviour`` may be replaced while it runs."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour, self.asked = behaviour, 0
        self.closing, self.counting = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> Misbehaving:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up is no error here."""


def right(handler: Handler) -> None:
    handler.reply(completion())


def hanging(handler: Handler) -> None:
    handler.server.closing.wait(30)


def dripping(handler: Handler) -> None:
    handler.start(Content_Type="application/json", Content_Length="1000")
    handler.drip(b" ")


def dripping_headers(handler: Handler) -> None:
    handler.drip(b"H")


def endless(handler: Handler) -> None:
    handler.start(Transfer_Encoding="chunked")
    while True:
        handler.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")


def closing_midway(handler: Handler) -> None:
    handler.start(Content_Length="1000")
    handler.wfile.write(b'{"cho')
    handler.close_connection = True


def saying(body: str | bytes, status: int = 200, **headers: str) -> Behaviour:
    return lambda handler: handler.reply(body, status, **headers)


def until(count: int, first: Behaviour, then: Behaviour = right) -> Behaviour:
    """One behaviour for so many requests, then another."""
    return lambda handler: (first if handler.server.asked <= count else then)(handler)


def later(seconds: float, behaviour: Behaviour) -> Behaviour:
    def wait(handler: Handler) -> None:
        time.sleep(seconds)
        behaviour(handler)

    return wait
