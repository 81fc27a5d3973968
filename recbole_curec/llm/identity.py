"""Identification of a pretrained model by its contents instead of its name, for fingerprints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recbole_curec.errors import ConfigurationError
from recbole_curec.pipeline.fingerprint import folder_fingerprint

_SMALL_FILES = ("config.json", "modules.json")


def model_contents(name: str, revision: str | None, setting: str) -> Mapping[str, Any]:
    """Hash of a model folder's contents, or the commit of a hub repository.

    Args:
        name: Path or hub name.
        revision: Branch, tag or commit of a hub repository; None is its main branch.
        setting: Setting that names the model, for the message.

    Raises:
        ConfigurationError: It is not a folder, and the hub does not know it or cannot be reached.
    """
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return {"contents": folder_fingerprint(folder)}
    return {"hub": name, "commit": _commit(name, revision, setting)}


def _commit(name: str, revision: str | None, setting: str) -> str:
    """The commit that a revision stands for, from the local cache of the hub or from the hub itself."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    first: Exception | None = None
    reachable = True
    for file in _SMALL_FILES:
        try:
            # After one failed connection only the local cache is read; any one of the files gives the commit.
            path = Path(hf_hub_download(name, file, revision=revision, local_files_only=not reachable))
        except (HFValidationError, HfHubHTTPError, OSError) as error:
            first = first or error
            reachable = reachable and not isinstance(error, LocalEntryNotFoundError)
            continue
        return path.parent.name  # <cache>/models--<name>/snapshots/<commit>/<file>
    first_line = (str(first).strip().splitlines() or ["no reason given"])[0]
    raise ConfigurationError(
        f"{setting}={name!r} is no folder, and the model hub does not give it ({first_line}): give a folder saved with "
        "save_pretrained, or a hub name that can be reached."
    ) from first
