"""What we rely on in RecBole 1.2.1: these fail first when RecBole changes."""

import importlib.metadata
import inspect

import pytest
import torch
from recbole.config import Config
from recbole.data import data_preparation
from recbole.data.dataset import Dataset, SequentialDataset
from recbole.data.interaction import Interaction
from recbole.model.abstract_recommender import SequentialRecommender
from recbole.trainer import trainer
from recbole.utils import get_model, utils
from torch import nn

from recbole_curec.backbones.facts import CAUSAL_BACKBONES
from recbole_curec.plugin import recbole_keys


def test_version():
    assert importlib.metadata.version("recbole") == "1.2.1"


def calls(function):
    return inspect.getsource(inspect.unwrap(function))


@pytest.mark.parametrize(
    "name",
    [
        "_convert_config_dict",
        "_load_cmd_line",
        "_load_config_files",
        "_merge_external_config_dict",
        "_get_model_and_dataset",
        "_load_internal_config_dict",
        "_set_default_parameters",
    ],
)
def test_config_still_calls_the_methods_we_replace(name):
    source = inspect.getsource(Config)
    assert f"self.{name}(" in source or name == "_get_model_and_dataset"
    assert hasattr(Config, name)


def test_checks_run_before_recbole_reads_the_merged_settings():
    source = calls(Config.__init__)
    assert source.index("_load_internal_config_dict") < source.index("_get_final_config_dict")
    assert source.index("_merge_external_config_dict") < source.index("_load_internal_config_dict")


def test_every_checkpoint_goes_through_the_trainer_modules_torch():
    assert trainer.torch.load is not torch.load
    assert "torch.save(" in calls(trainer.Trainer._save_checkpoint)
    for method in (trainer.Trainer.resume_checkpoint, trainer.Trainer.evaluate):
        assert "torch.load(" in calls(method)
    assert '"config": self.config' in calls(trainer.Trainer._save_checkpoint)  # which the ids of the data travel with
    assert "get_local_time()" in calls(trainer.Trainer.__init__)
    assert "SummaryWriter(" in calls(utils.get_tensorboard)


def test_dataset_hooks_run_in_the_order_we_assume():
    source = calls(Dataset._data_processing)
    steps = ["_data_filtering()", "_remap_ID_all()", "_fill_nan()", "_set_label_by_threshold()", "_normalize()"]
    assert [source.index(step) for step in steps] == sorted(source.index(step) for step in steps)
    assert "self._change_feat_format()" in calls(Dataset.build)
    assert "dataset.build()" in calls(data_preparation)
    assert "super().build()" in calls(SequentialDataset.build)
    assert "self.data_augmentation()" in calls(SequentialDataset._change_feat_format)
    assert "self.inter_feat[index]" in calls(Dataset.leave_one_out)


def test_trainer_takes_any_iterable_of_interactions():
    parameters = list(inspect.signature(trainer.Trainer._train_epoch).parameters)
    assert parameters == ["self", "train_data", "epoch_idx", "loss_func", "show_progress"]
    assert "train_data.shuffle" in calls(trainer.Trainer._train_epoch)


@pytest.mark.parametrize("name", sorted(CAUSAL_BACKBONES))
def test_causal_backbones_gather_their_last_state(name):
    model = get_model(name)
    assert "self.gather_indexes(" in calls(model.forward)
    assert model.gather_indexes is SequentialRecommender.gather_indexes
    assert "self.item_embedding.weight" in calls(model.full_sort_predict)


def test_interaction_is_a_dict_of_tensors():
    batch = Interaction({"a": torch.arange(3)})
    assert "a" in batch
    assert "b" not in batch
    assert batch[torch.tensor([2, 0])]["a"].tolist() == [2, 0]


def test_sine_turns_anomaly_detection_on_at_import():
    import recbole.model.sequential_recommender.sine as sine

    assert "set_detect_anomaly(True)" in inspect.getsource(sine)
    assert not torch.is_anomaly_enabled()


def test_keys_are_found_in_yaml_lists_and_source():
    keys = recbole_keys.known_keys()
    for key in ("learning_rate", "n_layers", "benchmark_filename", "encoding", "eval_args", "ft_ratio", "nproc"):
        assert key in keys, key
    assert "ml-100k" not in keys
    assert len(keys) > 200


def test_plain_embeddings_are_what_we_replace():
    assert not issubclass(nn.Embedding, SequentialRecommender)
    for name in ("SASRec", "GRU4Rec", "BPR", "LightGCN"):
        assert "self.item_embedding" in inspect.getsource(get_model(name))
