"""Replacements for the parts of RecBole that run code from a file or a setting: none of them does any more.

RecBole unpickles saved datasets and loaders as soon as they lie in ``checkpoint_dir``, lets an array file bring objects
of its own, and evaluates names and values as Python; ``install.py`` applies these replacements.
"""

from __future__ import annotations

import ast
import logging
import os
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recbole_curec.errors import ConfigurationError, DataError, in_one_line
from recbole_curec.plugin.checkpoints import load_plain, save_plain
from recbole_curec.plugin.stand_in import StandIn

logger = logging.getLogger(__name__)

_SAVED_DATA = ("save_dataset", "save_dataloaders", "dataset_save_path", "dataloaders_save_path")
_TEACHERS = ("CrossNet", "CIN")


def check_no_saved_data(given: Mapping[str, Any]) -> None:
    """Check that a run neither keeps nor reuses a pickled dataset.

    RecBole compares few settings, and never the data, with those a saved dataset was made from, so that a run reports
    metrics of another split or of old data; and unpickling a file runs whatever code it holds.

    Args:
        given: Settings that the user gave.

    Raises:
        ConfigurationError: One of RecBole's settings for saved datasets is set.
    """
    for key in _SAVED_DATA:
        if given.get(key):
            raise ConfigurationError(
                f"{key}: {given[key]} cannot be used: RecBole would reuse the saved data after the file or the split "
                f"has changed, and unpickling runs code from the file: remove {key} (the dataset's files are read "
                "again in every run)."
            )


def os_without_saved_data() -> StandIn:
    """Stands for ``os`` inside ``recbole.data.utils``, which asks it only whether a pickled dataset or loader exists.

    None ever does, so nothing is unpickled, also by functions that a program had imported before they were patched.
    """
    return StandIn(os, path=types.SimpleNamespace(join=os.path.join, exists=_ignore_saved_data))


def _ignore_saved_data(file: str) -> bool:
    if Path(file).exists():
        logger.warning("'%s' is not read: the dataset is made from its own files in every run; delete it", file)
    return False


def numpy_without_pickles() -> StandIn:
    """Stands for ``numpy`` inside ``LDiffRec``'s module, whose ``item_emb.npy`` RecBole loads with pickle."""
    return StandIn(np, load=_load_array)


def _load_array(path: str, **_ignored: Any) -> Any:
    fix = "write it with numpy.save from an array of numbers, one row per item"
    try:
        array = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise DataError(f"'{path}' does not exist, and n_cate above 1 needs it: {fix}, or set n_cate: 1.") from error
    except (OSError, ValueError, EOFError) as error:
        reason = in_one_line(error)
        raise DataError(f"'{path}' cannot be read as an array of numbers ({reason}): {fix}.") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise DataError(f"'{path}' holds no array of numbers: {fix}.")
    return array


def torch_with_plain_files() -> StandIn:
    """Stands for ``torch`` inside RecBole's modules that save or load files: these hold only plain data.

    torch>=2.6 refuses to load RecBole's pickled ``Config``, and would unpickle anything if an environment variable
    told it to.
    """
    return StandIn(torch, save=save_plain, load=load_plain)


def named_teacher(module: types.ModuleType) -> Callable[[str], type[Any]]:
    """Replaces ``eval`` inside ``KD_DAGFM``'s module: finds the class that the setting ``teacher`` names.

    Args:
        module: The module that defines the classes.
    """

    def find(name: str) -> type[Any]:
        if name not in _TEACHERS:
            raise ConfigurationError(f"teacher: {name} is no network of KD_DAGFM: give one of {', '.join(_TEACHERS)}.")
        found: type[Any] = getattr(module, name)
        return found

    return find


def literal(text: str) -> Any:
    """Replaces ``eval`` inside RecBole's hyper-parameter search: reads a list of numbers or texts.

    Raises:
        ConfigurationError: The text is not a Python literal.
    """
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ConfigurationError(
            f"choice {text!r} of the parameter file cannot be read: give a list such as [0.01,0.001] or ['a','b']."
        ) from error
