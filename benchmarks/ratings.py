r"""Rating prediction: baselines and RecCoT on the same test ratings, with tests against the best baseline.

    python benchmarks/ratings.py --dataset=imdb --data_path=<folder> --split=chronological --seeds 1 2 3 4 5 \
        --rows mode mean median bias svd svdpp reccot reccot-ids reccot-masked
    python benchmarks/ratings.py --dataset=imdb --data_path=<folder> --split=random --rows bias my.yaml

A row is a baseline (recbole_curec/benchmark/rating_baselines), a file of benchmarks/reccot by its name, or any other
config file whose model predicts ratings. ``svd`` and ``svdpp`` need scikit-surprise, ``hft`` cornac, ``narre`` cornac
and tensorflow. Finished runs of models are reused; the table is printed and stored.
"""

from __future__ import annotations

import sys
from pathlib import Path

import measuring

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline
from recbole_curec.benchmark.rating_baselines.registry import BASELINES
from recbole_curec.benchmark.rating_report import rating_page, rating_record
from recbole_curec.benchmark.ratings import SPLITS, run_ratings
from recbole_curec.benchmark.rows import Row
from recbole_curec.errors import ConfigurationError, CURecError
from recbole_curec.suggestions import did_you_mean

RECCOT = Path(__file__).parent / "reccot"


def main() -> int:
    """Run the rows, print the table and store it; 2 where the input cannot be used."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", required=True)
    options.add_argument("--split", default="chronological", help=f"one of {', '.join(SPLITS)}")
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options.add_argument("--rows", nargs="+", default=["mode", "mean", "median", "bias"])
    options.add_argument(
        "--config_files", nargs="*", default=[], help="config files of lower precedence than the rows'"
    )
    args, given = measuring.read(options)
    try:
        rows = [find_row(name) for name in args.rows]
        folder = args.scratch / "benchmarks"
        result = run_ratings(
            rows, args.dataset, args.split, args.seeds, folder, config_files=args.config_files, overrides=given
        )
    except CURecError as error:
        print(error, file=sys.stderr)
        return 2
    print(rating_page(result))
    record = {"benchmark": "ratings", **rating_record(result)}
    print(measuring.store(args.out, f"ratings_{args.dataset}_{args.split}", record, args.threads))
    return 0


def find_row(name: str) -> type[RatingBaseline] | Row:
    """The row with a name.

    Raises:
        ConfigurationError: There is no such row.
    """
    if name in BASELINES:
        return BASELINES[name]
    for path in (RECCOT / f"{name}.yaml", Path(name)):
        if path.suffix == ".yaml" and path.is_file():
            return Row(path.stem, path)
    known = [*BASELINES, *sorted(path.stem for path in RECCOT.glob("*.yaml"))]
    raise ConfigurationError(
        f"rows: {name!r} is no row{did_you_mean(name, known)}: give {', '.join(known)}, or a config file."
    )


if __name__ == "__main__":
    sys.exit(main())
