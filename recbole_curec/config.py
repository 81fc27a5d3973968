"""Settings of a run: our layers inside RecBole's ``Config``, checks, and a way to build one without a command line."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from recbole.config import Config

from recbole_curec import recbole_keys
from recbole_curec.backbone_settings import following
from recbole_curec.compat import parse_text
from recbole_curec.config_checks import check_curec, check_given, check_metrics, unknown_key
from recbole_curec.data.checks import check_dataset_files
from recbole_curec.defaults import properties_file, properties_folder, read_yaml
from recbole_curec.distributed import world
from recbole_curec.errors import ConfigurationError
from recbole_curec.registry import OUR_MODELS, backbone_class, check_model_name, model_class, model_types
from recbole_curec.settings import LOSS_TYPES, text_choices

__all__ = [
    "check_given",
    "install",
    "load_config",
    "parse_arguments",
    "parse_overrides",
    "properties_file",
    "properties_folder",
]

# What makes two runs comparable: taken from our model defaults for plain RecBole models too, when load_config builds
# them.
_PROTOCOL = ("eval_args", "repeatable", "metrics", "topk", "valid_metric")
_installed = False


def install() -> None:
    """Teach RecBole's ``Config`` our models; idempotent, and without effect on other models.

    Precedence, lowest first: RecBole's overall defaults, RecBole's backbone defaults, ``curec.yaml``,
    ``model/<Model>.yaml``, RecBole's dataset defaults, our ``dataset/<dataset>.yaml``, config files, dict, command
    line.
    """
    global _installed
    if _installed:
        return
    load_internal, set_parameters = Config._load_internal_config_dict, Config._set_default_parameters

    @functools.wraps(load_internal)
    def load_internal_config_dict(self: Any, model: str, model_class: Any, dataset: str) -> None:
        if model not in OUR_MODELS:
            load_internal(self, model, model_class, dataset)
            _layer_plain(self, model, dataset)
            return
        ours = _our_layers(self, model, dataset, {})
        backbone_name = {**ours, **self.external_config_dict}.get("backbone")
        backbone = backbone_class(backbone_name, OUR_MODELS[model])
        load_internal(self, backbone.__name__, model_class, dataset)
        self.internal_config_dict.update(_our_layers(self, model, dataset, self.internal_config_dict))
        if self.external_config_dict.get("train_mode", "") is None:
            del self.external_config_dict["train_mode"]  # given as '~', which means what leaving it out means
        final = {**self.internal_config_dict, **self.external_config_dict}
        self.internal_config_dict.update(following(final, self.external_config_dict, model, backbone))
        _check(self, model, backbone)
        self.curec_backbone = backbone

    @functools.wraps(set_parameters)
    def set_default_parameters(self: Any) -> None:
        set_parameters(self)
        backbone = self.__dict__.get("curec_backbone")
        if backbone is not None and hasattr(backbone, "input_type"):
            # One class of ours serves every backbone, so the loader's input follows the run's backbone.
            self.final_config_dict["MODEL_INPUT_TYPE"] = backbone.input_type

    Config._load_internal_config_dict = load_internal_config_dict
    Config._set_default_parameters = set_default_parameters
    _installed = True


class _CheckedConfig(Config):  # type: ignore[misc]
    """RecBole's ``Config`` for :func:`load_config`: never reads ``sys.argv``, reads files strictly."""

    def __init__(
        self, model: Any, dataset: Any, files: Sequence[str], overrides: Mapping[str, Any], check: bool
    ) -> None:
        self.curec_checked = check
        super().__init__(model=model, dataset=dataset, config_file_list=list(files), config_dict=dict(overrides))

    def _load_config_files(self, file_list: Sequence[str]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for path in file_list:
            merged.update(read_yaml(path, self.yaml_loader))
        return merged

    def _load_cmd_line(self) -> dict[str, Any]:
        return {}

    def _init_device(self) -> None:
        # RecBole hides every GPU but gpu_id, by default the first, from the process.
        processes = world()
        if processes.size > 1 and "gpu_id" not in self.external_config_dict:
            numbers = ",".join(map(str, range(processes.local_size)))
            self.final_config_dict["gpu_id"] = os.environ.get("CUDA_VISIBLE_DEVICES", numbers)
        super()._init_device()
        if processes.size > 1 and self.final_config_dict["device"].type == "cuda":
            self.final_config_dict["device"] = torch.device("cuda", processes.local_rank)

    def _get_model_and_dataset(self, model: Any, dataset: Any) -> tuple[str, type[Any], str]:
        name = check_model_name(model or self.external_config_dict.get("model"))
        dataset = dataset or self.external_config_dict.get("dataset")
        if not isinstance(dataset, str):
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
    dataset as a CURec run over that backbone, so that the two can be compared; what the user gives still wins.

    Args:
        model: Model name; None takes it from ``overrides`` or the files.
        dataset: Dataset name; None likewise.
        config_files: YAML files, later ones win.
        overrides: Settings that win over the files; text is read as RecBole reads it, but never executed.
        check: Whether to check keys, types, combinations and the dataset's files.

    Raises:
        ConfigurationError: A name, file, key, value or combination is wrong.
        DataError: The dataset's files cannot be used.
    """
    try:
        config = _CheckedConfig(model, dataset, [str(path) for path in config_files], overrides or {}, check)
    except ConfigurationError:
        raise
    except (ValueError, TypeError, NotImplementedError, RuntimeError, KeyError) as error:
        # RecBole's own complaints about values; each is one sentence already.
        raise ConfigurationError(" ".join(str(error).split())) from error
    if check:
        check_dataset_files(config)
    return config


def parse_overrides(arguments: Sequence[str]) -> dict[str, Any]:
    """Read ``--key=value`` arguments; values may contain ``=``.

    Raises:
        ConfigurationError: An argument has another form, or a key is given twice with different values.
    """
    overrides: dict[str, Any] = {}
    choices = text_choices()
    for argument in arguments:
        key, equals, text = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or not equals or not key:
            raise ConfigurationError(f"Argument {argument!r} is not of the form --key=value.")
        value = text if text in choices.get(key, ()) else parse_text(text)
        if key in overrides and overrides[key] != value:
            raise ConfigurationError(f"--{key} is given twice, as {overrides[key]!r} and {value!r}: keep one.")
        overrides[key] = value
    return overrides


def parse_arguments(argv: Sequence[str]) -> tuple[str | None, str | None, list[str], dict[str, Any]]:
    """Read a command line in RecBole's habit: ``--model=CURec --config_files=a.yaml b.yaml --key=value``.

    Args:
        argv: Arguments without the program's name.

    Returns:
        Model, dataset (None where not given), config files, and all other settings.

    Raises:
        ConfigurationError: An argument has another form.
    """
    files: list[str] = []
    rest: list[str] = []
    in_files = False
    for argument in argv:
        if argument.startswith("--config_files="):
            # One quoted argument may hold several files, as RecBole's own scripts accept.
            files += argument.partition("=")[2].split()
            in_files = True
        elif in_files and not argument.startswith("--"):
            files.append(argument)
        else:
            in_files = False
            rest.append(argument)
    overrides = parse_overrides(rest)
    model, dataset = overrides.pop("model", None), overrides.pop("dataset", None)
    return None if model is None else str(model), None if dataset is None else str(dataset), files, overrides


def _our_layers(config: Any, model: str, dataset: str, internal: Mapping[str, Any]) -> dict[str, Any]:
    """Our defaults and RecBole's dataset defaults, in order of precedence; ``internal`` is what lies below them."""
    layers = _read(config, "curec.yaml") | _read(config, "model", f"{model}.yaml")
    recbole_dataset = recbole_keys.dataset_defaults(dataset)
    backbone = {**layers, **config.external_config_dict}.get("backbone")
    layers |= recbole_dataset | _dataset_layer(config, dataset, backbone)
    loss = {**layers, **config.external_config_dict}.get("loss")
    if isinstance(loss, str) and loss in LOSS_TYPES:
        layers["loss_type"] = LOSS_TYPES[loss]
    if "load_col" not in layers:
        layers["load_col"] = _columns({**internal, **layers, **config.external_config_dict})
    return layers


def _layer_plain(config: Any, model: str, dataset: str) -> None:
    """For :func:`load_config`: protocol, tuned settings and checks of a plain RecBole model."""
    if "curec_checked" not in config.__dict__:
        return
    internal = config.internal_config_dict
    kind = model_types().get(model, "")
    ours = {found: name for name, found in OUR_MODELS.items()}
    if kind in ours:
        protocol = _read(config, "model", f"{ours[kind]}.yaml")
        internal.update({key: protocol[key] for key in _PROTOCOL if key in protocol})
        internal.update(_dataset_layer(config, dataset, model))
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
        check_given(config.external_config_dict, model)
        check_metrics({**internal, **config.external_config_dict})


def _dataset_layer(config: Any, dataset: str, backbone: Any) -> dict[str, Any]:
    """Our defaults for a dataset, with the section of one backbone under ``tuned`` merged in."""
    layer = _read(config, "dataset", f"{dataset}.yaml")
    tuned = layer.pop("tuned", None) or {}
    return layer | (tuned.get(backbone) or {})


def _columns(values: Mapping[str, Any]) -> dict[str, list[str]]:
    # RecBole's fallback for unknown datasets leaves the time out, which a sequential model needs.
    return {"inter": [values[key] for key in ("USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD") if values.get(key)]}


def _check(config: Any, model: str, backbone: type[Any]) -> None:
    given, final = config.external_config_dict, {**config.internal_config_dict, **config.external_config_dict}
    if "curec_checked" in config.__dict__ and not config.curec_checked:
        return
    # RecBole reads any process's sys.argv ("pytest --durations=5"): what it found there may concern somebody else.
    stray = {key for key in config.cmd_config_dict if unknown_key([key])}
    check_given({key: value for key, value in given.items() if key not in stray}, backbone.__name__)
    check_curec(final, model, backbone)


def _read(config: Any, *parts: str) -> dict[str, Any]:
    path = properties_file(*parts)
    return read_yaml(path, config.yaml_loader) if path else {}
