r"""Faithfulness of the reasons of finished runs: do they name the past items that moved the scores?

    python benchmarks/faithfulness.py --users=100 --top_k=10 saved/CURec-<time>.pth saved/CURecGeneral-<time>.pth

Past items that a reason names are left out and the item is scored again; so are as many other past items, drawn at
random. The table is printed and stored.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import measuring
import numpy as np

import recbole_curec as curec
from recbole_curec.errors import CURecError
from recbole_curec.plugin.loading import load_data
from recbole_curec.serving.faithfulness import Faithfulness, Fall
from recbole_curec.serving.recommender import Recommender
from recbole_curec.settings.travel import settings_of


def main() -> int:
    """Measure every checkpoint; 2 where one cannot be used."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("checkpoints", type=Path, nargs="+")
    options.add_argument("--users", type=int, default=100, help="users drawn at random")
    options.add_argument("--top_k", type=int, default=10, help="recommended items per user")
    options.add_argument("--draws", type=int, default=5, help="random sets of other items per reason")
    args, _ = measuring.read(options)
    rows: list[dict[str, Any]] = []
    try:
        for checkpoint in args.checkpoints:
            rows.append(measure(checkpoint, args.users, args.top_k, args.draws, args.seed))
            print(shown(rows[-1]))
    except CURecError as error:
        print(error, file=sys.stderr)
        return 2
    record = {"benchmark": "faithfulness", "users": args.users, "top_k": args.top_k, "rows": rows, "seed": args.seed}
    print(measuring.store(args.out, f"faithfulness_{rows[0]['dataset']}", record, args.threads))
    return 0


def measure(checkpoint: Path, users: int, top_k: int, draws: int, seed: int) -> dict[str, Any]:
    """The report on one checkpoint, with what was run."""
    config = load_data(checkpoint).config
    known = Recommender.load(checkpoint).everybody()
    drawn = [known[place] for place in sorted(np.random.default_rng(seed).permutation(len(known))[:users])]
    began = perf_counter()
    found = curec.faithfulness(checkpoint, drawn, top_k, draws=draws, seed=seed)
    name = f"{config['model']} ({settings_of(config).recommend.backbone})"
    return {
        "model": name,
        "dataset": str(config["dataset"]),
        "seconds": round(perf_counter() - began, 1),
        "reason_seed": settings_of(config).run.reason_seed,
        "report": asdict(found),
    }


def shown(row: dict[str, Any]) -> str:
    """The report as text."""
    report = row["report"]
    falls = {name: None if report[name] is None else Fall(**report[name]) for name in ("named", "control")}
    found = Faithfulness(**{**report, **falls})
    lines = [
        f"{row['model']} on {row['dataset']}: {found.pairs:,} reasons of {found.users:,} users name past items "
        f"({found.unnamed:,} name none, {found.short:,} had too few others), {row['seconds']} s",
        f"  the score falls more without the named items than without others for {found.larger:.1%} of them",
    ]
    for title, fall in (("named", found.named), ("control", found.control)):
        if fall is not None:
            lines.append(
                f"  {title:<8} fall {fall.fall:+.4f}, without others {fall.others:+.4f}: {fall.difference:+.4f} "
                f"[{fall.low:+.4f}, {fall.high:+.4f}], p {fall.t_test:.2g} (t), {fall.wilcoxon:.2g} (Wilcoxon)"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
