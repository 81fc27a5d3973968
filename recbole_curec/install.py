"""All patches of RecBole 1.2.1: what each replaces, why, the upstream issue, and how to undo them.

``import recbole_curec`` installs an import hook and imports nothing heavy: the patches are applied when RecBole itself
is imported. Issue numbers are those of RUCAIBox/RecBole; a patch can be removed once RecBole makes it unnecessary.

==============================================  ==================================================  ==================
what is replaced                                why                                                 upstream
==============================================  ==================================================  ==================
numpy.float_, complex_, unicode_, bool8         removed by numpy 2; ``Config`` and ray read them    #2090, #2185
scipy.sparse.dok_matrix._update                 removed by scipy 1.13; fills graphs of seven        #2034, #2090, #2185
                                                models
trainer.torch, and torch in six models          checkpoints as plain data, written atomically       #2090, #2185
hyper_tuning.eval, kd_dagfm.eval                no ``eval`` of texts                                none known
data.utils.os                                   pickled datasets and loaders are never read         none known
ldiffrec.np                                     no pickle inside ``item_emb.npy``                   none known
trainer.get_local_time                          unique checkpoint names                             none known
trainer.amp                                     ``torch.cuda.amp`` warns every epoch                none known
utils.SummaryWriter                             events go below ``log_dir``, of one process only    none known
tensorboard RecordWriter                        a full disk costs events, not the run               none known
Dataset._remove_duplication                     a stable sort                                       none known
Dataset._fill_nan                               no warning about chained ``fillna``; no label from  none known
                                                a guessed value
Dataset._load_feat                              one reader of files for every model                 none known
Dataset._filter_..., _remove_duplication        a filter says how many interactions it removes, and none known
                                                does not remove all
Dataset._filter_by_field_value,                 an interval is applied or an error                  none known
_parse_intervals_str,
_get_illegal_ids_by_inter_num
Dataset._set_label_by_threshold                 says which models know no labels                    none known
Dataset.build                                   checkpoints record the ids they were trained on;    ours
                                                splits know each other
Collector.eval_batch_collect, collector.torch   counts lists whose order equal scores decide        none known
Collector.get_data_struct                       metrics that need counts of items or users; tells   none known
                                                ties
FullSortEvalDataLoader.collate_fn               ``mask_history`` for sequential models              #1449, #2038
NegSampleEvalDataLoader._neg_sampling           the same sampled candidates at every evaluation     none known
NCL.run_kmeans                                  scikit-learn where faiss is missing                 none known
Config._build_yaml_loader,                      one loader for all configs, which runs no code;     none known
_update_internal_config_dict                    RecBole's own files are read once
Config._convert_config_dict                     no ``eval`` of settings                             none known
Config._load_config_files                       strict YAML; sections merge setting by setting      ours
Config._merge_external_config_dict              sections and flat names become full names           ours
Config._load_internal_config_dict               our defaults below the user's settings              ours
Config._set_default_parameters                  the backbone decides how batches are made           ours
quick_start.load_data_and_model                 reads plain checkpoints                             #2090
recbole.model.*.curec, curecgeneral, reccot     our models, found by name                           ours
recbole.trainer, recbole.data.dataset           our trainers and datasets, found by name            ours
the log of bitsandbytes' CPU kernels            no line about 4 bits at every start                 none known
torch's anomaly mode                            importing SINE turns it on for the whole process    none known
==============================================  ==================================================  ==================
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from recbole_curec.library_logs import quiet_missing_kernels

_MISSING = object()
_PACKAGE = __name__.rpartition(".")[0]
# RecBole looks for a model in ``recbole.model.<type>_recommender.<name in lower case>``.
_MODELS = {
    "recbole.model.sequential_recommender.curec": f"{_PACKAGE}.model.sequential_recommender.curec",
    "recbole.model.general_recommender.curecgeneral": f"{_PACKAGE}.model.general_recommender.curecgeneral",
    "recbole.model.general_recommender.reccot": f"{_PACKAGE}.model.rating.reccot",
}
# It looks for ``<Model>Trainer`` and ``<Model>Dataset`` as attributes of these modules.
_ATTRIBUTES = {
    "recbole.trainer": {
        "CURecTrainer": f"{_PACKAGE}.plugin.trainers:sequential_trainer",
        "CURecGeneralTrainer": f"{_PACKAGE}.plugin.trainers:general_trainer",
    },
    "recbole.data.dataset": {
        "CURecDataset": f"{_PACKAGE}.plugin.datasets:CURecDataset",
        "CURecGeneralDataset": f"{_PACKAGE}.plugin.datasets:CURecGeneralDataset",
        "RecCoTDataset": f"{_PACKAGE}.plugin.rating_dataset:RecCoTDataset",
    },
}
_undo: list[Callable[[], None]] = []


def install() -> None:
    """Patch RecBole now if it is already imported, else when it is imported; a second call does nothing."""
    if is_installed():
        return
    sys.meta_path.insert(0, _Finder())
    _undo.append(quiet_missing_kernels())
    for name, hook in _HOOKS.items():
        if name in sys.modules:
            hook(sys.modules[name])


def uninstall() -> None:
    """Undo everything :func:`install` has done; RecBole is then unpatched."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    while _undo:
        _undo.pop()()
    for name in _MODELS:
        if sys.modules.pop(name, None) is not None:
            parent, _, child = name.rpartition(".")
            vars(sys.modules[parent]).pop(child, None)


def is_installed() -> bool:
    """Whether RecBole is patched, or will be when it is imported."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


def replace(owner: Any, name: str, value: Any) -> None:
    """Set an attribute so that :func:`uninstall` restores its previous value."""
    before = vars(owner).get(name, _MISSING)
    setattr(owner, name, value)
    _undo.append(lambda: delattr(owner, name) if before is _MISSING else setattr(owner, name, before))


def _wire_recbole(_recbole: ModuleType) -> None:
    """Apply every patch except those of ``quick_start``; called after ``recbole`` and before any of its modules."""
    shims = importlib.import_module(f"{_PACKAGE}.plugin.shims")
    untrusted = importlib.import_module(f"{_PACKAGE}.plugin.untrusted_files")
    evaluation = importlib.import_module(f"{_PACKAGE}.plugin.evaluation_shims")
    shims.numpy_aliases(replace)
    shims.dok_matrix_update(replace)
    shims.keep_anomaly_mode()
    from recbole.config import Config
    from recbole.data import utils as data_utils
    from recbole.data.dataset import Dataset, KnowledgeBasedDataset
    from recbole.model.general_recommender.ncl import NCL
    from recbole.trainer import hyper_tuning, trainer
    from recbole.utils import utils
    from tensorboard.summary.writer import event_file_writer

    replace(trainer, "torch", untrusted.torch_with_plain_files())
    replace(hyper_tuning, "eval", untrusted.literal)
    replace(data_utils, "os", untrusted.os_without_saved_data())
    replace(trainer, "get_local_time", shims.unique_time(trainer.get_local_time))
    replace(trainer, "amp", shims.quiet_amp())
    replace(utils, "SummaryWriter", shims.summary_writer(utils.SummaryWriter))
    replace(event_file_writer, "RecordWriter", shims.lasting_records(event_file_writer.RecordWriter))
    replace(Dataset, "_remove_duplication", shims.stable_removal(Dataset._remove_duplication))
    replace(Dataset, "_fill_nan", shims.quiet(Dataset._fill_nan))
    replace(Dataset, "_load_feat", _load_feat)
    _wire_filters(Dataset, KnowledgeBasedDataset)
    replace(Dataset, "build", shims.noting_ids(Dataset.build))
    evaluation.told_and_seeded(replace)
    if importlib.util.find_spec("faiss") is None:
        replace(NCL, "run_kmeans", shims.run_kmeans)
    for name in (
        "_build_yaml_loader", "_convert_config_dict", "_load_config_files", "_update_internal_config_dict",
    ):  # fmt: skip
        replace(Config, name, _ours(name))
    for name in ("_merge_external_config_dict", "_load_internal_config_dict", "_set_default_parameters"):
        replace(Config, name, _around(name, getattr(Config, name)))
    for module, attributes in _ATTRIBUTES.items():
        replace(importlib.import_module(module), "__getattr__", _lazily(module, attributes))


def _wire_filters(dataset: Any, of_knowledge: Any) -> None:
    """Patch the methods of RecBole's datasets that filter and label interactions."""
    filters = importlib.import_module(f"{_PACKAGE}.plugin.filters")
    replace(dataset, "_parse_intervals_str", filters.interaction_counts)
    replace(dataset, "_get_illegal_ids_by_inter_num", filters.ids_outside)
    replace(dataset, "_filter_by_field_value", filters.filter_by_field_value)
    replace(dataset, "_fill_nan", filters.without_gaps(dataset._fill_nan))
    replace(dataset, "_set_label_by_threshold", filters.labelling(dataset._set_label_by_threshold))
    for name in filters.FILTERS:
        for owner in (dataset, of_knowledge):
            if name in vars(owner):
                replace(owner, name, filters.counted(getattr(owner, name), name))


def _wire_quick_start(quick_start: ModuleType) -> None:
    """Patch ``load_data_and_model`` in the module that defines it and in the package that exports it."""

    def load_data_and_model(model_file: str) -> Any:
        loading = importlib.import_module(f"{_PACKAGE}.plugin.loading")
        return loading.load_data_and_model(model_file)

    replace(quick_start, "load_data_and_model", load_data_and_model)
    exported = sys.modules.get("recbole.quick_start")
    if exported is not None and "load_data_and_model" in vars(exported):
        replace(exported, "load_data_and_model", load_data_and_model)


def _wire_pretrained(model: ModuleType) -> None:
    """Patch a model that reads the checkpoint of another one: the file is read as plain data."""
    untrusted = importlib.import_module(f"{_PACKAGE}.plugin.untrusted_files")
    replace(model, "torch", untrusted.torch_with_plain_files())


def _wire_kd_dagfm(kd_dagfm: ModuleType) -> None:
    """Patch KD_DAGFM, which also evaluates the name of a network."""
    _wire_pretrained(kd_dagfm)
    untrusted = importlib.import_module(f"{_PACKAGE}.plugin.untrusted_files")
    replace(kd_dagfm, "eval", untrusted.named_teacher(kd_dagfm))


def _wire_ldiffrec(ldiffrec: ModuleType) -> None:
    """Patch LDiffRec, which reads an array that can hold pickled objects."""
    untrusted = importlib.import_module(f"{_PACKAGE}.plugin.untrusted_files")
    replace(ldiffrec, "np", untrusted.numpy_without_pickles())


_HOOKS: dict[str, Callable[[ModuleType], None]] = {
    "recbole": _wire_recbole,
    "recbole.quick_start.quick_start": _wire_quick_start,
    **{f"recbole.model.general_recommender.{name}": _wire_pretrained for name in ("convncf", "nais", "neumf", "ract")},
    "recbole.model.general_recommender.ldiffrec": _wire_ldiffrec,
    "recbole.model.sequential_recommender.s3rec": _wire_pretrained,
    "recbole.model.context_aware_recommender.kd_dagfm": _wire_kd_dagfm,
}


def _load_feat(dataset: Any, filepath: str, source: Any) -> Any:
    """``Dataset._load_feat``, replaced by ``plugin.file_tables``, which is imported at the first call."""
    tables = importlib.import_module(f"{_PACKAGE}.plugin.file_tables")
    return tables.load_feat(dataset, filepath, source)


def _ours(name: str) -> Callable[..., Any]:
    """A method of ``Config`` replaced by a function of ``plugin.config``, which is imported at the first call."""

    def method(self: Any, *arguments: Any) -> Any:
        config = importlib.import_module(f"{_PACKAGE}.plugin.config")
        return getattr(config, name.lstrip("_"))(self, *arguments)

    return method


def _around(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """A method of ``Config`` replaced by a function of ``plugin.config`` that also receives RecBole's own method."""

    @functools.wraps(original)
    def method(self: Any, *arguments: Any) -> Any:
        config = importlib.import_module(f"{_PACKAGE}.plugin.config")
        return getattr(config, name.lstrip("_"))(self, original, *arguments)

    return method


def _lazily(module: str, attributes: dict[str, str]) -> Callable[[str], Any]:
    """A module's ``__getattr__`` (PEP 562) that imports our classes when RecBole asks for them."""

    def attribute(name: str) -> Any:
        if name not in attributes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        source, _, own = attributes[name].partition(":")
        return getattr(importlib.import_module(source), own)

    return attribute


class _Finder(importlib.abc.MetaPathFinder):
    """Import finder that finds our models under RecBole's names and calls hooks after RecBole modules are imported."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for our models and for hooked modules; None leaves a module to the other finders."""
        if fullname in _MODELS:
            return importlib.util.spec_from_loader(fullname, _AliasLoader(_MODELS[fullname]))
        if fullname not in _HOOKS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _HookedLoader(spec.loader, _HOOKS[fullname])
        return spec


class _AliasLoader(importlib.abc.Loader):
    """Loads one of our modules under another name."""

    def __init__(self, source: str) -> None:
        self._source = source

    def exec_module(self, module: ModuleType) -> None:
        """Copy the names of our module into the new one."""
        vars(module).update(
            {name: value for name, value in vars(importlib.import_module(self._source)).items() if name[:2] != "__"}
        )


class _HookedLoader(importlib.abc.Loader):
    """A loader that calls a hook with the module it has loaded."""

    def __init__(self, loader: Any, hook: Callable[[ModuleType], None]) -> None:
        self._loader, self._hook = loader, hook

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Delegate to the wrapped loader."""
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        """Load, then call the hook."""
        self._loader.exec_module(module)
        self._hook(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
