r"""How much of a rating the past reviews of user and item can tell, whatever reads them.

    python benchmarks/review_signal.py --dataset=reviews --data_path=dataset --vectors written teacher lsa
    python benchmarks/review_signal.py --dataset=musical-instruments --data_path=<folder> --vectors teacher lsa

RecCoT's rating model fits a ridge regression on eight summaries of the past reviews. It is fitted here for several
kinds of review vectors: ``written`` are those of a run (its stages run if they have not), ``teacher`` codes of the
offline teacher's chains, which know the ratings and are the best that a language model could learn, and ``lsa`` the
texts themselves (TF-IDF, 64 directions). ``none`` leaves the past ratings. Each is read in two ways: training rows read
the reviews of their own fold, as the model does, or of all folds, where models that have seen the row's rating made
them.
"""

from __future__ import annotations

import sys
from typing import Any

import measuring
import numpy as np
from numpy.typing import NDArray
from recbole.data import create_dataset
from recbole.utils import init_seed
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from recbole_curec.errors import CURecError
from recbole_curec.model.rating.reccot import ANY_FOLD, REVIEW_FOLD, RecCoT
from recbole_curec.model.rating.summaries import SummaryRidge
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.restored import restore_features
from recbole_curec.plugin.review_sources import review_source
from recbole_curec.reviews.aspect_codes import AspectCodes
from recbole_curec.reviews.table import ReviewTable
from recbole_curec.reviews.teachers.ridge import RidgeTeacher
from recbole_curec.settings.travel import settings_of

KINDS = ("none", "written", "teacher", "lsa")
LSA_DIM = 64


def main() -> int:
    """Fit, print a table and store it; 2 where the input cannot be used."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", required=True)
    options.add_argument("--vectors", nargs="+", choices=KINDS, default=["none", "teacher", "lsa"])
    args, given = measuring.read(options)
    try:
        rows = [row for kind in args.vectors for row in measured(kind, args.dataset, given)]
    except CURecError as error:
        print(error, file=sys.stderr)
        return 2
    print(page(rows))
    record = {"benchmark": "review_signal", "dataset": args.dataset, "rows": rows}
    print(measuring.store(args.out, f"review_signal_{args.dataset}", record, args.threads))
    return 0


def measured(kind: str, dataset: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Figures of one kind of vectors, read from the own fold and from all folds."""
    config = load_config("RecCoT", dataset, (), given)
    embed = settings_of(config).embed
    if kind != "written":
        restore_features(config, embed.dim + embed.aspect_size)  # no stage runs
    init_seed(config["seed"], config["reproducibility"])
    splits = create_dataset(config).build()
    training = splits[0]
    if kind in ("teacher", "lsa"):
        table = review_source(config, training.train_reviews()).table(settings_of(config).read.folds)
        told = of_teacher(table, config) if kind == "teacher" else of_texts(table)
        training.review_vectors = np.concatenate([np.zeros((len(table), embed.dim), dtype=np.float32), told], axis=1)
    for split in splits[1:]:
        split.review_vectors = training.review_vectors
    model = RecCoT(config, training)
    held_out = [everything(split) for split in splits[1:]]
    found = []
    for name in ("own", "all") if kind != "none" else ("own",):
        rows = everything(training)
        if name == "all":
            rows[REVIEW_FOLD].fill_(ANY_FOLD)
        found.append({"vectors": kind, "folds": name, **figures(model, rows, held_out)})
    return found


def everything(split: Any) -> Any:
    """All rows of a split in one batch."""
    return split[np.arange(len(split))]


def figures(model: RecCoT, rows: Any, held_out: list[Any]) -> dict[str, Any]:
    """What a fit on training rows saves there, each left out, and in held-out rows; RMSE with it and with biases."""
    target = model.left_to_explain(rows).numpy()
    fit = SummaryRidge.fit(model.summaries(rows).numpy(), target, np.ones(len(target)))
    ratings = np.concatenate([batch[model.RATING].numpy() for batch in held_out])
    biases = np.concatenate([model.parts(batch).sum(dim=1).numpy() for batch in held_out])
    added = np.concatenate([fit.predict(model.summaries(batch).numpy()) for batch in held_out])
    _, spread, lowest, highest = (float(value) for value in model.scale)

    def rmse(predicted: NDArray[Any]) -> float:
        return float(np.sqrt(np.mean((np.clip(predicted, lowest, highest) - ratings) ** 2)))

    return {
        "training_rows": len(target),
        "held_out_rows": len(ratings),
        "gain_left_out": fit.gain,
        "taken": bool(fit.weights.any()),
        "rmse_of_biases": rmse(biases),
        "rmse": rmse(biases + spread * added),
    }


def of_teacher(table: ReviewTable, config: Any) -> NDArray[np.float32]:
    """Codes of the chains of a teacher that is fitted on the other folds."""
    chosen = settings_of(config)
    chains = np.empty(len(table), dtype=object)
    for fold in range(table.n_folds):
        rows, taught = table.rows(fold), table.taught(fold)
        teacher = RidgeTeacher.fit(
            table.texts[taught].tolist(), table.ratings[taught].tolist(), table.scale, chosen.chains.aspects
        )
        for row in rows.tolist():
            chain = teacher.chain(str(table.texts[row]), float(table.ratings[row]))
            chains[row] = "; ".join(map(str, chain.aspects))
    told = chains.tolist()
    return AspectCodes(told, chosen.embed.aspect_size, chosen.run.reason_seed).of(told)


def of_texts(table: ReviewTable) -> NDArray[np.float32]:
    """Unit vectors of the texts by latent semantic analysis, centred."""
    words = TfidfVectorizer(min_df=3, ngram_range=(1, 2), sublinear_tf=True, stop_words="english")
    counted = words.fit_transform(table.texts.tolist())
    made = TruncatedSVD(min(LSA_DIM, counted.shape[1] - 1), random_state=0).fit_transform(counted)
    made -= made.mean(axis=0)
    return np.asarray(made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def page(rows: list[dict[str, Any]]) -> str:
    """The table as text."""
    lines = [f"{'vectors':<10}{'folds':<7}{'saved, left out':>16}{'taken':>7}{'RMSE held-out':>15}{'biases alone':>14}"]
    for row in rows:
        lines.append(
            f"{row['vectors']:<10}{row['folds']:<7}{row['gain_left_out']:>16.2%}{'yes' if row['taken'] else 'no':>7}"
            f"{row['rmse']:>15.4f}{row['rmse_of_biases']:>14.4f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
