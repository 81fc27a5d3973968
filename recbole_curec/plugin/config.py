"""RecBole's ``Config`` with CURec's settings: layers of defaults, checks, and construction without a command line."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from recbole.config import Config

from recbole_curec.backbones.facts import backbone_facts
from recbole_curec.backbones.lookup import (
    OUR_MODELS,
    RATING_MODEL,
    backbone_class,
    check_model_name,
    is_ours,
    model_class,
    model_types,
)
from recbole_curec.errors import ConfigurationError, CURecError, shown
from recbole_curec.plugin import recbole_keys
from recbole_curec.plugin.arguments import parse_value
from recbole_curec.plugin.backbone_settings import following
from recbole_curec.plugin.checks.candidate import Candidate
from recbole_curec.plugin.checks.ranges import gpu_text
from recbole_curec.plugin.checks.table import FILES, SETTINGS, run_checks
from recbole_curec.plugin.config_checks import known_names
from recbole_curec.plugin.dataset_checks import check_dataset_name
from recbole_curec.plugin.given_values import cleaned
from recbole_curec.plugin.misread_values import about_a_value
from recbole_curec.plugin.shipped_layers import dataset_layer, language_model_layer, read_layer
from recbole_curec.plugin.tuned_files import note_tuned, tuned_of
from recbole_curec.plugin.tuned_sections import split_tuned
from recbole_curec.plugin.untrusted_files import check_no_saved_data
from recbole_curec.plugin.yaml_files import NumberLoader, read_yaml, shipped_yaml
from recbole_curec.processes import world
from recbole_curec.settings.sections import LOSS_TYPES
from recbole_curec.settings.settings import canonical, full_names, public_settings, secret_names, setting_defaults
from recbole_curec.settings.travel import settings_of

# Settings that make two runs comparable: load_config gives plain RecBole models our defaults for these too.
_PROTOCOL = ("eval_args", "repeatable", "metrics", "topk", "valid_metric")
# Settings that name the columns of the interaction file which our models load.
_OF_INTERACTIONS = ("USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD")
_OF_RATINGS = (*_OF_INTERACTIONS, "LABEL_FIELD")
_ALIASES = "curec_aliases"
_GIVEN = "curec_given"
_PRESET = "curec_preset"


def load_config_files(config: Any, file_list: Sequence[str] | None) -> dict[str, Any]:
    """Replaces ``Config._load_config_files``: reads strictly, and merges sections setting by setting."""
    merged: dict[str, Any] = {}
    files = []
    for path in file_list or ():
        content, section = split_tuned(read_yaml(path), str(path))
        files.append((_canonical(config, content), section))
        merged.update(files[-1][0])
    note_tuned(config, files)
    return merged


def build_yaml_loader(_config: Any) -> type[NumberLoader]:
    """Replaces ``Config._build_yaml_loader``, which adds a rule to PyYAML's own class with every config."""
    return NumberLoader


def update_internal_config_dict(config: Any, file: str) -> dict[str, Any]:
    """Replaces ``Config._update_internal_config_dict``: RecBole's own YAML files are parsed once."""
    found = copy.deepcopy(shipped_yaml(Path(file)))
    config.internal_config_dict.update(found)
    return found


def merge_external_config_dict(config: Any, original: Callable[[Any], None]) -> None:
    """Replaces ``Config._merge_external_config_dict``: puts the dict and the command line under full names."""
    for layer in ("variable_config_dict", "cmd_config_dict"):
        setattr(config, layer, _canonical(config, getattr(config, layer)))
    original(config)


def convert_config_dict(_config: Any, config_dict: dict[str, Any]) -> dict[str, Any]:
    """Replaces ``Config._convert_config_dict``, which calls ``eval``."""
    return {key: parse_value(key, value) if isinstance(value, str) else value for key, value in config_dict.items()}


def load_internal_config_dict(
    config: Any, original: Callable[..., None], model: str, model_type: Any, dataset: str
) -> None:
    """Replaces ``Config._load_internal_config_dict``: puts our defaults between RecBole's and the user's settings.

    Precedence, lowest first: RecBole's overall defaults, RecBole's backbone defaults, ``curec.yaml``,
    ``model/<Model>.yaml``, ``reviews.yaml`` where reviews are read, RecBole's dataset defaults, our
    ``dataset/<dataset>.yaml``, our ``llm/<llm>.yaml``, config files with their sections ``tuned``, dict, command
    line.
    """
    tuned = tuned_of(config, model)
    config.external_config_dict.update(tuned)
    check_no_saved_data(config.external_config_dict)
    if is_ours(model) or "curec_checked" in config.__dict__:
        check_dataset_name(dataset)
    if model == RATING_MODEL:
        _layer_rating(config, original, model_type, dataset)
        return
    if model not in OUR_MODELS:
        original(config, model, model_type, dataset)
        if not config.__dict__.get("curec_checked"):
            # A plain RecBole model may have its own setting named 'fusion', or a mapping that is not a section.
            config.external_config_dict = {**config.__dict__[_GIVEN], **tuned}
        _keep_shared_names(config)
        _layer_plain(config, model, dataset)
        return
    _rename_shared_names(config)
    ours = _our_layers(config, model, dataset)
    backbone_name = {**ours, **config.external_config_dict}.get("recommend.backbone")
    backbone = backbone_class(backbone_name, OUR_MODELS[model])
    original(config, backbone.__name__, model_type, dataset)
    config.internal_config_dict.update(backbone_facts(str(backbone_name), OUR_MODELS[model]).defaults)
    if "load_col" not in ours:
        ours["load_col"] = _columns({**config.internal_config_dict, **ours, **config.external_config_dict})
    config.internal_config_dict.update(ours)
    if config.external_config_dict.get("recommend.train_mode", "") is None:
        del config.external_config_dict["recommend.train_mode"]  # '~' is the same as no value
    final = {**config.internal_config_dict, **config.external_config_dict}
    config.internal_config_dict.update(following(final, config.external_config_dict, model, backbone))
    _check(config, model, backbone, OUR_MODELS[model])
    config.curec_backbone = backbone


def set_default_parameters(config: Any, original: Callable[[Any], None]) -> None:
    """Replaces ``Config._set_default_parameters``: takes the kind of training batch from the backbone."""
    original(config)
    if not secret_names().keys().isdisjoint(config.final_config_dict):
        settings_of(config)  # keeps the whole values; the config itself is logged, stored and sent to loggers
        config.final_config_dict = public_settings(config.final_config_dict)
    backbone = config.__dict__.get("curec_backbone")
    if backbone is not None and hasattr(backbone, "input_type"):
        # One class of ours wraps every backbone, so its own input_type says nothing about this run.
        config.final_config_dict["MODEL_INPUT_TYPE"] = backbone.input_type


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two layers of settings merged setting by setting, under full names; ``above`` takes precedence."""
    known = recbole_keys.known_keys()
    return {**canonical(below, known)[0], **canonical(above, known)[0]}


def used_aliases(config: Any) -> dict[str, str]:
    """The flat names used in a run's settings, with their full names."""
    return dict(config.__dict__.get(_ALIASES, {}))


def preset_note(config: Any) -> str:
    """A sentence about the defaults that the language model brings; empty if it brings none."""
    return str(config.__dict__.get(_PRESET, ""))


def _canonical(config: Any, layer: Mapping[str, Any]) -> dict[str, Any]:
    layer = cleaned(layer)
    found, used = canonical(layer, recbole_keys.known_keys())
    config.__dict__.setdefault(_ALIASES, {}).update(used)
    config.__dict__.setdefault(_GIVEN, {}).update(layer)
    return found


class _CheckedConfig(Config):  # type: ignore[misc]
    """RecBole's ``Config`` for :func:`load_config`: never reads ``sys.argv``, reads files strictly."""

    def __init__(
        self, model: Any, dataset: Any, files: Sequence[str], overrides: Mapping[str, Any], check: bool
    ) -> None:
        self.curec_checked = check
        super().__init__(model=model, dataset=dataset, config_file_list=list(files), config_dict=dict(overrides))

    def _load_cmd_line(self) -> dict[str, Any]:
        return {}

    def _init_device(self) -> None:
        # RecBole hides every GPU except gpu_id from the process; by default that is the first one.
        processes = world()
        self.final_config_dict["gpu_id"] = gpu_text(self.final_config_dict["gpu_id"])
        if processes.size > 1 and "gpu_id" not in self.external_config_dict:
            numbers = ",".join(map(str, range(processes.local_size)))
            self.final_config_dict["gpu_id"] = os.environ.get("CUDA_VISIBLE_DEVICES", numbers)
        if not self.final_config_dict["use_gpu"]:
            self.final_config_dict["gpu_id"] = ""  # RecBole asks use_gpu only where it logs the memory in use
        super()._init_device()
        if processes.size > 1 and self.final_config_dict["device"].type == "cuda":
            self.final_config_dict["device"] = torch.device("cuda", processes.local_rank)

    def _get_model_and_dataset(self, model: Any, dataset: Any) -> tuple[str, type[Any], str]:
        name = check_model_name(model or self.external_config_dict.get("model"))
        dataset = dataset or self.external_config_dict.get("dataset")
        if dataset is not None and not isinstance(dataset, str):
            raise ConfigurationError(f"dataset={shown(dataset)} cannot be used: it must be text: write it in quotes.")
        if not dataset:
            raise ConfigurationError(
                "No dataset is given: set --dataset=ml-100k, or 'dataset: ml-100k' in a config file."
            )
        return name, model_class(name), dataset


def load_config(
    model: str | None,
    dataset: str | None,
    config_files: Sequence[str | Path] = (),
    overrides: Mapping[str, Any] | None = None,
    check: bool = True,
) -> Any:
    """Build a RecBole ``Config`` for one of our models or any plain one, without reading ``sys.argv``.

    A plain model gets the same protocol (split, metrics, validation metric) and the same tuned settings for this
    dataset as a CURec run over that backbone, so that the two can be compared; the user's settings take precedence.

    Args:
        model: Model name; None takes it from ``overrides`` or the files.
        dataset: Dataset name; None takes it from ``overrides`` or the files.
        config_files: YAML files; later ones take precedence.
        overrides: Settings that override the files; text is parsed as RecBole parses it, but never executed.
        check: Whether to check keys, types, combinations and the dataset's files.

    Raises:
        ConfigurationError: A name, file, key, value or combination is wrong.
        DataError: The dataset's files cannot be used.
    """
    given = [config_files] if isinstance(config_files, str | Path) else config_files
    files = [str(path) for path in given]
    try:
        config = _CheckedConfig(model, dataset, files, overrides or {}, check)
    except CURecError:
        raise
    except Exception as error:
        layers = [*map(read_yaml, files), overrides or {}]
        values = {key: value for layer in layers for key, value in layer.items()}
        message = about_a_value(error, values, lambda rest: _CheckedConfig(model, dataset, [], rest, check=False))
        raise ConfigurationError(message) from error
    if check:
        run_checks(FILES, config)
    return config


def _rename_shared_names(config: Any) -> None:
    """For our models, read flat names that a RecBole model also uses (``teacher``, of KD_DAGFM) as our settings."""
    given = config.external_config_dict
    for alias in set(given) & set(full_names()) & recbole_keys.known_keys():
        full = full_names()[alias]
        given.setdefault(full, given.pop(alias))
        config.__dict__.setdefault(_ALIASES, {})[alias] = full


def _keep_shared_names(config: Any) -> None:
    """For a plain model, keep such a name for RecBole: our setting has its full name, which is read first."""
    given = {**config.internal_config_dict, **config.external_config_dict}
    for alias in set(given) & set(full_names()) & recbole_keys.known_keys():
        config.internal_config_dict[full_names()[alias]] = setting_defaults()[full_names()[alias]]


def _our_layers(config: Any, model: str, dataset: str) -> dict[str, Any]:
    """Our defaults and RecBole's dataset defaults, merged."""
    layers = read_layer("curec.yaml") | read_layer("model", f"{model}.yaml")
    source = {**layers, **config.external_config_dict}.get("encode.reason_source")
    if model == RATING_MODEL or source == "reviews":
        layers |= read_layer("reviews.yaml")
    recbole_dataset = recbole_keys.dataset_defaults(dataset)
    trained = {**layers, **config.external_config_dict}.get("recommend.backbone") if model in OUR_MODELS else model
    layers |= recbole_dataset | dataset_layer(dataset, model, trained)
    preset = language_model_layer({**layers, **config.external_config_dict}.get("llm.name"))
    layers |= preset.values
    config.__dict__[_PRESET] = preset.note
    loss = {**layers, **config.external_config_dict}.get("recommend.loss")
    if isinstance(loss, str) and loss in LOSS_TYPES:
        layers["loss_type"] = LOSS_TYPES[loss]
    return layers


def _layer_rating(config: Any, original: Callable[..., None], model_type: Any, dataset: str) -> None:
    """Add our defaults to the config of the rating model, and check it."""
    _rename_shared_names(config)
    ours = _our_layers(config, RATING_MODEL, dataset)
    # RecBole's defaults for ml-100k normalise ratings.
    ours |= {"normalize_all": False, "normalize_field": None}
    original(config, RATING_MODEL, model_type, dataset)
    columns = _columns({**config.internal_config_dict, **ours, **config.external_config_dict}, _OF_RATINGS)["inter"]
    # A dataset's defaults may be for models that know no ratings.
    listed = (ours.get("load_col") or {}).get("inter", [])
    ours["load_col"] = {**(ours.get("load_col") or {}), "inter": list(dict.fromkeys([*listed, *columns]))}
    config.internal_config_dict.update(ours)
    _check(config, RATING_MODEL, config.model_class, model_types()[RATING_MODEL])


def _layer_plain(config: Any, model: str, dataset: str) -> None:
    """Add protocol and tuned settings to the config of a plain RecBole model, and check it; for :func:`load_config`."""
    if "curec_checked" not in config.__dict__:
        return
    internal = config.internal_config_dict
    kind = model_types().get(model, "")
    ours = {found: name for name, found in OUR_MODELS.items()}
    if kind in ours:
        protocol = read_layer("model", f"{ours[kind]}.yaml")
        internal.update({key: protocol[key] for key in _PROTOCOL if key in protocol})
        internal.update(dataset_layer(dataset, model, model))
        if kind == "sequential" and not recbole_keys.dataset_defaults(dataset):
            internal["load_col"] = _columns({**internal, **config.external_config_dict})
        final = {**internal, **config.external_config_dict}
        given = config.external_config_dict.get("train_neg_sample_args")
        if kind == "sequential" and final.get("loss_type") == "CE" and not hasattr(config.model_class, "input_type"):
            if given is not None:
                raise ConfigurationError(
                    f"train_neg_sample_args: {given} cannot be used with loss_type: CE, which scores every item: set "
                    "train_neg_sample_args: ~ or loss_type: BPR."
                )
            internal["train_neg_sample_args"] = None
    if config.curec_checked:
        given = config.external_config_dict
        run_checks(SETTINGS, Candidate(given, {**internal, **given}, model, config.model_class, kind))


def _columns(values: Mapping[str, Any], keys: Sequence[str] = _OF_INTERACTIONS) -> dict[str, list[str]]:
    # RecBole's fallback for unknown datasets does not load the time column, which a sequential model needs.
    return {"inter": [values[key] for key in keys if values.get(key)]}


def _check(config: Any, model: str, trained: type[Any], kind: str) -> None:
    given, final = config.external_config_dict, {**config.internal_config_dict, **config.external_config_dict}
    if "curec_checked" in config.__dict__ and not config.curec_checked:
        return
    # RecBole reads sys.argv of any program ("pytest --durations=5"), which may hold arguments of that program.
    stray = set(config.cmd_config_dict) - known_names(final)
    ours = {key: value for key, value in given.items() if key not in stray}
    launched = "curec_checked" not in config.__dict__
    run_checks(SETTINGS, Candidate(ours, final, model, trained, kind, launched))
