"""GRPO (Shao et al. 2024, arXiv:2402.03300) with TRL: the trainer, its arguments and the log of rollouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl import GRPOConfig, GRPOTrainer

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.head import IGNORED, is_direct, read_head, score_tokens, vocabulary_size
from recbole_curec.llm.messages import Message, begun
from recbole_curec.llm.tiny_model import freeze_terms
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.rewards.reward import Reward
from recbole_curec.settings.sections import TINY, LanguageModelSettings, ReinforceSettings
from recbole_curec.training.rollouts import Rollout, RolloutLog
from recbole_curec.training.trainer import ROLLOUTS, OfflineTrainerMixin, common_arguments, micro_batches

_TINY_LEARNING_RATE, _LORA_LEARNING_RATE = 3e-4, 1e-5


class ReinforceTrainer(OfflineTrainerMixin, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPO trainer without network access, with prompts tokenized as in every other stage.

    Attributes:
        rollouts: Log of the completions; None logs nothing.
    """

    rollouts: RolloutLog | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._direct = is_direct(self.model)

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
        count, length = input_ids.shape
        positions = torch.arange(length - logits_to_keep - 1, length - 1, device=input_ids.device)
        targets = input_ids.masked_fill(attention_mask == 0, IGNORED)[:, -logits_to_keep:]  # (B, T)
        parts = []
        for start in range(0, count, batch_size or count):
            part = slice(start, start + (batch_size or count))
            reading = score_tokens(
                targets[part],
                vocabulary_size(model),
                temperature=self.temperature,
                with_entropy=compute_entropy,
            )
            inputs = {"input_ids": input_ids[part], "attention_mask": attention_mask[part]}
            with self.accelerator.autocast():
                parts.append(read_head(model, inputs, positions, reading, direct=self._direct))
        found = torch.cat(parts)  # (B, T, 1 or 2)
        return found[..., 0], found[..., 1] if compute_entropy else None, None

    def _tokenize_prompts(self, prompts: list[list[Message]]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [prompt_tokens(self.processing_class, prompt) for prompt in prompts], None, {}

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
