"""``engine: openai``: any OpenAI-compatible server, such as ``vllm serve``, Ray Serve LLM or ``transformers serve``."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tqdm import tqdm

from recbole_curec.errors import ServerError
from recbole_curec.extensions import ENGINES
from recbole_curec.llm.ending import cut_off
from recbole_curec.llm.engines.chat_client import ChatClient, ServerFault
from recbole_curec.llm.engines.completion_log import CompletionLog
from recbole_curec.llm.engines.engine import Engine, EngineRequest, seed_number
from recbole_curec.llm.messages import Message, without_begun
from recbole_curec.llm.server import ServerSettings, api_key, check_package, check_server, shown_address
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.settings.group import SettingsGroup, setting

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings

_LOG = "completions.jsonl"
_MODEL_SETTING = "openai_engine.model"


class OpenAIEngineSettings(SettingsGroup):
    """``engine: openai``; the server is that of the section ``openai``."""

    section: ClassVar[str] = "openai_engine"
    model: str | None = setting(
        None,
        "Model to ask the server of engine: openai for; '{stage}' in it stands for the stage whose model is meant, "
        "align or reinforce, or describe for the untuned one.",
        alias="openai_model",
    )


@ENGINES.register
class OpenAIEngine(Engine):
    """Requests chat completions from a server, many at a time; the client handles retries and their pauses.

    Args:
        server: Address, key, time-out, retries and number of simultaneous requests.
        model: Name of the language model on the server.
        log: Log of finished completions.
        max_new_tokens: Longest completion, in tokens.
        weights: Folder of the weights that the server should serve, for error messages.
        model_setting: Setting that holds the name of the model, for error messages.
    """

    name: ClassVar[str] = "openai"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (OpenAIEngineSettings, ServerSettings)

    def __init__(
        self,
        server: ServerSettings,
        model: str,
        log: CompletionLog,
        *,
        max_new_tokens: int,
        weights: Path | None = None,
        model_setting: str = _MODEL_SETTING,
    ) -> None:
        self.server, self.model, self.log = server, model, log
        self.max_new_tokens, self.weights, self.model_setting = max_new_tokens, weights, model_setting

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check the package, the server and the name of the model."""
        check_package("openai", "engine: openai", "engine: transformers")
        model = settings.of(OpenAIEngineSettings).model
        check_server(settings.of(ServerSettings), "engine", model, _MODEL_SETTING)

    @classmethod
    def open(cls, request: EngineRequest) -> OpenAIEngine:
        """An engine that requests completions of a stage's language model and logs them in the scratch folder."""
        from recbole_curec.llm.loading import BaseModel  # not for the teacher and the judge, which have no weights

        model = request.settings.of(OpenAIEngineSettings).model or ""
        base = BaseModel.read(request.weights)
        return cls.asking(
            request.settings.of(ServerSettings),
            model.replace("{stage}", request.model),
            request.scratch,
            max_new_tokens=request.llm.longest_reason,
            weights=request.weights if base is None or base.adapter else Path(base.base),
        )

    @classmethod
    def asking(
        cls,
        server: ServerSettings,
        model: str,
        scratch: Path,
        *,
        max_new_tokens: int,
        weights: Path | None = None,
        model_setting: str = _MODEL_SETTING,
    ) -> OpenAIEngine:
        """An engine that requests completions of any language model on a server.

        Args:
            server: The server.
            model: Name of the language model on the server.
            scratch: Folder of the log of finished completions.
            max_new_tokens: Longest completion, in tokens.
            weights: Folder of the weights that the server should serve, if this run made them.
            model_setting: Setting that holds the name of the model, for error messages.

        Raises:
            ConfigurationError: The key's environment variable is not set.
        """
        api_key(server)  # known to be there before the first prompt is built
        log = CompletionLog(scratch / _LOG)
        return cls(server, model, log, max_new_tokens=max_new_tokens, weights=weights, model_setting=model_setting)

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
        return [cut_off(self.log.get(key) or "").rstrip() for key in keys]

    def _request(self, prompt: list[Message], temperature: float, seed: int) -> dict[str, Any]:
        return {
            "model": self.model,
            # A chat server has no way of beginning an answer that all of them know.
            "messages": without_begun(prompt),
            "temperature": temperature,
            "top_p": 1.0,
            "max_tokens": self.max_new_tokens,
            "seed": seed,
        }

    def _ask(self, requests: list[tuple[str, dict[str, Any]]], total: int, bar: tqdm[Any]) -> None:
        """Fill the log; after the first failure no new request is sent, and answers to running ones are still kept."""
        if not requests:
            return
        queue, under_way = iter(requests), dict[Future[str], str]()
        fault: ServerFault | None = None
        with ChatClient(self.server, self.model_setting) as client:
            while True:
                room = 0 if fault else self.server.concurrency - len(under_way)
                under_way |= {client.submit(request): key for key, request in islice(queue, room)}
                if not under_way:
                    break
                finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for done in finished:
                    key = under_way.pop(done)
                    error = done.exception()
                    if error is None:
                        self.log.add(key, done.result())
                        bar.update()
                    elif isinstance(error, ServerFault):
                        fault = fault or error
                    else:
                        raise error
        if fault is not None:
            kept = sum(self.log.get(key) is not None for key, _ in requests)
            raise self._stopped(fault, total - len(requests) + kept, total)

    def _stopped(self, fault: ServerFault, done: int, total: int) -> ServerError:
        reason, remedy = fault.reason, fault.remedy
        if fault.status in (401, 403):
            reason, remedy = f"it refuses the key: {reason}", "set openai.key_variable and the variable it names"
        elif fault.status == 404:
            reason = f"it does not know the address or the model '{self.model}': {reason}"
            remedy = (
                f"serve {self.weights or self.model} under that name, or set {self.model_setting} or openai.base_url"
            )
        return ServerError(
            f"The server at {shown_address(self.server.base_url)} stopped after {done} of {total} completions "
            f"({reason}): {remedy}, and run the same command, which goes on from there."
        )
