"""Tokens per second of generation: the plain loop, and every engine that is installed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np
import torch
from finished_run import FinishedRun
from measuring import summary
from tqdm import tqdm

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.engine import end_tokens
from recbole_curec.llm.loading import load_model, place
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.fitting import fit_request
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.settings.settings import Settings

_Writer = Callable[[int], list[str]]
_PLAIN = "plain loop"


def measure(args: argparse.Namespace, run: FinishedRun) -> dict[str, Any]:
    """Tokens per second of every side and batch size, and the ratios to the plain loop."""
    model, tokenizer = load_model(run.artifacts["reinforce"].folder, device=run.device)
    prompts = stage_prompts(args.prompts, run, tokenizer)
    sides: dict[str, _Writer] = {}
    for size in args.batches:
        sides[f"{_PLAIN}, {size}"] = _plain_side(model, tokenizer, prompts, size, run)
    for size in args.batches:
        sides |= _engine_sides(prompts, size, run)
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    lengths: dict[str, float] = {}
    with tqdm(total=args.rounds * len(sides), desc="generation", unit="pass", leave=False) as bar:
        for turn in range(args.rounds):
            for name, write in sides.items():
                start = perf_counter()
                texts = write(turn)
                spent = perf_counter() - start
                tokens = sum(len(ids) + 1 for ids in tokenizer(texts, add_special_tokens=False)["input_ids"])
                speeds[name].append(tokens / spent)
                lengths[name] = round(tokens / len(texts), 1)
                bar.update()
    figures = {name: {"tokens_per_second": summary(speeds[name]), "tokens_per_reason": lengths[name]} for name in sides}
    medians = {name: figures[name]["tokens_per_second"]["median"] for name in sides}
    plain = {name: value for name, value in medians.items() if name.startswith(_PLAIN)}
    return {
        "prompts": len(prompts),
        "prompt_tokens": round(float(np.mean([len(prompt_tokens(tokenizer, prompt)) for prompt in prompts])), 1),
        "sides": figures,
        "ratios": {
            name: {loop: round(value / base, 2) for loop, base in plain.items()}
            for name, value in medians.items()
            if name not in plain
        },
    }


def _plain_side(model: Any, tokenizer: Any, prompts: list[list[Message]], size: int, run: FinishedRun) -> _Writer:
    return lambda _: list(plain_loop(model, tokenizer, prompts, size, run.settings, run.device))


def _engine_sides(prompts: list[list[Message]], size: int, run: FinishedRun) -> dict[str, _Writer]:
    sides: dict[str, _Writer] = {}
    for engine, weights in (("transformers", "float32"), ("ctranslate2", "float32"), ("ctranslate2", "int8")):
        if find_spec(engine) is None:
            continue
        settings = run.changed(generate={"engine": engine, "batch_size": size}, ctranslate2={"type": weights})
        name = engine if engine == "transformers" else f"{engine} {weights}"
        writer = run.engine(f"{engine}-{weights}-{size}", settings)

        def write(turn: int, writer: Any = writer) -> list[str]:
            written: list[str] = writer.write(
                prompts, temperature=run.settings.generate.temperature, seed=f"{run.seed}/{turn}"
            )
            return written

        sides[f"{name}, {size}"] = write
    return sides


def stage_prompts(count: int, run: FinishedRun, tokenizer: Any) -> list[list[Message]]:
    """First prompts of stage 5, in its order, evenly taken over all of its reasons."""
    records, settings = run.records, run.settings
    chosen = np.linspace(0, len(records) - 1, min(count, len(records))).astype(int)
    prompts = prompt_builder(settings)
    return [
        fit_request(tokenizer, prompts, ReasonRequest(records[row].evidence), settings.llm.max_prompt_tokens)
        for row in chosen
    ]


@torch.no_grad()
def plain_loop(
    model: Any, tokenizer: Any, prompts: list[list[Message]], size: int, settings: Settings, device: torch.device
) -> Iterator[str]:
    """What one writes first: batches in the given order through ``model.generate``."""
    model = place(model, device).eval()
    ends = end_tokens(tokenizer, model.generation_config)
    for start in range(0, len(prompts), size):
        texts = [
            tokenizer.apply_chat_template(prompt, add_generation_prompt=True, tokenize=False)
            for prompt in prompts[start : start + size]
        ]
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False).to(device)
        output = model.generate(
            **inputs,
            do_sample=True,
            temperature=settings.generate.temperature,
            top_k=0,
            max_new_tokens=settings.llm.longest_reason,
            pad_token_id=tokenizer.pad_token_id,
        )
        for row in output[:, inputs["input_ids"].shape[1] :].tolist():
            stop = next((place for place, token in enumerate(row) if token in ends), len(row))
            yield tokenizer.decode(row[:stop])
