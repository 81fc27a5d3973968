"""A server in a process of its own that answers a question always the same; the rule is its only state.

python -m tests.llm.engines.ruled
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

from tests.llm.engines.scripted import ScriptedServer

_ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 0.02  # of thought per answer, so that some are under way when it is killed


class Ruled(ScriptedServer):
    """Answers with words that depend on the question alone."""

    def answer(self, question: str) -> str:
        time.sleep(_SECONDS)
        return f"<think> a fact </think> You may like it, says {hashlib.sha256(question.encode()).hexdigest()[:12]}."


class RuledServer:
    """The server, in another process; a context."""

    def __enter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.llm.engines.ruled"], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        self.process.wait()


if __name__ == "__main__":
    with Ruled() as server:
        print(server.url, flush=True)
        threading.Event().wait()
