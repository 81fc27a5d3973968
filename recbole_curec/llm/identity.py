"""Identification of a pretrained model by its contents instead of its name, for fingerprints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recbole_curec.errors import ConfigurationError, first_line
from recbole_curec.llm.gguf_files import gguf_file
from recbole_curec.pipeline.fingerprint import cached_file_hash, folder_fingerprint
from recbole_curec.settings.sections import LanguageModelSettings

# Seconds to wait for the hub.
_PATIENCE = 10
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


def language_model_contents(llm: LanguageModelSettings) -> Mapping[str, Any]:
    """The same for the language model that the settings name; a GGUF model is known by its file.

    Raises:
        ConfigurationError: There is no such model.
    """
    file = gguf_file(llm.name)
    return model_contents(llm.name, llm.revision, "llm") if file is None else {"contents": cached_file_hash(file)}


def _commit(name: str, revision: str | None, setting: str) -> str:
    """The commit that a revision stands for, from the hub, or from its local cache where the hub cannot be reached."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # The base of all errors of the HTTP library that the hub's client uses, which changed between its versions.
    unreachable: Any = HfHubHTTPError.__mro__[1]
    try:
        # Asked once and not waited for long: the hub's own download would try again for half a minute.
        return str(HfApi().model_info(name, revision=revision, timeout=_PATIENCE).sha)
    except (HFValidationError, RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise _unknown(name, setting, error) from error
    except (unreachable, OSError) as error:
        commit = _cached_commit(name, revision)
        if commit is None:
            raise _unknown(name, setting, error) from error
        return commit


def _cached_commit(name: str, revision: str | None) -> str | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    for file in _SMALL_FILES:
        try:
            path = Path(hf_hub_download(name, file, revision=revision, local_files_only=True))
        except LocalEntryNotFoundError:
            continue
        return path.parent.name  # <cache>/models--<name>/snapshots/<commit>/<file>
    return None


def _unknown(name: str, setting: str, error: Exception) -> ConfigurationError:
    reason = first_line(error) or "no reason given"
    return ConfigurationError(
        f"{setting}={name!r} is no folder, and the model hub does not give it ({reason}): give a folder saved with "
        "save_pretrained, or a hub name that can be reached."
    )
