from pathlib import Path

import numpy as np
import torch

from recbole_curec.data import collected as collect
from recbole_curec.data.collected import Collected
from recbole_curec.pipeline.stage import DataSource, StageContext
from recbole_curec.settings.sections import CollectSettings
from recbole_curec.settings.settings import Settings
from tests.examples import make_history

SEQUENCES = {"u2": ["b", "a"], "u1": ["a", "c", "b"], "u10": ["c", "a"]}


def run(folder: Path, history, item_rows) -> Collected:
    folder.mkdir(parents=True)
    item_file = folder.parent / f"{folder.name}.item"
    item_file.write_text("item_id:token\ttitle:token_seq\tkind:token_seq\n" + "".join(f"{row}\n" for row in item_rows))
    source = DataSource(history, item_file, "item_id")
    result = collect.run(StageContext(Settings(), source, folder, folder, {}, 0, torch.device("cpu"), False))
    collected = Collected.load(folder)
    assert result.figures["interactions"] == collected.history.n_interactions
    assert f"{collected.history.n_interactions} training interactions of 3 users" in result.summary
    return collected


ROWS = ["a\tAlpha\tx y", "b\tBeta\tx", "z\tNever taken\ty"]


def test_the_artifact_holds_what_was_collected(tmp_path):
    collected = run(tmp_path / "one", make_history(SEQUENCES, ("", "c", "b", "a")), ROWS)
    assert collected.catalog.tokens == ("", "a", "b", "c", "z")
    assert collected.catalog.names == ("", "Alpha", "Beta", "item c", "Never taken")
    history = collected.history
    assert history.user_tokens.tolist() == ["", "u1", "u10", "u2"]
    assert [history.of_user(user).tolist() for user in (1, 2, 3)] == [[1, 3, 2], [3, 1], [2, 1]]
    assert collected.pairs.toarray()[1:4, 1:4].tolist() == [[3, 2, 2], [2, 2, 1], [2, 1, 2]]


def test_save_and_load_give_the_same_back(tmp_path):
    first = run(tmp_path / "one", make_history(SEQUENCES, ("", "c", "b", "a")), ROWS)
    (tmp_path / "two").mkdir()
    first.save(tmp_path / "two")
    second = Collected.load(tmp_path / "two")
    assert second.catalog == first.catalog
    for name in ("indptr", "items", "user_tokens", "item_tokens"):
        assert np.array_equal(getattr(second.history, name), getattr(first.history, name)), name
    assert (second.pairs != first.pairs).nnz == 0
    settings = CollectSettings()
    assert second.builder(settings).build(1, 2, 2) == first.builder(settings).build(1, 2, 2)


def test_the_files_do_not_depend_on_recboles_numbering(tmp_path):
    orders = (("", "c", "b", "a"), ("", "a", "test-only", "b", "c"))
    for name, order in zip(("one", "two"), orders, strict=True):
        run(tmp_path / name, make_history(SEQUENCES, order), ROWS)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_terms_come_by_frequency(tmp_path):
    collected = run(tmp_path / "one", make_history(SEQUENCES, ("", "c", "b", "a")), ROWS)
    # x: on 3 + 2 rows. Then 3 each, then 2 each; ties in alphabetical order. The item nobody took is no term.
    assert collected.terms() == ["x", '"Alpha"', "y", '"Beta"', '"item c"']
