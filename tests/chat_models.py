"""Tokenizers in the manner of the tiny model, of Qwen and of Llama, small and made on the spot."""

from __future__ import annotations

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from recbole_curec.llm.tiny_model import train_tokenizer

CORPUS = ["History: none Target: fans of Heat take it: strong. You may like it because it is popular."] * 4
QWEN_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n<think>\\n' -}}{%- endif -%}"
)
LLAMA_TEMPLATE = (
    "{{- bos_token -}}"
    "{%- for message in messages -%}"
    "{%- if message.role == 'system' -%}{{- raise_exception('System role not supported') -}}{%- endif -%}"
    "{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}{%- endif -%}"
)


def _byte_level(special: list[str], **names: str) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, padding_side="left", **names)


def tiny_tokenizer() -> PreTrainedTokenizerBase:
    """The tiny model's."""
    return train_tokenizer(CORPUS, 400, ['"Heat"', "Crime"])


def qwen_tokenizer() -> PreTrainedTokenizerBase:
    """ChatML, think tags as special tokens, and control tokens made of ordinary characters."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "[CTRL]", "\u00a7end\u00a7"]
    tokenizer = _byte_level(special, pad_token="<|endoftext|>", eos_token="<|im_end|>")
    tokenizer.chat_template = QWEN_TEMPLATE
    return tokenizer


def llama_tokenizer() -> PreTrainedTokenizerBase:
    """Llama 3's headers, contents trimmed, no system role, and a control token that swallows the spaces around it."""
    special = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "[INST]", "[CTRL]"]
    tokenizer = _byte_level(special, pad_token="<|eot_id|>", eos_token="<|eot_id|>", bos_token="<|begin_of_text|>")
    tokenizer.add_tokens([AddedToken("END_OF_TURN", lstrip=True, rstrip=True, special=True)], special_tokens=True)
    tokenizer.chat_template = LLAMA_TEMPLATE
    return tokenizer


def chatml_tokenizer() -> PreTrainedTokenizerBase:
    """SmolLM2's: ChatML, think tags of ordinary tokens, turns that begin with its start token, padding with its end."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer = _byte_level(special, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>")
    tokenizer.chat_template = QWEN_TEMPLATE.replace("<think>\\n", "")
    return tokenizer


TOKENIZERS = {"tiny": tiny_tokenizer, "qwen": qwen_tokenizer, "llama": llama_tokenizer, "chatml": chatml_tokenizer}
