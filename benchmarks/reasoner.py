"""How fast the language model writes and learns: every engine, SFT and GRPO, and a real size on a GPU.

    python benchmarks/reasoner.py --dataset=ml-100k
    python benchmarks/reasoner.py --parts random --size 1.7B --device cuda

Generation is that of stage 5: its prompts, the model that RL left, sampling. The plain loop it is compared with calls
``model.generate`` batch after batch in the order of the reasons. Tokens count up to a completion's end token; the sides
are timed in turn, and a ratio is that of medians. SFT, beside TRL's own trainer, and GRPO, beside itself with padded
rollouts that transformers samples, are timed step by step, the
first steps left out. Stages that are not there yet are run first.

``random`` builds a Qwen3 of the given size with random weights and reports the share of the memory bandwidth reached:
a decoding step must read every weight and the keys and values of the batch once, and the limit is the time this takes
at the speed of a large copy on the same device.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import measuring
import reasoner_bandwidth
import reasoner_generation
import reasoner_training
import torch
from finished_run import FinishedRun

from recbole_curec.plugin.config import load_config

_PARTS = ("generation", "sft", "grpo", "random")


def main() -> None:
    """Run what the command line asks for."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--parts", nargs="+", choices=_PARTS, default=["generation", "sft", "grpo"])
    options.add_argument("--prompts", type=int, default=512, help="prompts written by each side in a round")
    options.add_argument("--rounds", type=int, default=3, help="timings of each side, taken in turn")
    options.add_argument("--batches", type=int, nargs="+", default=[8, 32, 128], help="batch sizes of every side")
    options.add_argument("--steps", type=int, default=12, help="SFT and GRPO steps that are timed")
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--size", choices=reasoner_bandwidth.SIZES, default="1.7B", help="of the random weights")
    options.add_argument("--random_batch", type=int, default=64, help="prompts per batch of the random weights")
    options.add_argument("--random_tokens", type=int, default=64, help="tokens the random weights write per prompt")
    args, given = measuring.read(options)
    record: dict[str, Any] = {"parts": args.parts, "device": args.device, "rounds": args.rounds}
    name = args.size if args.parts == ["random"] else args.dataset
    if "random" in args.parts:
        record["random"] = reasoner_bandwidth.measure(args)
    if set(args.parts) != {"random"}:
        record |= measure_dataset(args, given)
    path = measuring.store(args.out, f"reasoner_{name}", record, args.threads)
    print("\n".join(lines(record)))
    print(path)


def lines(record: dict[str, Any]) -> list[str]:
    """The medians, as text."""
    shown = []
    if "generation" in record:
        ratios = record["generation"]["ratios"]
        shown.append("generation, tokens per second (and as a multiple of the plain loop's)")
        for name, side in record["generation"]["sides"].items():
            multiples = ", ".join(f"{ratio} of {loop}" for loop, ratio in ratios.get(name, {}).items())
            shown.append(f"  {name:24} {side['tokens_per_second']['median']:>9,.0f}  {multiples}")
    if "sft" in record:
        ours, theirs = (record["sft"]["examples_per_second"][name]["median"] for name in ("curec", "trl"))
        shown.append(f"SFT: {ours:,.1f} examples per second, TRL's trainer {theirs:,.1f}")
    if "grpo" in record:
        ours, theirs = (record["grpo"]["completions_per_second"][name]["median"] for name in ("curec", "padded"))
        ratio = record["grpo"]["ratio"]
        shown.append(
            f"GRPO: {ours:,.1f} completions per second, padded and by transformers {theirs:,.1f} ({ratio} times)"
        )
    if "random" in record:
        random = record["random"]
        shown.append(
            f"{random['size']}, random weights: {random['tokens_per_second']['median']:,.0f} tokens per second, "
            f"{random['share_of_bandwidth_limit']:.0%} of the memory bandwidth"
        )
    return shown


def measure_dataset(args: argparse.Namespace, given: dict[str, Any]) -> dict[str, Any]:
    """What is measured with the model of a run."""
    config = load_config("CURec", args.dataset, [], measuring.layers(given, {"num_threads": args.threads}))
    args.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reasoner-", dir=args.scratch) as scratch:
        run = FinishedRun.of(config, Path(scratch), args.seed, torch.device(args.device))
        sections = ("llm", "tiny", "lora", "align", "generate", "reinforce")
        settings = {section: getattr(run.settings, section).model_dump() for section in sections}
        record: dict[str, Any] = {"dataset": args.dataset, "settings": settings}
        if "generation" in args.parts:
            record["generation"] = reasoner_generation.measure(args, run)
        if "sft" in args.parts:
            record["sft"] = reasoner_training.sft(args.steps, args.rounds, run)
        if "grpo" in args.parts:
            record["grpo"] = reasoner_training.grpo(args.steps, args.rounds, run)
    return record


if __name__ == "__main__":
    main()
