"""Families of language models by name: a judge prefers what its own family writes, so it must be of another one."""

from __future__ import annotations

import re

from recbole_curec.errors import ConfigurationError

# Beginnings of words in a model's name; models of one maker that share their training are one family.
_FAMILIES = {
    "GPT": ("gpt", "chatgpt", "davinci", r"o[1345](?![0-9b])"),
    "Claude": ("claude",),
    "Gemma and Gemini": ("gemma", "gemini"),
    "Llama": ("llama", "codellama", "vicuna", "alpaca", "tinyllama"),
    "Mistral": ("mistral", "mixtral", "ministral", "magistral", "codestral", "devstral", "zephyr"),
    "Qwen": ("qwen", "qwq", "qvq"),
    "SmolLM": ("smollm",),
    "Phi": (r"phi(?![a-z])",),
    "DeepSeek": ("deepseek",),
    "GLM": ("glm", "chatglm"),
    "Command": ("command", "c4ai", "aya"),
    "Granite": ("granite",),
    "OLMo": ("olmo", "tulu"),
    "Falcon": ("falcon",),
    "Grok": ("grok",),
    "Kimi": ("kimi", "moonlight"),
    "Nemotron": ("nemotron",),
    "Yi": (r"yi(?![a-z])",),
    "InternLM": ("internlm",),
}
_PATTERNS = {
    family: re.compile(f"(?<![a-z])(?:{'|'.join(beginnings)})", re.IGNORECASE)
    for family, beginnings in _FAMILIES.items()
}


def families_of(model: str) -> frozenset[str]:
    """The families that a model's name speaks of; a distilled model may name two, an unknown one none."""
    return frozenset(family for family, pattern in _PATTERNS.items() if pattern.search(model))


def check_families(judge: str, writers: list[str]) -> list[str]:
    """Check by name that the judge is of another family than the writers.

    Args:
        judge: Name of the judging model.
        writers: Names of the models that wrote the explanations.

    Returns:
        What could not be checked, in words, to be said with the result.

    Raises:
        ConfigurationError: Judge and writer are of one family, or have the same name.
    """
    judges = families_of(judge)
    for writer in writers:
        shared = sorted(judges & families_of(writer))
        if shared or writer.casefold() == judge.casefold():
            family = f"the family {shared[0]}" if shared else "one name"
            raise ConfigurationError(
                f"judge.model={judge!r} and the writer {writer!r} are of {family}, and models prefer what their own "
                "family writes: let a model of another family judge."
            )
    doubts = []
    if not writers:
        doubts.append("judge.writers names no model, so that judge and writer may be of one family")
    doubts += [
        f"the family of {name!r} is not known by its name, so that judge and writer may be of one family"
        for name in (judge, *writers)
        if not families_of(name)
    ]
    return doubts
