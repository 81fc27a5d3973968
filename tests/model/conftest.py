"""Models over the small dataset, with random features in place of stages 1 to 6."""

import pytest
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, init_seed

from recbole_curec.backbones.facts import CAUSAL_BACKBONES


@pytest.fixture
def prepare(load, toy, fake_pipeline):
    """``prepare(model, **settings)`` gives config, training loader, test loader and model."""

    def build(model, **overrides):
        if overrides.get("backbone") in CAUSAL_BACKBONES - {"SASRec", "GRU4Rec"}:
            columns = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "title"]}
            overrides |= {"selected_features": ["title"], "load_col": columns}
        config = load(model, toy, **overrides)
        init_seed(config["seed"], config["reproducibility"])
        train, _, test = data_preparation(config, create_dataset(config))
        init_seed(config["seed"], config["reproducibility"])
        return config, train, test, get_model(model)(config, train.dataset)

    return build
