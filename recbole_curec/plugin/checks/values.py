"""Checks of single settings: names, types, ranges; and, for our models, of settings that have to fit each other."""

from __future__ import annotations

import inspect
import re
import sys

from recbole_curec.backbones.lookup import OUR_MODELS, RATING_MODEL, is_ours
from recbole_curec.errors import ConfigurationError, shown
from recbole_curec.plugin.backbone_settings import named_loss
from recbole_curec.plugin.checks.candidate import Candidate
from recbole_curec.plugin.checks.ranges import check_finite, check_range, is_number, range_of
from recbole_curec.plugin.config_checks import check_curec, check_reccot, unknown_key
from recbole_curec.plugin.recbole_keys import known_keys, model_defaults, wrong_type
from recbole_curec.settings.rank import RankSettings

_LOSSES = re.compile(r"""loss_type(?:\.lower\(\))?\s*==\s*["'](\w+)["']""")
# What RecBole's Config makes batches for, if a model leaves the choice to loss_type.
_BATCHES = {"CE", "BPR"}
_ANY_SIGN = ("SASRecCPR", "GRU4RecCPR")  # count some of their sizes from the end


def check_names(candidate: Candidate) -> None:
    """Check that every given setting is known.

    Raises:
        ConfigurationError: One is not.
    """
    # A plain model's own setting may be named like one of ours, so what RecBole knows is not read as ours.
    own = {key: value for key, value in candidate.given.items() if key not in known_keys()}
    problem = unknown_key(candidate.given, candidate.final if is_ours(candidate.model) else own)
    if problem:
        raise ConfigurationError(problem)


def check_finite_numbers(candidate: Candidate) -> None:
    """Check that no given setting holds nan or an infinite number.

    Raises:
        ConfigurationError: One does.
    """
    for key, value in candidate.given.items():
        check_finite(key, value)


def check_types(candidate: Candidate) -> None:
    """Check the types of given settings of RecBole; ours are checked where they are read.

    Raises:
        ConfigurationError: A value has the wrong type.
    """
    for key, value in candidate.given.items():
        expected = None if "." in key else wrong_type(key, value, candidate.trained.__name__)
        if expected:
            raise ConfigurationError(f"{key}={shown(value)} cannot be used: it must be {expected}.")


def check_ranges(candidate: Candidate) -> None:
    """Check the ranges of given settings of RecBole and of its models.

    Raises:
        ConfigurationError: A value is out of its range.
    """
    own = {} if candidate.trained.__name__ in _ANY_SIGN else model_defaults(candidate.trained.__name__)
    for key, value in candidate.given.items():
        if "." in key:
            continue
        check_range(key, value)
        default = own.get(key)
        if range_of(key) is None and is_number(default) and default >= 0 and is_number(value) and value < 0:
            raise ConfigurationError(f"{key}={value!r} cannot be used: it must be a number of at least 0.")


def check_ours(candidate: Candidate) -> None:
    """Check that the settings of one of our models fit each other; see ``check_curec`` and ``check_reccot``.

    Raises:
        ConfigurationError: They do not, or another model is asked for what only ours do.
    """
    if candidate.model not in OUR_MODELS and RankSettings.read(candidate.given).use == "on":
        ours = next((name for name, kind in OUR_MODELS.items() if kind == candidate.kind), None)
        same = f"set --model={ours} --recommend.backbone={candidate.model} --recommend.fusion=none, or " if ours else ""
        raise ConfigurationError(
            f"rank.use: on ranks the lists of {' and '.join(OUR_MODELS)} again, not those of {candidate.model}: {same}"
            "leave rank.use out."
        )
    if candidate.model in OUR_MODELS:
        check_curec(candidate.final, candidate.model, candidate.trained)
    elif candidate.model == RATING_MODEL:
        check_reccot(candidate.final)


def check_loss(candidate: Candidate) -> None:
    """Check that a model of RecBole knows its ``loss_type``.

    Raises:
        ConfigurationError: It does not.
    """
    key, value = named_loss(candidate.final)
    module = candidate.trained.__module__
    if candidate.final.get("loss_type") is None or not module.startswith("recbole."):
        return
    known = set(_LOSSES.findall(inspect.getsource(sys.modules[module])))
    if not hasattr(candidate.trained, "input_type"):
        known = (known & _BATCHES) or _BATCHES
    loss = str(candidate.final["loss_type"])
    if known and loss not in known and loss.lower() not in known:
        raise ConfigurationError(
            f"{key}={value!r} cannot be used with {candidate.trained.__name__}: it must be one of "
            f"{', '.join(sorted(known))}."
        )
