from __future__ import annotations

import struct
from pathlib import Path

import matplotlib as mpl
import pytest

from recbole_curec.training.curves import curves_table, plot_curves

REWARDS = ["model", "format"]


def _log(kl: bool = True) -> list[dict[str, float]]:
    entries = [
        {
            "step": step, "reward": 1.0 + step, "reward_std": 0.1, "completions/mean_length": 20.0 + step, "loss": 0.0,
            "rewards/model/mean": 0.5 * step, "rewards/format/mean": 1.0, **({"kl": 0.01 * step} if kl else {}),
        }
        for step in range(1, 5)
    ]  # fmt: skip
    return [*entries, {"step": 4, "train_runtime": 9.0}]


HELD_OUT = {
    step: {"total": 2.0 + step, "model": 0.1, "lift": 0.2, "judge_lift": 0.3, "shuffled_lift": 0.0}
    for step in (0, 2, 4)
}


def test_the_table_has_a_row_per_step_and_blanks_where_nothing_was_measured() -> None:
    table = curves_table(_log(), REWARDS, HELD_OUT)
    assert table["step"].tolist() == [0, 1, 2, 3, 4]
    assert table["reward"].isna().tolist() == [True, False, False, False, False]
    assert table["reward_model"].tolist()[1:] == [0.5, 1.0, 1.5, 2.0]
    assert table["held_out_total"].dropna().tolist() == [2.0, 4.0, 6.0]
    assert table["tokens"].tolist()[1:] == [21.0, 22.0, 23.0, 24.0]
    assert "train_runtime" not in table
    assert "kl" not in curves_table(_log(kl=False), REWARDS, {})


@pytest.mark.parametrize("held_out", [HELD_OUT, {}], ids=["watched", "unwatched"])
@pytest.mark.parametrize("kl", [True, False])
def test_the_picture_depends_on_the_table_alone(
    tmp_path: Path, kl: bool, held_out: dict[int, dict[str, float]]
) -> None:
    table = curves_table(_log(kl), REWARDS, held_out)
    plot_curves(table, REWARDS, tmp_path / "a.png", tmp_path / "fonts")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 20}):
        plot_curves(table, REWARDS, tmp_path / "b.png", tmp_path / "fonts")
        assert mpl.rcParams["font.size"] == 30
    content = (tmp_path / "a.png").read_bytes()
    assert content == (tmp_path / "b.png").read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    panels = 1 + len(REWARDS) + kl + 1 + bool(held_out)
    assert (width, height) == (1353, 319 * -(-panels // 3))
    plot_curves(table.assign(reward=table["reward"] ** 2), REWARDS, tmp_path / "c.png", tmp_path / "fonts")
    assert content != (tmp_path / "c.png").read_bytes()
