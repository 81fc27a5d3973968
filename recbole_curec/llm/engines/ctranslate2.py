"""``engine: ctranslate2``: converted weights on CTranslate2 (Klein et al., 2020), the fastest engine on a CPU."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
from transformers import PreTrainedTokenizerBase

from recbole_curec.extensions import ENGINES
from recbole_curec.hardware import memory_bytes
from recbole_curec.llm.engines.batched import BatchedEngine, shared_length
from recbole_curec.llm.engines.ctranslate2_weights import NotConvertible, convert, convert_in_memory
from recbole_curec.llm.engines.engine import Engine, EngineRequest, decode_completion, end_tokens
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.llm.server import check_package
from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.settings.sections import LanguageModelSettings

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings

logger = logging.getLogger(__name__)

_COPY = "ctranslate2"
# Prompts decoded at once within a batch: a CPU is fastest when their keys and values fit its cache.
_AT_ONCE = {"cpu": 8}
# Prompts of a batch where several batches are written at a time: few enough that every thread gets some, and enough
# that reading the weights for a sampled batch takes little of its time.
_BATCH = {"cpu": 16}
# Largest share of the machine's memory for the weights of batches that are written at a time.
_MEMORY_SHARE = 0.25
# The seed of CTranslate2 is one for the whole process: it is held from when it is set until a generator has taken it.
_SEEDING = threading.Lock()
# Its callback, which could stop a completion early, is not used: it ends the process now and then, when a worker
# thread calls Python.


class CTranslate2Settings(SettingsGroup):
    """``engine: ctranslate2``."""

    section: ClassVar[str] = "ctranslate2"
    type: Literal["float32", "int8"] | None = setting(
        None,
        "Weights of engine: ctranslate2; int8 is faster and rounds them. Default: float32 for tiny, else int8.",
        alias="ctranslate2_type",
    )

    def numbers(self, llm: LanguageModelSettings) -> Literal["float32", "int8"]:
        """The type in use: what a tiny model gains from rounding is not worth a change of what it writes."""
        return self.type or ("int8" if llm.is_pretrained else "float32")


@ENGINES.register
class CTranslate2Engine(BatchedEngine):
    """Generates with a converted copy of a language model.

    Args:
        folder: Folder of the converted model.
        tokenizer: Tokenizer of the original model.
        ends: Tokens that end a completion.
        device: Device to run on.
        compute_type: ``float32`` or ``int8``.
        max_new_tokens: Longest completion, in tokens.
        batch_size: Prompts per batch; on a CPU, where a batch is written on every core, at most 16.
    """

    name: ClassVar[str] = "ctranslate2"
    revision: ClassVar[int] = 2
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (CTranslate2Settings,)

    def __init__(
        self,
        folder: Path,
        tokenizer: PreTrainedTokenizerBase,
        ends: Sequence[int],
        device: torch.device,
        *,
        compute_type: str,
        max_new_tokens: int,
        batch_size: int,
    ) -> None:
        super().__init__(tokenizer, min(batch_size, _BATCH.get(device.type, batch_size)))
        self.folder, self.ends, self.device = folder, list(ends), device
        self.compute_type, self.max_new_tokens = compute_type, max_new_tokens
        self._greedy: Any = None
        self._opening = threading.Lock()

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Check that the package is installed."""
        check_package("ctranslate2", "engine: ctranslate2", "engine: transformers")

    @classmethod
    def open(cls, request: EngineRequest) -> Engine:
        """An engine over a converted copy in the scratch folder; transformers runs a model that cannot be converted."""
        try:
            return cls.converted(request)
        except NotConvertible as error:
            logger.warning("engine: ctranslate2 cannot convert this model (%s); transformers runs it instead.", error)
            return TransformersEngine.open(request)

    @classmethod
    def converted(cls, request: EngineRequest) -> CTranslate2Engine:
        """An engine over a converted copy.

        Raises:
            NotConvertible: CTranslate2 does not support the architecture.
        """
        tokenizer, numbers = (
            load_tokenizer(request.weights),
            request.settings.of(CTranslate2Settings).numbers(request.llm),
        )
        # Converted again by every run: an interrupted one may have left an incomplete copy, and it takes little time.
        converted = request.scratch / _COPY
        shutil.rmtree(converted, ignore_errors=True)
        generation = convert(request.weights, converted, numbers)
        return cls(
            converted,
            tokenizer,
            end_tokens(tokenizer, generation),
            request.device,
            compute_type=numbers,
            max_new_tokens=request.llm.longest_reason,
            batch_size=request.generate.batch_size,
        )

    @classmethod
    def over(
        cls,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        folder: Path,
        *,
        compute_type: str,
        max_new_tokens: int,
        batch_size: int,
    ) -> CTranslate2Engine:
        """An engine on the CPU over a copy of a model in memory, which may go on changing.

        Args:
            model: Causal language model or adapter.
            tokenizer: Its tokenizer.
            folder: Folder for the copy; what is there is replaced.
            compute_type: ``float32`` or ``int8``.
            max_new_tokens: Longest completion, in tokens.
            batch_size: Prompts per batch.

        Raises:
            NotConvertible: CTranslate2 does not support the architecture.
        """
        shutil.rmtree(folder, ignore_errors=True)
        generation = convert_in_memory(model, tokenizer, folder, compute_type)
        return cls(
            folder,
            tokenizer,
            end_tokens(tokenizer, generation),
            torch.device("cpu"),
            compute_type=compute_type,
            max_new_tokens=max_new_tokens,
            batch_size=batch_size,
        )

    def most_at_once(self) -> int:
        """Batches at a time: on a CPU as many copies of the weights as may be in memory, each read by one thread.

        The number of threads changes no completion: sums are added in the same order.
        """
        if self.device.type != "cpu":
            return 1
        weights = sum(path.stat().st_size for path in self.folder.iterdir())
        return int(memory_bytes() * _MEMORY_SHARE / weights)

    def complete_batch(self, prompts: list[list[int]], temperature: float, seed: int) -> list[str]:
        """See :meth:`~recbole_curec.llm.engines.batched.BatchedEngine.complete_batch`."""
        written = self.sample_batch(prompts, temperature, seed)
        return [decode_completion(self.tokenizer, tokens, self.ends) for tokens in written]

    def sample_batch(self, prompts: list[list[int]], temperature: float, seed: int) -> list[list[int]]:
        """The tokens written after prompts given as token ids, with the one that ended them."""
        shared = shared_length(prompts)
        tokens = [self.tokenizer.convert_ids_to_tokens(prompt) for prompt in prompts]
        generator = self._seeded(seed, list(tokens[0][:1])) if temperature else self._shared()
        results = generator.generate_batch(
            [prompt[shared:] for prompt in tokens],
            static_prompt=tokens[0][:shared] or None,
            max_batch_size=_AT_ONCE.get(self.device.type, 0),
            max_length=self.max_new_tokens,
            include_prompt_in_result=False,
            end_token=self.ends,
            return_end_token=True,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1.0,
        )
        return [result.sequences_ids[0] for result in results]

    def _seeded(self, seed: int, start: list[str]) -> Any:
        """A generator of its own for a batch, whose random numbers begin at the seed.

        CTranslate2 reads the seed when a thread of a generator draws for the first time, and no generator shares its
        weights with another, so a seed per batch needs the weights read anew and a first draw of one token.
        """
        import ctranslate2

        generator = self._generator(1, self.threads_each)
        with _SEEDING:
            ctranslate2.set_random_seed(seed)
            generator.generate_batch([start], max_length=1, sampling_topk=0)
        return generator

    def _shared(self) -> Any:
        """The generator of all greedy batches, which share its weights and its threads."""
        with self._opening:
            if self._greedy is None:
                on_cpu = self.device.type == "cpu"
                self._greedy = self._generator(torch.get_num_threads() if on_cpu else 1, 1)
        return self._greedy

    def _generator(self, at_once: int, threads_each: int) -> Any:
        import ctranslate2

        return ctranslate2.Generator(
            str(self.folder),
            device=self.device.type,
            device_index=self.device.index or 0,
            compute_type=self.compute_type,
            inter_threads=at_once,
            intra_threads=threads_each,
        )
