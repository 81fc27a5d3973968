"""Decoding speed of a real size with random weights, as a share of what the memory bandwidth allows."""

from __future__ import annotations

import argparse
from time import perf_counter
from typing import Any

import torch
from measuring import summary
from transformers import Qwen3Config, Qwen3ForCausalLM

# Layers, width, inner width, heads, key-value heads, head size, vocabulary: the published configurations of Qwen3, and
# one small enough to try the command.
SIZES = {
    "tiny": (2, 64, 160, 2, 1, 32, 1024),
    "0.6B": (28, 1024, 3072, 16, 8, 128, 151_936),
    "1.7B": (28, 2048, 6144, 16, 8, 128, 151_936),
}


@torch.no_grad()
def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Tokens per second of a real size and the share of the memory bandwidth that decoding reaches."""
    device = torch.device(args.device)
    layers, width, inner, heads, kv_heads, head_dim, vocabulary = SIZES[args.size]
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    torch.manual_seed(args.seed)
    with torch.device(device):
        model: Any = Qwen3ForCausalLM(
            Qwen3Config(
                vocab_size=vocabulary, hidden_size=width, intermediate_size=inner, num_hidden_layers=layers,
                num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=head_dim, tie_word_embeddings=True,
                eos_token_id=None, bos_token_id=None, pad_token_id=0,
            )
        ).to(dtype).eval()  # fmt: skip
    prompt_length, batch, new_tokens = 256, args.random_batch, args.random_tokens
    prompts = torch.randint(1, vocabulary, (batch, prompt_length), device=device)

    def spent(tokens: int) -> float:
        _wait(device)
        start = perf_counter()
        model.generate(prompts, do_sample=True, top_k=0, max_new_tokens=tokens, min_new_tokens=tokens, pad_token_id=0)
        _wait(device)
        return perf_counter() - start

    spent(2)
    # Decoding alone: the prompt and the first token cost the same in both calls.
    decoding = [(spent(new_tokens) - spent(1)) / (new_tokens - 1) for _ in range(args.rounds)]
    whole = [batch * new_tokens / spent(new_tokens) for _ in range(args.rounds)]
    weights = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    context_length = prompt_length + new_tokens / 2
    cache = 2 * layers * batch * context_length * kv_heads * head_dim * torch.finfo(dtype).bits / 8
    bandwidth = copy_bandwidth(device)
    step = summary([value * 1000 for value in decoding])
    return {
        "size": args.size,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "dtype": str(dtype),
        "batch": batch,
        "prompt_tokens": prompt_length,
        "new_tokens": new_tokens,
        "tokens_per_second": summary(whole),
        "decoding_step_ms": step,
        "gigabytes_per_step": round((weights + cache) / 1e9, 3),
        "copy_gigabytes_per_second": round(bandwidth / 1e9, 1),
        "share_of_bandwidth_limit": round((weights + cache) / bandwidth / (step["median"] / 1000), 3),
    }


def copy_bandwidth(device: torch.device) -> float:
    """Bytes per second that a large copy reads and writes, the best of ten."""
    size = (1 << 30) if device.type == "cuda" else (1 << 27)
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = float("inf")
    for _ in range(10):
        _wait(device)
        start = perf_counter()
        target.copy_(source)
        _wait(device)
        best = min(best, perf_counter() - start)
    return 2 * size / best


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
