"""GRPO (Shao et al. 2024, arXiv:2402.03300) with TRL: the trainer, its arguments and the log of rollouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl import GRPOConfig, GRPOTrainer
from trl.trainer.utils import split_tensor_dict

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.in_memory import Sampler
from recbole_curec.llm.head import IGNORED, is_direct, read_head, score_tokens, vocabulary_size
from recbole_curec.llm.messages import Message, begun
from recbole_curec.llm.packing import pack_groups, packs
from recbole_curec.llm.tiny_model import freeze_terms
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.processes import is_sharded
from recbole_curec.rewards.reward import Reward
from recbole_curec.settings.sections import TINY, LanguageModelSettings, ReinforceSettings
from recbole_curec.training.rollouts import Rollout, RolloutLog
from recbole_curec.training.trainer import ROLLOUTS, OfflineTrainerMixin, common_arguments, micro_batches

_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-4, 1e-5


class ReinforceTrainer(OfflineTrainerMixin, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPO trainer without network access, with prompts tokenized as in every other stage.

    Attributes:
        rollouts: Log of the completions; None logs nothing.
        sampler: Writes the completions in place of transformers; None leaves them to it.
        packs: Whether rollouts are computed in one row, with the prompt of a group once.
    """

    rollouts: RolloutLog | None = None
    sampler: Sampler | None = None
    _buffered_inputs: list[dict[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._direct = is_direct(self.model)
        own = [self.model] if self.ref_model is None else [self.model, self.ref_model]
        self.packs = not is_sharded() and all(packs(model) for model in own)

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        compute_aux_loss: bool = False,
        **given: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        """Log-probabilities and entropies ``(B, T)`` of the completions, zero at padding.

        TRL 1.16 computes the head at every position on a CPU, prompts included.
        """
        if compute_aux_loss:
            scored: tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]
            scored = super()._get_per_token_logps_and_entropies(
                model, input_ids, attention_mask, logits_to_keep, batch_size, compute_entropy, True, **given
            )
            return scored
        count = input_ids.shape[0]
        size = batch_size or count
        parts = []
        for start in range(0, count, size):
            part = slice(start, start + size)
            with self.accelerator.autocast():
                parts.append(
                    self._scores(model, input_ids[part], attention_mask[part], logits_to_keep, compute_entropy)
                )
        found = torch.cat(parts)  # (B, T, 1 or 2)
        return found[..., 0], found[..., 1] if compute_entropy else None, None

    def _scores(
        self, model: Any, tokens: torch.Tensor, mask: torch.Tensor, written: int, with_entropy: bool
    ) -> torch.Tensor:
        """Log-probabilities and, if asked for, entropies of the last ``written`` tokens, ``(B, T, 1 or 2)``."""
        targets = tokens.masked_fill(mask == 0, IGNORED)[:, -written:]  # (B, T)
        reading = partial(
            score_tokens,
            vocabulary=vocabulary_size(model),
            temperature=self.temperature,
            with_entropy=with_entropy,
        )
        if not self.packs:
            length = tokens.shape[1]
            positions = torch.arange(length - written - 1, length - 1, device=tokens.device)
            inputs = {"input_ids": tokens, "attention_mask": mask}
            return read_head(model, inputs, positions, reading(targets), direct=self._direct)
        row, before = pack_groups(
            tokens[:, :-written],
            mask[:, :-written],
            tokens[:, -written:],
            mask[:, -written:],
            multiple=self.args.pad_to_multiple_of,
        )
        counted = targets != IGNORED
        read = read_head(model, row.inputs, before, reading(targets[counted][None]), direct=self._direct)[0]
        return read.new_zeros((*targets.shape, read.shape[-1])).masked_scatter(counted[..., None], read)

    def _prepare_inputs(self, generation_batch: dict[str, Any]) -> dict[str, Any]:
        earlier = self._buffered_inputs
        inputs: dict[str, Any] = super()._prepare_inputs(generation_batch)
        if not self.packs or self._buffered_inputs is earlier or len(self._buffered_inputs) == 1:
            return inputs
        parts = parts_by_prompt(self._buffered_inputs)
        self._buffered_inputs = parts
        place: int = self._step % self.args.steps_per_generation
        return parts[place]

    def _tokenize_prompts(self, prompts: list[list[Message]]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [prompt_tokens(self.processing_class, prompt) for prompt in prompts], None, {}

    def _generate_single_turn(self, prompt_ids: list[list[int]], *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        if self.sampler is None:
            written: tuple[Any, ...] = super()._generate_single_turn(prompt_ids, *args, **kwargs)
            return written
        # Named after the step, so that a resumed run draws the same.
        seed = f"{self.args.seed}/rollouts/{self.state.global_step}/{self.accelerator.process_index}"
        return self.sampler(self.accelerator.unwrap_model(self.model), prompt_ids, seed), None

    def _generate(self, prompts: list[list[Message]]) -> tuple[Any, ...]:
        # Rewards and logs read whole completions, with what the prompt begins of them.
        prompt_ids, completion_ids, mask, completions, *rest = super()._generate(prompts)
        for prompt, completion in zip(prompts, completions, strict=True):
            completion[0]["content"] = begun(prompt) + completion[0]["content"]
        return (prompt_ids, completion_ids, mask, completions, *rest)

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        # TRL's own log is written later, when the values of a step may be gone, and prints tables.
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        if self.rollouts is None:
            return output
        users, items = (gather_object([row[key] for row in inputs]) for key in ("user", "item"))
        if self.accelerator.is_main_process:
            self.rollouts.write(self.state.global_step + 1, self._latest(users, items))
        return output

    def _latest(self, users: list[int], items: list[int]) -> list[Rollout]:
        """The step's rollouts, which are the last ones in TRL's own log."""
        logs, count = self._logs, len(users)
        prompts, completions, advantages = (
            list(logs[name])[-count:] for name in ("prompt", "completion", "advantages")
        )
        rewards = {name: list(logs["rewards"][name])[-count:] for name in self.reward_func_names}
        return [
            Rollout(
                user=users[row],
                item=items[row],
                prompt=prompts[row],
                completion=completions[row],
                rewards={name: values[row] for name, values in rewards.items()},
                advantage=advantages[row],
            )
            for row in range(count)
        ]


def parts_by_prompt(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The micro-batches of a step with the rollouts of a prompt next to each other, which then share it.

    TRL shuffles them. One optimiser step takes them all, so that their order changes no gradient; of the logged
    divergence and entropy, which are means of means of micro-batches, it may change the fourth digit.

    Args:
        parts: Micro-batches of equal size: values by rollout, and numbers that hold for all of them.
    """
    prompts = [tuple(row) for part in parts for row in part["prompt_ids"].tolist()]
    order = sorted(range(len(prompts)), key=prompts.__getitem__)

    def ordered(name: str, value: Any) -> Any:
        if value is None or (isinstance(value, torch.Tensor) and value.ndim == 0):
            return value
        rows = [row for part in parts for row in part[name]]
        found = [rows[place] for place in order]
        return torch.stack(found) if isinstance(value, torch.Tensor) else found

    whole = {name: ordered(name, value) for name, value in parts[0].items()}
    split: list[dict[str, Any]] = split_tensor_dict(whole, len(parts))
    return split


def new_trainer(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Mapping[str, Any]],
    rewards: Mapping[str, Reward],
    arguments: GRPOConfig,
    *,
    tiny_folder: Path | None,
) -> ReinforceTrainer:
    """The trainer with the rewards of non-zero weight.

    Args:
        model: The aligned language model, loaded for training.
        tokenizer: Its tokenizer.
        rows: Prompts to train on, with their columns.
        rewards: The rewards of non-zero weight by name, in the order of the weights in ``arguments``.
        arguments: Result of :func:`grpo_arguments`.
        tiny_folder: Folder of the aligned language model if it is the tiny one; None for an adapter.
    """
    trainer = ReinforceTrainer(
        # The tiny model is given by path, because with beta > 0 TRL loads the frozen reference from there too.
        model=model if tiny_folder is None else str(tiny_folder),
        reward_funcs=[_named(reward, name) for name, reward in rewards.items()],
        args=arguments,
        train_dataset=Dataset.from_list(list(rows)),
        processing_class=tokenizer,
    )
    if tiny_folder is not None:
        freeze_terms(trainer.model, tokenizer)
    return trainer


def grpo_arguments(
    settings: ReinforceSettings, llm: LanguageModelSettings, workspace: Workspace, weights: Sequence[float]
) -> GRPOConfig:
    """TRL's arguments; one generation per optimiser step, so every checkpoint resumes exactly.

    Args:
        settings: Steps, batch, loss.
        llm: Settings of the language model.
        workspace: Device, folder of checkpoints, and seed.
        weights: Weight of each reward.
    """
    tiny = llm.name == TINY
    shared = common_arguments(llm, workspace, steps=settings.steps, save_steps=settings.save_steps)
    # Every step is logged: metrics averaged over several steps would be lost if a run is interrupted between them.
    shared["logging_steps"] = 1
    return GRPOConfig(
        **shared,
        **micro_batches(llm, ROLLOUTS, settings.prompts * settings.generations, settings.micro_batch_size),
        num_generations=settings.generations,
        max_completion_length=llm.longest_reason,
        learning_rate=settings.learning_rate or (_TINY_LEARNING_RATE if tiny else _LORA_LEARNING_RATE),
        loss_type=settings.loss,
        # Dr. GRPO (Liu et al. 2025, arXiv:2503.20783) removes two biases: of length and of a group's reward spread.
        scale_rewards="none" if settings.loss == "dr_grpo" else "group",
        beta=settings.beta,
        temperature=settings.temperature,
        reward_weights=list(weights),
        log_completions=False,
    )


def _named(rate: Reward, name: str) -> Callable[..., list[float]]:
    def reward(**arguments: Any) -> list[float]:
        return rate(**arguments)

    reward.__name__ = name  # TRL logs a reward under its function's name
    return reward
