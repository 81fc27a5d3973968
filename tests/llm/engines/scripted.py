"""An OpenAI-compatible server of this process that answers by a rule of its own and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.unknown:
            self.send_error(404, "no such model")
            return
        with self.server.counting:
            if self.server.limit is not None and len(self.server.asked) >= self.server.limit:
                self.send_error(400, "out of credit")
                return
            self.server.asked.append(request)
        message = {"role": "assistant", "content": self.server.answer(request["messages"][-1]["content"])}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        content = {"id": "1", "object": "chat.completion", "created": 1, "model": request["model"], "choices": [choice]}
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


class ScriptedServer(ThreadingHTTPServer):
    """A context.

    Attributes:
        asked: The requests that were answered.
        limit: How many requests are answered before all others fail; None for no limit.
        unknown: Whether every request fails because nobody knows the model.
    """

    daemon_threads = True
    request_queue_size = 64  # with the usual 5, a connection that finds the queue full tries again a second later

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.limit: int | None = None
        self.unknown = False
        self.counting = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def answer(self, question: str) -> str:
        """The completion of a request's last message."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
