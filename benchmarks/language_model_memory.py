"""Time and peak memory of a step of SFT and of GRPO, of a model on disk or of random weights in a real model's shape.

python benchmarks/language_model_memory.py --model=<folder> | --random=1.7B [--device=cuda] [--dtype=bfloat16]
    [--quantization=nf4] [--steps=3] [--batch=8] [--micro=4] [--rollouts=16]

Each training runs in a process of its own, so that peaks do not mix. It needs neither RecBole nor a dataset.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import torch
from datasets import Dataset
from measuring import parser, store, summary
from peft import get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM, TrainerCallback

from recbole_curec.hardware import peak_memory_mib
from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.dtypes import choose_dtype
from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.llm.tiny_model import train_tokenizer
from recbole_curec.pipeline.stage import Workspace
from recbole_curec.rewards.reward import Reward, completion_text
from recbole_curec.settings.settings import Settings
from recbole_curec.training.grpo import grpo_arguments, new_trainer
from recbole_curec.training.sft import AlignTrainer, lora_config, sft_arguments
from recbole_curec.training.trainer import ProgressBar, run_trainer

# The first step allocates memory and is not timed.
_WARM = 1
_QWEN3 = {"hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16,
          "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936}  # fmt: skip
_SMOLLM2 = {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24, "num_attention_heads": 32,
            "num_key_value_heads": 32, "head_dim": 64, "vocab_size": 49_152}  # fmt: skip
_SMALL = {"hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
          "num_key_value_heads": 3, "head_dim": 64, "vocab_size": 49_152}  # fmt: skip
SHAPES: dict[str, tuple[type, type, dict[str, int]]] = {
    "1.7B": (Qwen3Config, Qwen3ForCausalLM, _QWEN3),
    "SmolLM2-1.7B": (LlamaConfig, LlamaForCausalLM, _SMOLLM2),
    "SmolLM2-135M": (LlamaConfig, LlamaForCausalLM, _SMALL),
}
_WORDS = "History: none Target: facts fans of take it you may like because"


class Letters(Reward):
    """Letters of a completion, so that the rewards of a group differ."""

    name = "letters"

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **_: Any) -> list[float]:
        """A number that depends on every letter."""
        return [float(sum(map(ord, completion_text(completion))) % 97) for completion in completions]


class Steps(TrainerCallback):
    """Seconds of the clock and of the processor for every step but the first."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.processor: list[float] = []
        self._start = (0.0, 0.0)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start."""
        self._start = (perf_counter(), process_time())

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop, when the device has finished."""
        if args.device.type == "cuda":
            torch.cuda.synchronize()
        if state.global_step > _WARM:
            self.clock.append(perf_counter() - self._start[0])
            self.processor.append(process_time() - self._start[1])


def save_random(shape: str, folder: Path, device: torch.device) -> Path:
    """Random weights in a real model's shape, with a small tokenizer, as a folder that every loader reads."""
    config_class, model_class, sizes = SHAPES[shape]
    tokenizer = train_tokenizer([_WORDS] * 3, 400, [])
    tokenizer.save_pretrained(folder)
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id, "bos_token_id": None}
    torch.manual_seed(0)
    config = config_class(**sizes, **ends, tie_word_embeddings=True, max_position_embeddings=4096, dtype="bfloat16")
    with torch.device(device):
        model = model_class(config).to(torch.bfloat16)
    model.save_pretrained(folder)
    return folder


def train(stage: str, folder: str, args: argparse.Namespace, results: Any) -> None:
    """One training; puts its figures into a queue."""
    torch.set_num_threads(args.threads)
    device = torch.device(args.device)
    given = {
        "llm.name": folder, "llm.dtype": args.dtype, "llm.quantization": args.quantization,
        "llm.gradient_checkpointing": args.checkpointing, "llm.max_reason_tokens": args.completion_tokens,
        "align.steps": args.steps + _WARM, "align.batch_size": args.batch, "align.micro_batch_size": args.micro,
        "reinforce.steps": args.steps + _WARM, "reinforce.prompts": args.rollouts // 4, "reinforce.generations": 4,
        "reinforce.micro_batch_size": args.micro,
    }  # fmt: skip
    settings, times = Settings.from_mapping(given), Steps()
    with tempfile.TemporaryDirectory() as made:
        workspace = Workspace(Path(made), Path(made) / "scratch", seed=args.seed, device=device, show_progress=False)
        workspace.scratch.mkdir()
        base = BaseModel.of(settings.llm, device)
        assert base is not None
        model, tokenizer = load_pretrained(base, device)
        make = sft_trainer if stage == "sft" else grpo_trainer
        trainer = make(model, tokenizer, settings, workspace, args)
        trainer.add_callback(times)
        run_trainer(trainer, workspace.scratch, ProgressBar(stage, "loss", False))
    results.put(figures(times, trainer, args.batch if stage == "sft" else args.rollouts, device))


def sft_trainer(
    model: Any, tokenizer: Any, settings: Settings, workspace: Workspace, args: argparse.Namespace
) -> AlignTrainer:
    """SFT of random tokens."""
    generator = torch.Generator().manual_seed(args.seed)
    count, length = settings.align.steps * args.batch, args.prompt_tokens + args.completion_tokens
    tokens = torch.randint(10, len(tokenizer), (count, length), generator=generator).tolist()
    mask = [[0] * args.prompt_tokens + [1] * args.completion_tokens] * count
    return AlignTrainer(
        model=model,
        args=sft_arguments(settings.align, settings.llm, workspace),
        train_dataset=Dataset.from_dict({"input_ids": tokens, "completion_mask": mask}),
        processing_class=tokenizer,
        peft_config=lora_config(settings.lora),
    )


def grpo_trainer(model: Any, tokenizer: Any, settings: Settings, workspace: Workspace, args: argparse.Namespace) -> Any:
    """GRPO with prompts of the wanted length."""
    words = _WORDS.split()
    content = ""
    while len(prompt_tokens(tokenizer, [{"role": "user", "content": content}])) < args.prompt_tokens:
        content += f" {words[len(content) % len(words)]}"
    rows = [{"prompt": [{"role": "user", "content": content}], "user": 1, "item": 1}] * (
        settings.reinforce.steps * settings.reinforce.prompts
    )
    adapted = get_peft_model(model, lora_config(settings.lora))
    arguments = grpo_arguments(settings.reinforce, settings.llm, workspace, [1.0])
    return new_trainer(adapted, tokenizer, rows, {"letters": Letters()}, arguments, tiny_folder=None)


def figures(times: Steps, trainer: Any, size: int, device: torch.device) -> dict[str, Any]:
    """What was measured."""
    arguments = trainer.args
    found = {
        "seconds_per_step": summary(times.clock),
        "processor_seconds_per_step": summary(times.processor),
        "examples_per_step": size,
        "micro_batch": arguments.per_device_train_batch_size,
        "gradient_checkpointing": arguments.gradient_checkpointing,
        "peak_memory_mib": peak_memory_mib(),
        "loss": [round(entry["loss"], 4) for entry in trainer.state.log_history if "loss" in entry],
    }
    if device.type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
        found["peak_gpu_memory_mib"] = round(torch.cuda.max_memory_allocated(device) / 2**20)
        found["peak_gpu_reserved_mib"] = round(torch.cuda.max_memory_reserved(device) / 2**20)
    return found


def options() -> argparse.Namespace:
    """The command line."""
    known = parser(__doc__ or "")
    known.add_argument("--model", help="folder of a causal language model")
    known.add_argument("--random", choices=SHAPES, help="random weights in the shape of this model")
    known.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    known.add_argument("--dtype", choices=["bfloat16", "float32"])
    known.add_argument("--quantization", choices=["none", "nf4", "int8"], default="none")
    known.add_argument("--checkpointing", choices=[True, False], type=lambda text: text == "true", default=None)
    known.add_argument("--stages", nargs="+", choices=["sft", "grpo"], default=["sft", "grpo"])
    known.add_argument("--steps", type=int, default=3, help="timed steps, after one that is not timed")
    known.add_argument("--batch", type=int, default=8, help="examples per step of SFT")
    known.add_argument("--rollouts", type=int, default=16, help="completions per step of GRPO, in groups of four")
    known.add_argument("--micro", type=int, help="examples at a time")
    known.add_argument("--prompt-tokens", type=int, default=215)
    known.add_argument("--completion-tokens", type=int, default=100)
    args = known.parse_args()
    if (args.model is None) == (args.random is None):
        known.error("give either --model or --random")
    return args


def main() -> None:
    """Measure, print and store."""
    args = options()
    context = multiprocessing.get_context("spawn")
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = args.model or str(save_random(args.random, Path(made), torch.device(args.device)))
        for stage in args.stages:
            results = context.Queue()
            process = context.Process(target=train, args=(stage, folder, args, results))
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f"{stage} ended with exit code {process.exitcode}")
            measured[stage] = results.get()
            print(stage, measured[stage], flush=True)
    settings = Settings.from_mapping({"llm.name": str(folder), "llm.dtype": args.dtype})
    dtype = str(choose_dtype(settings.llm, torch.device(args.device))).removeprefix("torch.")
    name = args.random or Path(args.model).name
    record = {"model": name, "dtype": dtype, "arguments": {**vars(args), "scratch": None, "out": None}, **measured}
    bits = "" if args.quantization == "none" else f"_{args.quantization}"
    print(store(args.out, f"language_model_memory_{name}_{args.device}_{dtype}{bits}", record, args.threads))


if __name__ == "__main__":
    main()
