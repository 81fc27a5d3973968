"""What a search may be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.tune import optuna_search, recbole_search
from recbole_curec.tune.tuning import Budget


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        ({"trials": 0}, "trials=0 cannot be used: it must be a whole number from 1"),
        ({"trials": 2.5}, "trials=2.5 cannot be used"),
        ({"trials": True}, "trials=True cannot be used"),
        ({"engine": "ray"}, "engine='ray' cannot be used: it must be one of optuna, recbole"),
        ({"search": "exhaustive"}, "search='exhaustive' cannot be used: it must be one of tpe, random"),
        ({"prune": "no"}, "prune='no' cannot be used"),
    ],
)
def test_a_budget_that_is_none(budget: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Budget(**budget).check()
    assert text in str(error.value)


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, engine, extra in ((optuna_search, "optuna", "tune"), (recbole_search, "recbole", "tune-recbole")):
        monkeypatch.setattr(module.importlib.util, "find_spec", lambda _name: None)
        with pytest.raises(ConfigurationError, match=rf"is not installed: pip install 'recbole-curec\[{extra}\]'"):
            Budget(engine=engine).check()
