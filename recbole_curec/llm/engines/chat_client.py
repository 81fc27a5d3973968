"""A client of one server that may hang, drip, refuse, redirect or answer nonsense.

Requests run on an event loop of their own thread, where every part of one (connecting, headers, body) can be cancelled
at a deadline or when the block that opened the client is left, by Ctrl-C too.
"""

from __future__ import annotations

import asyncio
import email.utils
import math
import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self

from recbole_curec.errors import in_one_line
from recbole_curec.llm.engines.server_answers import NoCompletionError, completion_text, error_text
from recbole_curec.llm.server import ServerSettings, api_key, without_secrets

if TYPE_CHECKING:
    # The package is an extra, and this module is imported when engines are listed.
    import openai

# The client requires a key even for servers without keys.
_NO_KEY = "none"
# Longest part of a server's message that is shown, in characters, and longest answer that is read, in bytes.
_LONGEST = 300
_LONGEST_BODY = 2**22
# A shorter key, such as EMPTY, or part of an address is no secret, but a word that completions may hold.
_SHORTEST_SECRET = 12
# Pauses before a failed request is sent again, in seconds: the first and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
# Seconds that closed connections get to say goodbye.
_GRACE = 2.0
_RETRIED = (408, 409, 429)


class ServerFault(Exception):  # noqa: N818 - caught by the engine, which says it as a ServerError
    """A request failed.

    Args:
        reason: What the server did, without secrets.
        remedy: What a user can do.
        again: Whether the same request may succeed later.
        pause: Seconds that the server asks to wait before.
        status: HTTP status, if there was an answer.
    """

    def __init__(
        self, reason: str, remedy: str, *, again: bool = True, pause: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.again, self.pause, self.status = reason, remedy, again, pause, status


class ChatClient:
    """Sends chat requests to a server; a context, outside of which nothing runs.

    Args:
        server: Its address, key, time-out and retries.
        model_setting: Setting that holds the name of the model, for error messages.

    Raises:
        ConfigurationError: The key's environment variable is not set.
    """

    def __init__(self, server: ServerSettings, model_setting: str) -> None:
        self._server, self._key, self._model_setting = server, api_key(server), model_setting
        self._loop = asyncio.new_event_loop()
        # A daemon never keeps the process alive, whatever a server does.
        self._thread = threading.Thread(target=self._loop.run_forever, name="chat client", daemon=True)
        self._client = self._open()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        self._thread.join(_GRACE)
        if not self._thread.is_alive():
            self._loop.close()

    def submit(self, request: Mapping[str, Any]) -> Future[str]:
        """Start a request; its future holds the text of the completion, or raises :class:`ServerFault`."""
        return asyncio.run_coroutine_threadsafe(self._complete(request), self._loop)

    def _open(self) -> openai.AsyncOpenAI:
        import openai

        class Bounded(openai.DefaultAsyncHttpxClient):
            """Reads no endless answer."""

            async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
                return await _read(await super().send(request, stream=True, **options), request)

        return openai.AsyncOpenAI(
            base_url=self._server.base_url,
            api_key=self._key or _NO_KEY,
            timeout=self._server.timeout,
            max_retries=0,
            http_client=Bounded(follow_redirects=False),  # prompts and key go to the named server only
        )

    async def _close(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()
        self._loop.call_soon(self._loop.stop)

    async def _complete(self, request: Mapping[str, Any]) -> str:
        """Send a request until it succeeds, with growing pauses."""
        sent = 0
        while True:
            try:
                return await self._once(request)
            except ServerFault as fault:
                pause = _pause(sent) if fault.pause is None else fault.pause
                if not fault.again or sent == self._server.retries or pause > max(self._server.timeout, _LONGEST_PAUSE):
                    raise
            sent += 1
            await asyncio.sleep(pause)

    async def _once(self, request: Mapping[str, Any]) -> str:
        import openai

        fault: ServerFault
        try:
            async with asyncio.timeout(self._server.timeout):
                answer = await self._client.chat.completions.with_raw_response.create(**request)
            return self._kept(completion_text(answer.content, int(request["max_tokens"])))
        except NoCompletionError as error:
            fault = ServerFault(self._shown(str(error)), "start it again or set openai.base_url")
        except (TimeoutError, openai.APITimeoutError):
            fault = ServerFault(
                f"it gave no whole answer within {self._server.timeout:g} seconds",
                "set a longer openai.timeout or a lower openai.concurrency",
            )
        except openai.APIStatusError as error:
            fault = self._refusal(error)
        except openai.OpenAIError as error:
            said = (in_one_line(one).rstrip(".") for one in (error, error.__cause__) if one is not None)
            fault = ServerFault(self._shown("; ".join(filter(None, said))), "start it again or set openai.base_url")
        # Raised here, so that no traceback shows what the server or the library said, which may hold the key.
        raise fault

    def _refusal(self, error: openai.APIStatusError) -> ServerFault:
        """What an answer with an error status means."""
        status, headers = error.status_code, error.response.headers
        if 300 <= status < 400:
            return ServerFault(
                f"it redirects elsewhere (status {status})", "set openai.base_url to the final address", again=False
            )
        reason = self._shown(f"Error code: {status}, {error_text(error.response.content)}")
        pause = _asked_pause(headers)
        if pause is not None and pause > self._server.timeout:
            waits = f"{pause:,.0f}" if math.isfinite(pause) else "endlessly many"
            reason = f"{reason}; it asks to wait {waits} seconds"
        remedy = "start it again or set openai.base_url"
        if status < 500:
            remedy = f"set {self._model_setting} or what the answer names"
        if status == 429:
            remedy = "wait, or set a lower openai.concurrency"
        return ServerFault(reason, remedy, again=status in _RETRIED or status >= 500, pause=pause, status=status)

    def _kept(self, text: str) -> str:
        """A completion as it is stored: a server may repeat the key in one too."""
        return without_secrets(text, self._server, self._key, shortest=_SHORTEST_SECRET)

    def _shown(self, text: str) -> str:
        """One line of a message, cut after its secrets are taken out."""
        line = in_one_line(without_secrets(text[: 2**16], self._server, self._key))
        return line[:_LONGEST].rstrip(".") or "no reason given"


async def _read(response: Any, request: Any) -> Any:
    """The same response, its body read as far as an answer can be long."""
    body = bytearray()
    try:
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _LONGEST_BODY:
                raise ServerFault(f"its answer is longer than {_LONGEST_BODY:,} bytes", "set another openai.base_url")
    finally:
        await response.aclose()
    # The body is decoded and whole, whatever these headers said of it.
    left_out = ("content-encoding", "content-length", "transfer-encoding")
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in left_out]
    return type(response)(response.status_code, headers=headers, content=bytes(body), request=request)


def _pause(sent: int) -> float:
    """Seconds before a request is sent again: twice as long each time, a quarter of it drawn."""
    return min(_FIRST_PAUSE * 2.0 ** min(sent, 10), _LONGEST_PAUSE) * random.uniform(0.75, 1)  # noqa: S311


def _asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, given as a number or as a date, from the time of its answer by its own clock.

    Only where the answer has no date is it this machine's clock, which may be wrong.
    """
    asked = headers.get("retry-after")
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        try:
            until = email.utils.parsedate_to_datetime(asked).timestamp()
            answered = headers.get("date")
            now = email.utils.parsedate_to_datetime(answered).timestamp() if answered else time.time()
            seconds = until - now
        except (ValueError, OverflowError):
            return None
    return max(seconds, 0.0) if not math.isnan(seconds) else None
