"""Checks of names of pretrained models before anything is loaded or a network is asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.gguf_files import PACKAGES, check_gguf, gguf_file
from recbole_curec.settings.sections import TINY
from recbole_curec.suggestions import nearest


def check_near(name: str, words: Iterable[str], setting: str) -> None:
    """Check that a name that is no folder is not one of the known words, misspelt.

    Such a name would be looked up at the model hub, which takes long and finds at best somebody else's model.

    Raises:
        ConfigurationError: It nearly is such a word.
    """
    if "/" in name or Path(name).expanduser().exists():
        return
    near = nearest(name.strip(), words)
    if near is not None:
        raise ConfigurationError(
            f"{setting}={name!r} is no folder and looks like {near!r}: write {near!r}, or give a folder or a hub name "
            "with its organisation, such as Qwen/Qwen3-1.7B."
        )


def check_language_model(llm: str) -> None:
    """Check that ``llm``, if it looks like a path, is the folder of a model or a GGUF file.

    Raises:
        ConfigurationError: The folder does not exist, holds no model configuration, or holds an adapter; the file is
            no GGUF file, or a package is missing; or the name is nearly ``tiny`` or another known word.
    """
    if llm == TINY:
        return
    file = gguf_file(llm)
    if file is not None:
        check_gguf(llm, file)
        return
    check_near(llm, [TINY, *PACKAGES], "llm")
    path = Path(llm).expanduser()
    looks_like_path = llm.startswith((".", "~", "/")) or llm.count("/") > 1 or path.exists()
    if looks_like_path and not (path / "config.json").is_file():
        reason = "holds no config.json" if path.exists() else "does not exist"
        raise ConfigurationError(
            f"llm={llm!r} {reason}: give a folder saved with save_pretrained, a GGUF file, a hub name such as "
            "Qwen/Qwen3-1.7B, 'smollm2' or 'tiny'."
        )
    if (path / "adapter_config.json").is_file():
        raise ConfigurationError(
            f"llm={llm!r} holds an adapter beside a model, and which of both is meant is not known: merge them, or "
            "give a folder without adapter_config.json."
        )
