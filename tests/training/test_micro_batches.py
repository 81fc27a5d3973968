"""A batch computed a few examples at a time has the gradients of the whole batch, for SFT and for GRPO."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import torch
from transformers import TrainerCallback

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.loading import BaseModel, load_model, save_model
from recbole_curec.reasons.tasks import Example
from recbole_curec.training.checkpoints import last_checkpoint
from recbole_curec.training.grpo import new_trainer, parts_by_prompt
from recbole_curec.training.sft import AlignTrainer, lora_config, supervised
from recbole_curec.training.trainer import ProgressBar, check_launch, run_trainer
from tests.tiny_llm import save_llm
from tests.training.small import Training, save_small, small_training
from tests.training.test_grpo import ROWS, Length

Steps: TypeAlias = tuple[list[torch.Tensor], list[float]]
LENGTHS = (1, 9, 2, 14, 5, 3, 11, 7)
EXAMPLES = [
    Example("reason", [{"role": "user", "content": f"Target: facts {k}"}], "you may like it " * length)
    for k, length in enumerate(LENGTHS)
]


class Gradients(TrainerCallback):
    """Keeps the gradient of every optimiser step."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        grads = [weight.grad.flatten() for weight in model.parameters() if weight.grad is not None]
        self.seen.append(torch.cat(grads))


def run(trainer: Any, training: Training) -> Steps:
    gradients = Gradients()
    trainer.add_callback(gradients)
    run_trainer(trainer, training.scratch, ProgressBar("test", "loss", enabled=False))
    return gradients.seen, [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def aligning(folder: Path, llm: Path | str, **given: Any) -> tuple[AlignTrainer, Training]:
    settings = {"llm.name": str(llm), "align.batch_size": 4, "lora.dropout": 0.0, "llm.max_reason_tokens": 64}
    training = small_training(folder, **(settings | given))
    model, tokenizer = load_model(Path(llm))
    trainer = AlignTrainer(
        model=model,
        args=training.sft,
        train_dataset=supervised(EXAMPLES, tokenizer, training.settings.llm),
        processing_class=tokenizer,
        peft_config=lora_config(training.settings.lora),
    )
    return trainer, training


def align(folder: Path, llm: Path | str, **given: Any) -> Steps:
    return run(*aligning(folder, llm, **given))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llm(tmp_path_factory.mktemp("base"))


def assert_same(found: Steps, expected: Steps) -> None:
    assert found[1] == pytest.approx(expected[1], abs=2e-4)
    assert len(found[0]) == len(expected[0]) == 2
    for gradient, wanted in zip(found[0], expected[0], strict=True):
        assert wanted.norm() > 0
        assert (gradient - wanted).norm() < 1e-3 * wanted.norm()


def test_padding_to_a_few_lengths_changes_no_step(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    padded = align(tmp_path / "padded", base)
    lengths: list[int] = []
    compute = AlignTrainer.compute_loss

    def noting(self: Any, model: Any, inputs: Any, *rest: Any, **given: Any) -> Any:
        lengths.append(inputs["input_ids"].shape[1])
        return compute(self, model, inputs, *rest, **given)

    monkeypatch.setattr(AlignTrainer, "compute_loss", noting)
    assert align(tmp_path / "again", base)[1] == padded[1]
    assert all(length % 64 == 0 for length in lengths)
    monkeypatch.setattr("recbole_curec.training.trainer._LENGTHS", None)
    lengths.clear()
    assert_same(padded, align(tmp_path / "as it is", base))
    assert any(length % 64 for length in lengths)


def test_sft_takes_the_same_steps(base: Path, tmp_path: Path) -> None:
    whole = align(tmp_path / "whole", base, **{"align.micro_batch_size": 4})
    assert_same(align(tmp_path / "parts", base, **{"align.micro_batch_size": 1}), whole)
    assert_same(align(tmp_path / "checkpointed", base, **{"llm.gradient_checkpointing": True}), whole)


@pytest.fixture
def two_threads() -> Iterator[None]:
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def test_threads_with_sequences_of_their_own_take_the_same_steps(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, two_threads: None
) -> None:
    sizes = {"align.micro_batch_size": 2}
    trainer, training = aligning(tmp_path / "small", base, **sizes)
    assert trainer.threads == 1  # Python takes most of a small model's time, and one thread at a time runs it
    alone = run(trainer, training)
    monkeypatch.setattr("recbole_curec.llm.size._LARGE", 0)
    threads: set[str] = set()
    compute = AlignTrainer.compute_loss

    def noting(self: Any, model: Any, inputs: Any, *rest: Any, **given: Any) -> Any:
        assert len(inputs["input_ids"]) == 1
        threads.add(threading.current_thread().name)
        return compute(self, model, inputs, *rest, **given)

    monkeypatch.setattr(AlignTrainer, "compute_loss", noting)
    found = []
    for name in ("once", "again"):
        trainer, training = aligning(tmp_path / name, base, **sizes)
        assert trainer.threads == 2
        found.append(run(trainer, training))
        assert "forward" not in vars(trainer.model.get_base_model().get_output_embeddings())
    assert_same(found[0], alone)
    assert threads and threading.main_thread().name not in threads
    assert torch.get_num_threads() == 2
    assert all(torch.equal(one, other) for one, other in zip(found[0][0], found[1][0], strict=True))


@pytest.mark.parametrize("given", [{"lora.dropout": 0.1}, {"llm.gradient_checkpointing": True}])
def test_what_draws_at_random_is_computed_by_all_threads_together(
    given: dict[str, Any], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, two_threads: None
) -> None:
    monkeypatch.setattr("recbole_curec.llm.size._LARGE", 0)
    assert aligning(tmp_path, base, **given)[0].threads == 1


def reinforce(folder: Path, aligned: Path, **given: Any) -> tuple[Any, Training]:
    adapter = BaseModel.read(aligned) is not None
    training = small_training(folder, **{"llm.name": str(aligned) if adapter else "tiny"}, **given)
    model, tokenizer = load_model(aligned, trainable=True)
    rewards = {"letters": Length()}
    tiny_folder = None if adapter else aligned
    return new_trainer(model, tokenizer, ROWS, rewards, training.grpo(1.0), tiny_folder=tiny_folder), training


@pytest.fixture(scope="module")
def aligned(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base with an adapter that is not zero and has no dropout."""
    from peft import LoraConfig, get_peft_model

    folder = tmp_path_factory.mktemp("aligned")
    model, tokenizer = load_model(base)
    torch.manual_seed(4)
    lora = LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    save_model(get_peft_model(model, lora), tokenizer, folder, BaseModel(str(base)))
    return folder


def sampled(policy: Any, prompts: Sequence[list[int]], seed: str) -> list[list[int]]:
    """Completions of several lengths that depend on nothing but their place."""
    return [[20 + 3 * place % 7, 9, 30 + place, 40][: 1 + place % 4] for place in range(len(prompts))]


@pytest.mark.parametrize("kind", ["tiny", "adapter"])
def test_prompts_that_are_shared_change_no_step(kind: str, aligned: Path, tmp_path: Path) -> None:
    folder = aligned if kind == "adapter" else save_small(tmp_path / "tiny")
    found = []
    for packs in (True, False):
        sizes = {"reinforce.generations": 4, "reinforce.micro_batch_size": 2}
        trainer, training = reinforce(tmp_path / str(packs), folder, **sizes)
        assert trainer.packs
        trainer.packs, trainer.sampler = packs, sampled
        found.append(run(trainer, training))
    assert_same(*found)


def test_rollouts_of_a_prompt_are_brought_together() -> None:
    parts = [
        {
            "prompt_ids": torch.tensor([[2], [1]]),
            "advantages": torch.tensor([0.1, 0.2]),
            "all": torch.tensor(9),
            "no": None,
        },
        {
            "prompt_ids": torch.tensor([[1], [2]]),
            "advantages": torch.tensor([0.3, 0.4]),
            "all": torch.tensor(9),
            "no": None,
        },
    ]
    first, second = parts_by_prompt(parts)
    assert (first["prompt_ids"].tolist(), second["prompt_ids"].tolist()) == ([[1], [1]], [[2], [2]])
    assert torch.cat([first["advantages"], second["advantages"]]).tolist() == pytest.approx([0.2, 0.3, 0.1, 0.4])
    assert first["all"] == second["all"] == 9 and first["no"] is None


@pytest.mark.parametrize("loss", ["grpo", "dr_grpo", "dapo"])
@pytest.mark.parametrize("kind", ["tiny", "adapter"])
def test_grpo_takes_the_same_steps(loss: str, kind: str, aligned: Path, tmp_path: Path) -> None:
    folder = aligned if kind == "adapter" else save_small(tmp_path / "tiny")
    given = {"reinforce.loss": loss, "reinforce.generations": 4, "llm.max_reason_tokens": 24}
    found = {}
    for size in (8, 2):
        trainer, training = reinforce(tmp_path / f"{size}", folder, **given, **{"reinforce.micro_batch_size": size})
        # One generation per optimiser step, whatever its parts: every checkpoint can be resumed exactly.
        assert (trainer.args.steps_per_generation, trainer.args.generation_batch_size) == (8 // size, 8)
        calls: list[int] = []
        own = trainer._generate_and_score_completions

        def counted(rows: Any, own: Any = own, calls: list[int] = calls) -> Any:
            calls.append(len(rows))
            return own(rows)

        trainer._generate_and_score_completions = counted
        found[size] = run(trainer, training)
        assert calls == [8, 8]
    assert_same(found[2], found[8])


def test_a_run_in_parts_resumes_exactly(aligned: Path, tmp_path: Path) -> None:
    given = {"reinforce.micro_batch_size": 1}
    trainer, training = reinforce(tmp_path / "run", aligned, **given)
    run(trainer, training)
    (training.scratch / "checkpoint-2" / "trainer_state.json").write_text('{"epo')
    assert Path(last_checkpoint(training.scratch) or "").name == "checkpoint-1"
    model, tokenizer = load_model(aligned, trainable=True)
    again = new_trainer(model, tokenizer, ROWS, {"letters": Length()}, training.grpo(1.0), tiny_folder=None)
    run(again, training)
    assert again.state.global_step == 2
    for name, value in trainer.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name]), name


@pytest.mark.parametrize(
    ("llm", "batch", "given", "size"),
    [("tiny", 16, None, 16), ("some/model", 16, None, 4), ("some/model", 6, None, 3), ("some/model", 7, None, 1),
     ("some/model", 2, None, 2), ("some/model", 16, 8, 8), ("tiny", 16, 2, 2)],
)  # fmt: skip
def test_how_many_examples_are_computed_at_a_time(
    llm: str, batch: int, given: int | None, size: int, tmp_path: Path
) -> None:
    settings = {"llm.name": llm, "align.batch_size": batch, "align.micro_batch_size": given}
    arguments = small_training(tmp_path / "t", **settings).sft
    assert arguments.per_device_train_batch_size == size
    assert arguments.gradient_accumulation_steps == batch // size


@pytest.mark.parametrize("processes", [1, 2])
def test_a_part_that_does_not_divide_the_batch(processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if processes > 1:
        for name, value in (("WORLD_SIZE", "2"), ("RANK", "0"), ("LOCAL_RANK", "0"), ("LOCAL_WORLD_SIZE", "2")):
            monkeypatch.setenv(name, value)
    own = 16 // processes
    given = small_training(tmp_path / "t", **{"align.batch_size": 16, "align.micro_batch_size": 3}).settings
    evens = {1: "1, 2, 4, 8, 16", 2: "1, 2, 4, 8"}[processes]
    with pytest.raises(ConfigurationError) as caught:
        check_launch(given)
    assert str(caught.value) == (
        f"align.micro_batch_size: 3 does not divide the {own} examples that a process computes per step "
        f"(align.batch_size): give one of {evens}."
    )
    rollouts = {"reinforce.prompts": 4, "reinforce.generations": 4, "reinforce.micro_batch_size": 32}
    with pytest.raises(ConfigurationError, match=r"^reinforce\.micro_batch_size: 32 does not divide the \d+ examples"):
        check_launch(small_training(tmp_path / "u", **rollouts).settings)
