"""A real OpenAI-compatible server on this machine: ``transformers serve``."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Protocol

import pytest

from recbole_curec.llm.engines.completion_log import CompletionLog

# What transformers serve does without one for a Qwen3 fits only Qwen's own chat template: the prompt comes back too.
RESPONSE_TEMPLATE = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|assistant|>",
    "fields": {"content": {"close": "<|end|>", "content": "text"}},
}


def write_served(model: Path, folder: Path) -> Path:
    """A copy of a tiny model that ``transformers serve`` can serve, sampling unless the temperature is 0."""
    shutil.copytree(model, folder, dirs_exist_ok=True)
    for name, change in (
        ("tokenizer_config.json", {"response_template": RESPONSE_TEMPLATE}),
        ("generation_config.json", {"do_sample": True}),
    ):
        content = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(content | change))
    return folder


def kill_after(count: int, server: Killable, monkeypatch: pytest.MonkeyPatch) -> None:
    """``kill -9`` the server when so many completions have come."""
    add, done = CompletionLog.add, []

    def counted(self: CompletionLog, key: str, text: str) -> None:
        add(self, key, text)
        done.append(key)
        if len(done) == count:
            server.kill()

    monkeypatch.setattr(CompletionLog, "add", counted)


class Killable(Protocol):
    def kill(self) -> None: ...


class Server:
    """``transformers serve`` with one model, in a process of its own; a context.

    Args:
        model: Folder of the model.
        port: Where it listens; a free port.
    """

    def __init__(self, model: Path, port: int | None = None) -> None:
        self.model, self.port = model, port or _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(self.model)]
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--device", "cpu"]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
        self.process = subprocess.Popen(
            [*command, *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 120
        while not self._is_up():
            assert self.process.poll() is None, "the server ended while it was starting"
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()

    def kill(self) -> None:
        """``kill -9``."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
