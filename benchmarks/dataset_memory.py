"""Peak memory of the dataset step (load, filter, split, loaders), CURec's and RecBole's, each in its own process.

python benchmarks/dataset_memory.py --dataset=amazon-beauty --data_path=<folder>
"""

from __future__ import annotations

import json
import subprocess
import sys

import measuring

from recbole_curec.hardware import peak_memory_mib
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.trained_model import split_data


def main() -> None:
    """Measure both sides, or in a child process one of them."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--backbone", default="SASRec")
    options.add_argument("--side", choices=["curec", "recbole"], help="measure this one here and now")
    args, given = measuring.read(options)
    if args.side:
        model = "CURec" if args.side == "curec" else args.backbone
        ours = {"backbone": args.backbone, "fusion": "none"} if args.side == "curec" else {}
        settings = measuring.layers(measuring.recbole_defaults(args.backbone), given, ours)
        config = load_config(model, args.dataset, [], settings)
        before = peak_memory_mib()
        rows: list[int] = []
        spent = measuring.seconds(lambda: rows.extend(len(part.dataset) for part in split_data(config)))
        sides = {"peak_mib": peak_memory_mib(), "imports_mib": before, "seconds": round(spent, 2), "rows": rows}
        print(json.dumps(sides | {"max_length": config["MAX_ITEM_LIST_LENGTH"]}))
        return
    sides = {}
    for side in ("curec", "recbole"):
        command = [sys.executable, *sys.argv, f"--side={side}"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        sides[side] = json.loads(done.stdout.splitlines()[-1])
        print(side, sides[side], flush=True)
    record = {"benchmark": "dataset_memory", "dataset": args.dataset, "backbone": args.backbone, "sides": sides}
    print(measuring.store(args.out, f"dataset_memory_{args.dataset}", record, args.threads))


if __name__ == "__main__":
    main()
