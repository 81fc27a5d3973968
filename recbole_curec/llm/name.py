"""Check of the setting ``llm.name`` before anything is loaded."""

from __future__ import annotations

from pathlib import Path

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.sections import TINY


def check_language_model(llm: str) -> None:
    """Check that ``llm``, if it looks like a path, is the folder of a model.

    Raises:
        ConfigurationError: The folder does not exist or holds no model configuration.
    """
    if llm == TINY:
        return
    path = Path(llm).expanduser()
    looks_like_path = llm.startswith((".", "~", "/")) or llm.count("/") > 1 or path.exists()
    if looks_like_path and not (path / "config.json").is_file():
        reason = "holds no config.json" if path.exists() else "does not exist"
        raise ConfigurationError(
            f"llm={llm!r} {reason}: give a folder saved with save_pretrained, a hub name such as Qwen/Qwen3-1.7B, "
            "or 'tiny'."
        )
