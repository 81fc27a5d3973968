"""``engine: openai``: any OpenAI-compatible server, such as ``vllm serve``, Ray Serve LLM or ``transformers serve``."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from tqdm import tqdm

from recbole_curec.errors import ServerError
from recbole_curec.extensions import ENGINES
from recbole_curec.llm.engines.completion_log import CompletionLog
from recbole_curec.llm.engines.engine import Engine, EngineRequest, seed_number
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN, Message
from recbole_curec.llm.server import ServerSettings, api_key, check_package, check_server
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.settings.group import SettingsGroup, setting

if TYPE_CHECKING:
    # The package is an extra, and this module is imported when engines are listed.
    import openai

    from recbole_curec.settings.settings import Settings

_LOG = "completions.jsonl"
# The client requires a key even for servers without keys.
_NO_KEY = "none"
# Longest part of a server's error message that is shown, in characters.
_LONGEST = 300
# Fields in which servers with a reasoning parser return the thinking.
_THOUGHTS = ("reasoning", "reasoning_content")


class OpenAIEngineSettings(SettingsGroup):
    """``engine: openai``; the server is that of the section ``openai``."""

    section: ClassVar[str] = "openai_engine"
    model: str | None = setting(
        None,
        "Model to ask the server of engine: openai for; '{stage}' in it stands for the stage whose model is meant, "
        "align or reinforce.",
        alias="openai_model",
    )


@ENGINES.register
class OpenAIEngine(Engine):
    """Requests chat completions from a server, many at a time; the client handles retries and their pauses.

    Args:
        client: Client with address, key, time-out and retries.
        model: Name of the language model on the server.
        log: Log of finished completions.
        max_new_tokens: Longest completion, in tokens.
        concurrency: Number of simultaneous requests.
        weights: Folder of the weights that the server should serve, for error messages.
    """

    name: ClassVar[str] = "openai"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (OpenAIEngineSettings, ServerSettings)

    def __init__(
        self,
        client: openai.OpenAI,
        model: str,
        log: CompletionLog,
        *,
        max_new_tokens: int,
        concurrency: int,
        weights: Path | None = None,
    ) -> None:
        self.client, self.model, self.log = client, model, log
        self.max_new_tokens, self.concurrency, self.weights = max_new_tokens, concurrency, weights

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check the package, the server and the name of the model."""
        check_package("openai", "engine: openai", "engine: transformers")
        model = settings.of(OpenAIEngineSettings).model
        check_server(settings.of(ServerSettings), "engine", model, "openai_engine.model")

    @classmethod
    def open(cls, request: EngineRequest) -> OpenAIEngine:
        """An engine that requests completions of a stage's language model and logs them in the scratch folder."""
        model = request.settings.of(OpenAIEngineSettings).model or ""
        return cls.asking(
            request.settings.of(ServerSettings),
            model.replace("{stage}", request.model),
            request.scratch,
            max_new_tokens=request.llm.max_reason_tokens,
            weights=request.weights,
        )

    @classmethod
    def asking(
        cls, server: ServerSettings, model: str, scratch: Path, *, max_new_tokens: int, weights: Path | None = None
    ) -> OpenAIEngine:
        """An engine that requests completions of any language model on a server.

        Args:
            server: The server.
            model: Name of the language model on the server.
            scratch: Folder of the log of finished completions.
            max_new_tokens: Longest completion, in tokens.
            weights: Folder of the weights that the server should serve, if this run made them.

        Raises:
            ConfigurationError: The key's environment variable is not set.
        """
        import openai

        client = openai.OpenAI(
            base_url=server.base_url,
            api_key=api_key(server) or _NO_KEY,
            timeout=server.timeout,
            max_retries=server.retries,
        )
        log = CompletionLog(scratch / _LOG)
        return cls(client, model, log, max_new_tokens=max_new_tokens, concurrency=server.concurrency, weights=weights)

    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        """See :meth:`~recbole_curec.llm.engines.engine.Engine.write`; requests only completions missing in the log.

        Raises:
            ServerError: The server fails or gives an unexpected answer; completions received before are kept.
        """
        requests = [self._request(prompt, temperature, seed_number(seed, k)) for k, prompt in enumerate(prompts)]
        keys = [fingerprint({**request, "call": f"{seed}/{number}"}) for number, request in enumerate(requests)]
        missing = [number for number, key in enumerate(keys) if self.log.get(key) is None]
        with tqdm(
            total=len(keys),
            initial=len(keys) - len(missing),
            desc=description,
            unit="reason",
            disable=not progress,
            leave=False,
        ) as bar:
            self._ask([(keys[number], requests[number]) for number in missing], len(keys), bar)
        return [self.log.get(key) or "" for key in keys]

    def _request(self, prompt: list[Message], temperature: float, seed: int) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": prompt,
            "temperature": temperature,
            "top_p": 1.0,
            "max_tokens": self.max_new_tokens,
            "seed": seed,
        }

    def _ask(self, requests: list[tuple[str, dict[str, Any]]], total: int, bar: tqdm[Any]) -> None:
        """Fill the log; after the first failure no new request is sent, and answers to running ones are still kept."""
        import openai

        queue, under_way = iter(requests), dict[Future[str], str]()
        fault: openai.OpenAIError | ServerError | None = None
        with ThreadPoolExecutor(self.concurrency) as pool:
            while True:
                room = 0 if fault else self.concurrency - len(under_way)
                under_way |= {pool.submit(self._complete, request): key for key, request in islice(queue, room)}
                if not under_way:
                    break
                finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for done in finished:
                    key = under_way.pop(done)
                    try:
                        self.log.add(key, done.result())
                        bar.update()
                    except (openai.OpenAIError, ServerError) as error:
                        fault = fault or error
        if fault is not None:
            kept = sum(self.log.get(key) is not None for key, _ in requests)
            self._stop(fault, total - len(requests) + kept, total)

    def _complete(self, request: dict[str, Any]) -> str:
        from openai.types.chat import ChatCompletion

        answer: Any = self.client.chat.completions.create(**request)
        if not isinstance(answer, ChatCompletion) or not answer.choices:
            raise ServerError("its answer is no chat completion; the address usually ends in /v1")
        message = answer.choices[0].message
        text = (message.content or "").strip()
        thoughts = next((found for name in _THOUGHTS if (found := getattr(message, name, None))), None)
        # A server with a reasoning parser removes the thinking and its tags from the answer: they are put back.
        return text if thoughts is None else f"{THINK_OPEN} {thoughts.strip()}{THINK_CLOSE} {text}".strip()

    def _stop(self, fault: openai.OpenAIError | ServerError, done: int, total: int) -> NoReturn:
        import openai

        reason = _message_of(fault).replace(self.client.api_key, "***")
        remedy = "start it again or set openai.base_url"
        if isinstance(fault, openai.AuthenticationError | openai.PermissionDeniedError):
            reason, remedy = f"it refuses the key: {reason}", "set openai.key_variable and the variable it names"
        elif isinstance(fault, openai.NotFoundError):
            reason = f"it does not know the address or the model '{self.model}': {reason}"
            remedy = (
                f"serve {self.weights or self.model} under that name, or set openai_engine.model or openai.base_url"
            )
        elif isinstance(fault, openai.APITimeoutError):
            remedy = "set a longer openai.timeout or a lower openai.concurrency"
        elif isinstance(fault, openai.APIStatusError) and fault.status_code < 500:
            remedy = "set openai_engine.model or what the answer names"
        raise ServerError(
            f"The server at {self.client.base_url} stopped after {done} of {total} completions ({reason}): {remedy}, "
            "and run the same command, which goes on from there."
        ) from fault


def _message_of(fault: openai.OpenAIError | ServerError) -> str:
    """The message of an error in one line."""
    import openai

    text = str(fault)
    # The client shows only the status if a server's answer has another format than OpenAI's.
    if isinstance(fault, openai.APIStatusError) and not (isinstance(fault.body, dict) and fault.body.get("message")):
        text = f"{text.partition(' - ')[0]}, {fault.response.text}"
    return " ".join(text.split())[:_LONGEST].rstrip(".") or type(fault).__name__
