"""What we rely on in TRL, transformers and PEFT: these fail first when one of them changes."""

import inspect
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from datasets import Dataset
from peft import get_peft_model
from transformers import Qwen3ForCausalLM, Trainer, TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer
from trl.trainer import base_trainer

from recbole_curec.llm.loading import BaseModel, load_model, save_model
from recbole_curec.reasons.tasks import Example
from recbole_curec.training.checkpoints import last_checkpoint
from recbole_curec.training.grpo import ReinforceTrainer
from recbole_curec.training.rollouts import RolloutLog
from recbole_curec.training.sft import AlignTrainer, lora_config, supervised
from recbole_curec.training.trainer import ProgressBar, run_trainer
from tests.training.small import TEXTS, save_small, small_training


def message(role, content):
    return [{"role": role, "content": content}]


@pytest.fixture
def training(tmp_path):
    """A training of a small model that is 'tiny', or not for LoRA."""
    return lambda name, **given: small_training(tmp_path / name, **given)


@pytest.fixture
def saved(tmp_path):
    """A small model on disk."""
    return save_small(tmp_path / "model")


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to open a connection, or to send telemetry from another thread, fails the test."""
    attempts = []

    def refuse(*arguments):
        attempts.append(arguments)
        raise OSError("no network in this test")

    monkeypatch.delenv("CI", raising=False)  # TRL sends nothing where CI is set
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(base_trainer, "send_telemetry", lambda *arguments, **_: attempts.append(arguments))
    yield
    assert not attempts


@pytest.mark.parametrize("trainer", [SFTTrainer, GRPOTrainer])
def test_the_methods_we_silence_exist_and_are_called(trainer):
    assert issubclass(trainer, base_trainer._BaseTrainer)
    assert "self._send_telemetry()" in inspect.getsource(base_trainer._BaseTrainer.__init__)
    assert callable(trainer.create_model_card)
    assert "self.create_model_card(" in inspect.getsource(trainer._save_checkpoint)


def test_overrides_win():
    for trainer in (AlignTrainer, ReinforceTrainer):
        assert "recbole_curec" in trainer._send_telemetry.__module__
        assert "recbole_curec" in trainer.create_model_card.__module__


def test_the_trainers_state_is_the_last_file_of_a_checkpoint():
    source = inspect.getsource(Trainer._save_checkpoint)
    state = source.index("save_to_json(")
    assert all(
        source.index(call) < state for call in ("save_model(", "_save_optimizer_and_scheduler(", "_save_rng_state(")
    )


@pytest.mark.parametrize("llm", ["tiny", "some/model"])
def test_arguments_are_accepted_and_kept(training, llm):
    given = training("training", **{"llm.name": llm})
    sft, grpo = given.sft, given.grpo(1.0, 0.5)
    assert isinstance(sft, SFTConfig)
    assert isinstance(grpo, GRPOConfig)
    for arguments in (sft, grpo):
        assert (arguments.max_steps, arguments.save_steps, arguments.seed, arguments.data_seed) == (2, 1, 3, 3)
        assert (arguments.bf16, arguments.fp16, arguments.gradient_checkpointing) == (False, False, False)
        assert arguments.report_to == []
        assert arguments.device.type == "cpu"
        assert not arguments.push_to_hub
    assert (sft.max_length, sft.completion_only_loss, sft.packing) == (80, True, False)
    assert grpo.reward_weights == [1.0, 0.5]
    # One generation per optimiser step: every checkpoint can be resumed exactly.
    assert (grpo.steps_per_generation, grpo.num_iterations, grpo.generation_batch_size) == (1, 1, 4)


def test_sft_trains_on_the_completion_alone_and_resumes(training, saved, no_network):
    stage = training("sft")
    model, tokenizer = load_model(saved)
    rows = supervised([Example("reason", message("user", TEXTS[0]), TEXTS[1])] * 4, tokenizer, stage.settings.llm)

    def trainer(network):
        return AlignTrainer(
            model=network,
            args=stage.sft,
            train_dataset=rows,
            processing_class=tokenizer,
        )

    first = trainer(model)
    batch = next(iter(first.get_train_dataloader()))
    labels = batch["labels"][0]
    assert tokenizer.decode(labels[labels != -100]) == f"{TEXTS[1]}<|end|>"
    assert tokenizer.decode(batch["input_ids"][0]).startswith(f"<|user|>{TEXTS[0]}<|assistant|>")
    assert any(isinstance(callback, PrinterCallback) for callback in first.callback_handler.callbacks)
    run_trainer(first, stage.scratch, ProgressBar("sft", "loss", enabled=False))
    assert not any(isinstance(callback, PrinterCallback) for callback in first.callback_handler.callbacks)
    assert [entry["step"] for entry in first.state.log_history if "loss" in entry] == [1, 2]
    assert sorted(path.name for path in stage.scratch.iterdir()) == ["checkpoint-1", "checkpoint-2"]
    assert not list(stage.scratch.rglob("README.md"))

    # Stopped after the first step, a run ends with the same weights.
    (stage.scratch / "checkpoint-2" / "trainer_state.json").write_text('{"epo')
    assert Path(last_checkpoint(stage.scratch)).name == "checkpoint-1"
    second = trainer(load_model(saved)[0])
    run_trainer(second, stage.scratch, ProgressBar("sft", "loss", enabled=False))
    assert second.state.global_step == 2
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


def test_grpo_on_a_saved_model_with_kl_and_extra_columns(training, saved, no_network, capfd):
    stage, calls = training("grpo"), []

    def longer(prompts, completions, user, evidence, **more):
        calls.append((prompts, completions, user, evidence, set(more)))
        return [float(len(rows[0]["content"])) for rows in completions]

    def constant(completions, **_):
        return [1.0] * len(completions)

    rows = [{"prompt": message("user", TEXTS[0]), "user": k, "evidence": f"e{k}"} for k in range(4)]
    trainer = ReinforceTrainer(
        model=str(saved),
        reward_funcs=[longer, constant],
        args=stage.grpo(1.0, 0.25),
        train_dataset=Dataset.from_list(rows),
        processing_class=load_model(saved)[1],
    )
    run_trainer(trainer, stage.scratch, ProgressBar("grpo", "reward", enabled=False))

    assert trainer.state.global_step == 2
    for prompts, completions, user, evidence, more in calls:
        assert len(prompts) == len(completions) == len(user) == len(evidence) == 4
        assert evidence == [f"e{k}" for k in user]
        assert user[0] == user[1] != user[2] == user[3]  # the generations of a prompt stand together
        assert prompts[0] == message("user", TEXTS[0])
        assert completions[0][0]["role"] == "assistant"
        assert "trainer_state" in more
    logged = [entry for entry in trainer.state.log_history if "reward" in entry]
    assert len(logged) == 2
    for entry in logged:
        assert entry["rewards/constant/mean"] == 1.0
        assert entry["reward"] == pytest.approx(entry["rewards/longer/mean"] + 0.25, abs=1e-4)
        assert "kl" in entry
    # The reference is loaded from the same folder and stays as it was.
    before, after = trainer.ref_model.state_dict(), trainer.model.state_dict()
    start = Qwen3ForCausalLM.from_pretrained(saved).state_dict()
    assert all(torch.equal(before[name], value) for name, value in start.items())
    assert any(not torch.equal(after[name], value) for name, value in start.items())
    assert not list(stage.scratch.rglob("README.md"))
    assert "rewards/" not in capfd.readouterr().out  # no printed dicts


class Gradients(TrainerCallback):
    """Keeps the gradient of the first step."""

    def __init__(self):
        self.first = None

    def on_pre_optimizer_step(self, args, state, control, model=None, **_):
        if self.first is None:
            self.first = torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])


def test_every_loss_runs_and_each_has_its_own_gradient(training, saved, no_network):
    gradients = {}
    for loss in ("grpo", "dr_grpo", "dapo"):
        given = {"reinforce.loss": loss, "reinforce.generations": 8, "llm.max_reason_tokens": 96}
        stage, seen = training(loss, **given), Gradients()
        trainer = ReinforceTrainer(
            model=str(saved),
            # Lengths differ within a group, which is what the losses weigh differently.
            reward_funcs=[lambda completions, **_: [float(len(rows[0]["content"]) % 7) for rows in completions]],
            args=stage.grpo(1.0),
            train_dataset=Dataset.from_list([{"prompt": message("user", TEXTS[k % 2])} for k in range(4)]),
            processing_class=load_model(saved)[1],
        )
        trainer.add_callback(seen)
        run_trainer(trainer, stage.scratch, ProgressBar("grpo", "reward", enabled=False))
        assert trainer.state.global_step == 2
        assert trainer.loss_type == loss
        first = next(entry for entry in trainer.state.log_history if "reward" in entry)
        assert first["completions/min_length"] < first["completions/max_length"]
        gradients[loss] = seen.first
    assert all(gradient.norm() > 0 for gradient in gradients.values())
    for one, other in (("grpo", "dr_grpo"), ("grpo", "dapo"), ("dr_grpo", "dapo")):
        assert (gradients[one] - gradients[other]).norm() > 1e-3 * gradients[one].norm(), (one, other)


def test_the_default_loss_is_trls(training):
    arguments = training("grpo").grpo(1.0)
    assert (arguments.loss_type, arguments.scale_rewards) == (GRPOConfig.loss_type, GRPOConfig.scale_rewards)
    assert arguments.loss_type == "dapo"
    assert training("dr", **{"reinforce.loss": "dr_grpo"}).grpo(1.0).scale_rewards == "none"


def test_rollouts_are_logged_once_per_step(training, saved, no_network):
    stage = training("grpo", **{"reinforce.generations": 4})
    rows = [{"prompt": message("user", TEXTS[k % 2]), "user": k % 2 + 1, "item": 1} for k in range(4)]
    trainer = ReinforceTrainer(
        model=str(saved),
        reward_funcs=[lambda completions, **_: [float(len(row[0]["content"])) for row in completions]],
        args=stage.grpo(1.0),
        train_dataset=Dataset.from_list(rows),
        processing_class=load_model(saved)[1],
    )
    tokens = np.array(["", "a", "b"])
    trainer.rollouts = RolloutLog(stage.scratch, stage.settings.reinforce, tokens, tokens)
    run_trainer(trainer, stage.scratch, ProgressBar("grpo", "reward", enabled=False))
    trainer.rollouts.collect(stage.folder)
    table = pd.read_parquet(stage.folder / "completions.parquet")
    assert table["step"].tolist() == [1] * 8 + [2] * 8
    (reward,) = [name for name in table if name.startswith("reward_")]
    assert table[reward].tolist() == [float(len(text)) for text in table["completion"]]
    for _, group in table.groupby(table.index // 4):  # the generations of a prompt stand together
        assert group["prompt"].nunique() == group["user"].nunique() == 1
        expected = (group[reward] - group[reward].mean()) / (group[reward].std() + 1e-4)
        assert group["advantage"].tolist() == pytest.approx(expected.tolist(), abs=1e-3)
    texts = {"a": TEXTS[0], "b": TEXTS[1]}
    assert all(texts[user] == prompt for user, prompt in zip(table["user"], table["prompt"], strict=True))


def test_grpo_keeps_a_frozen_copy_of_a_trained_adapter(training, saved, no_network):
    stage = training("grpo", **{"llm.name": str(saved)})
    base, tokenizer = load_model(saved)
    adapted = get_peft_model(base, lora_config(stage.settings.lora))
    save_model(adapted, tokenizer, stage.folder / "aligned", BaseModel(str(saved)))
    model, _ = load_model(stage.folder / "aligned", trainable=True)
    trainer = ReinforceTrainer(
        model=model,
        reward_funcs=[lambda completions, **_: [float(len(rows[0]["content"])) for rows in completions]],
        args=stage.grpo(1.0),
        train_dataset=Dataset.from_list([{"prompt": message("user", TEXTS[0])}] * 4),
        processing_class=tokenizer,
    )
    assert trainer.ref_model is None
    trained = trainer.accelerator.unwrap_model(trainer.model)
    assert set(trained.peft_config) == {"default", "ref"}
    learns = {name for name, weight in trained.named_parameters() if weight.requires_grad}
    assert learns
    assert all(".default." in name for name in learns)
    save_model(trained, tokenizer, stage.folder / "reinforced", BaseModel(str(saved)))
    assert set(load_model(stage.folder / "reinforced")[0].peft_config) == {"default"}
    assert not (stage.folder / "reinforced" / "ref").exists()
