"""What every fusion must do, ours and a user's own: walked over every entry of the extension point."""

import copy

import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import FUSIONS
from recbole_curec.model.fusions.fusion import Fusion
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.loading import load_run
from recbole_curec.plugin.new_trainers import new_trainer
from tests.model.fusions.own import SumFusion
from tests.model.fusions.tables import FUSION_NAMES, H, N, features_of, step, table_of

OWN = "tests.model.fusions.own:SumFusion"
EVERY = [*FUSION_NAMES, OWN]


def test_ours_are_all_there():
    assert {"concat", "frozen", "gate", "init"} <= set(FUSION_NAMES)


@pytest.mark.parametrize("name", EVERY)
def test_an_entry_says_what_it_is(name):
    entry = FUSIONS.find(name)
    assert issubclass(entry, Fusion)
    assert entry.name == (name if name in FUSION_NAMES else "sum")
    assert entry.revision >= 1
    module = entry(table_of(), features_of())
    assert (module.num_embeddings, module.embedding_dim, module.padding_idx) == (N, H, 0)
    assert module.bias is None
    assert (module.table is not None) == entry.has_table
    assert f"fusion={entry.name}" in repr(module)


@pytest.mark.parametrize("dim", [4, 16, 30])
@pytest.mark.parametrize("name", EVERY)
def test_ids_and_weight_agree_before_and_after_training(name, dim):
    module = FUSIONS.find(name)(table_of(), features_of(dim))
    ids = torch.tensor([[0, 3], [39, 3]])
    for _ in range(2):
        assert module.weight.shape == (N, H)
        assert module(ids).shape == (2, 2, H)
        assert torch.allclose(module(ids), module.weight[ids], atol=1e-6)
        for row in range(N):
            assert torch.allclose(module(torch.tensor([row]))[0], module.weight[row], atol=1e-6)
        with module.computed_once():
            assert torch.allclose(module(ids), module.weight[ids], atol=1e-6)
        before = module.weight.detach().clone()
        step(module, (module(ids) - 1).square().sum())
        assert not torch.allclose(module.weight[3], before[3])


@pytest.mark.parametrize("name", EVERY)
def test_gradients_reach_every_parameter(name):
    entry = FUSIONS.find(name)
    module = entry(table_of(), features_of(), alignment=entry.can_align)
    ids = torch.arange(N)
    for _ in range(2):  # what mixes experts has a gradient once the experts differ from zero
        loss = (module(ids) - 1).square().sum()
        step(module, loss + module.alignment_loss(ids) if entry.can_align else loss)
    parameters = dict(module.named_parameters())
    assert parameters
    for path, parameter in parameters.items():
        assert parameter.grad is not None, path
        assert torch.count_nonzero(parameter.grad) > 0, path
        assert parameter.isfinite().all(), path


@pytest.mark.parametrize("name", EVERY)
def test_a_saved_state_brings_the_features_too(name):
    entry = FUSIONS.find(name)
    module, other = entry(table_of(), features_of()), entry(table_of(spread=0.5), features_of().flip(0))
    step(module, (module(torch.arange(N)) - 1).square().sum())
    assert not torch.allclose(other.weight, module.weight)
    other.load_state_dict(module.state_dict())
    assert torch.equal(other.weight, module.weight)
    assert torch.equal(copy.deepcopy(module).weight, module.weight)


@pytest.mark.parametrize("name", EVERY)
def test_zero_vectors_of_features_break_nothing(name):
    module = FUSIONS.find(name)(table_of(), torch.zeros(N, 12))
    assert module.weight.isfinite().all()
    step(module, (module(torch.arange(N)) - 1).square().sum())
    assert module.weight.isfinite().all()


def test_a_fusion_of_ones_own_trains_inside_curec_and_comes_back(load, toy, fake_pipeline):
    config = load("CURec", toy, fusion=OWN, fusion_alignment=0.1)
    init_seed(config["seed"], config["reproducibility"])
    train, valid, test = data_preparation(config, create_dataset(config))
    trainer = new_trainer(config, train)
    (table,) = trainer.model.semantic_tables()
    assert type(table) is SumFusion
    before = {path: parameter.detach().clone() for path, parameter in table.named_parameters()}
    assert set(before) == {"table", "map.weight", "aligner.weight", "aligner.bias"}
    trainer.fit(train, valid, verbose=False)
    result = trainer.evaluate(test)
    for path, parameter in table.named_parameters():
        assert not torch.equal(parameter, before[path]), path
    assert load_plain(trainer.saved_model_file)["config"]["recommend.fusion"] == OWN
    run = load_run(trainer.saved_model_file)
    assert torch.equal(run.model.semantic_tables()[0].weight, table.weight)
    batch = next(iter(test))[0]
    assert torch.equal(run.model.full_sort_predict(batch), trainer.model.eval().full_sort_predict(batch))
    assert 0 <= result["recall@10"] <= 1


@pytest.mark.parametrize(
    ("given", "factor"), [({}, 1.0), ({"scaled": {"factor": 2.5}}, 2.5), ({"scaled.factor": 3.0}, 3.0)]
)
def test_a_fusion_of_ones_own_reads_its_own_settings(load, toy, fake_pipeline, given, factor):
    config = load("CURec", toy, fusion="tests.model.fusions.own:ScaledFusion", **given)
    train, *_ = data_preparation(config, create_dataset(config))
    trainer = new_trainer(config, train)
    assert [table.factor for table in trainer.model.semantic_tables()] == [factor]
    trainer.fit(train, valid_data=None, verbose=False)
    assert [table.factor for table in load_run(trainer.saved_model_file).model.semantic_tables()] == [factor]
    with pytest.raises(ConfigurationError, match=r"scaled\.factor='much' cannot be used"):
        load("CURec", toy, fusion="tests.model.fusions.own:ScaledFusion", **{"scaled.factor": "much"})


def test_a_registered_fusion_is_found_by_its_name(load, toy, fake_pipeline):
    FUSIONS.register(SumFusion)
    try:
        config = load("CURec", toy, fusion="sum")
        train, *_ = data_preparation(config, create_dataset(config))
        assert type(new_trainer(config, train).model.semantic_tables()[0]) is SumFusion
    finally:
        FUSIONS.unregister("sum")
    with pytest.raises(ConfigurationError, match="'sum' is no fusion"):
        load("CURec", toy, fusion="sum")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "gates",
            "recommend.fusion: 'gates' is no fusion (nearest: 'gate'): use one of concat, frozen, gate, init",
        ),
        ("tests.model.fusions.own:NoFusion", "is no fusion: derive it from recbole_curec.model.fusions.fusion.Fusion."),
        ("tests.model.fusions.own:Sum", "the module tests.model.fusions.own holds no Sum: correct the name."),
        ("tests.no_such:Sum", "cannot be imported (No module named 'tests.no_such'): install the package that holds"),
    ],
)
def test_a_fusion_that_is_none_is_one_sentence(load, toy, name, message):
    with pytest.raises(ConfigurationError) as error:
        load("CURec", toy, fusion=name)
    assert message in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
