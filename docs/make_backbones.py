"""Writes ``backbones.md``: every sequential and general model of RecBole, and what CURec does with it.

python docs/make_backbones.py
"""

from __future__ import annotations

from pathlib import Path

from recbole_curec.backbones.facts import Backbone, Table, backbone_facts
from recbole_curec.backbones.lookup import OUR_MODELS, model_types

HEADER = """\
# Backbones

`recommend.backbone` names the RecBole model that is wrapped: its item tables are fused with the semantic item vectors
and, under `CURecGeneral`, its user tables with the user vectors. A table is any weight with one vector per item or
user: an embedding, a linear layer that reads a user's items as one long row or scores every item, or a plain matrix.

Sequential models keep their user tables as they are. A user's vector is made from the whole training history, and a
model that predicts the middle of that history must not see its end.

| `recommend.train_mode`, left out | when |
|---|---|
| `all_positions`: one pass trains every position | the backbone can (see below), with any `recommend.loss` |
| `prefixes`: RecBole's row per prefix | otherwise, and with RecBole's `loss_type: BPR` without `recommend.loss` |

`train_neg_sample_args`, left out, follows the backbone too: none for cross-entropy over all items, at all positions
(where the losses draw `recommend.sampled_negatives` themselves) and for models that are trained from whole users, else
one negative drawn uniformly. [training.md](training.md) describes the losses. A model of your own is named as
`my_package.module:Class`, and says itself where its tables are ([extending.md](extending.md#a-backbone)).

Every model below is run by `tests/contract_upstream/test_backbones.py`: trained, evaluated, saved and restored. A model
that cannot be wrapped is an error before anything is loaded.

This page is written by `python docs/make_backbones.py`.
"""
_TITLES = {"sequential": "Sequential backbones", "general": "General backbones"}


def page() -> str:
    """The text of ``backbones.md``."""
    parts = [HEADER]
    for model, kind in OUR_MODELS.items():
        names = sorted(
            (name for name, found in model_types().items() if found == kind and name != model), key=str.lower
        )
        facts = {name: backbone_facts(name, kind) for name in names}
        wrapped = {name: one for name, one in facts.items() if not one.unsupported}
        parts.append(f"## {_TITLES[kind]}, `model: {model}`\n")
        parts.append(f"{len(wrapped)} of {len(facts)} can be wrapped.\n")
        last = "`all_positions`" if kind == "sequential" else "user tables"
        parts.append(f"| backbone | item tables | {last} | to know |\n|---|---|---|---|")
        parts += [_row(name, one, kind) for name, one in wrapped.items()]
        parts.append("\n| cannot be wrapped | because |\n|---|---|")
        parts += [f"| {name} | {one.unsupported} |" for name, one in facts.items() if one.unsupported]
        parts.append("")
    return "\n".join(parts)


def _row(name: str, facts: Backbone, kind: str) -> str:
    items, users = _paths((*facts.items, *facts.nodes)), _paths((*facts.users, *facts.nodes))
    third = ("yes" if facts.causal else "no") if kind == "sequential" else users or "it has none"
    return f"| {name} | {items} | {third} | {_remark(facts)} |"


def _paths(tables: tuple[Table, ...]) -> str:
    return ", ".join(f"`{table.path}`" for table in tables)


def _remark(facts: Backbone) -> str:
    return "; ".join(part for part in (facts.remark, "trained from whole users" if facts.by_user else "") if part)


if __name__ == "__main__":
    (Path(__file__).parent / "backbones.md").write_text(page(), encoding="utf-8")
