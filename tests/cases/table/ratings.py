"""Runs of the rating model that cannot predict a rating: said before anything is trained; and those that can."""

from tests.cases.case import Case, fails, runs
from tests.cases.changes import Change, added, cell, every, nothing, text
from tests.cases.table.settings import refused

RECCOT = "--model=RecCoT"
IDS = f"{RECCOT} --reccot.use=ids --reccot.hidden_size=8"
REVIEWED = added("inter", "review:token_seq")


def wrong(name: str, change: Change, *words: str, more: str = "") -> Case:
    return Case(f"ratings: {name}", change, f"{IDS} {more}", fails(*words))


def header(before: str, after: str) -> Change:
    return text("inter", lambda content: content.replace(before, after, 1))


def args(mode: str) -> str:
    return f"eval_args={{'split':{{'LS':'valid_and_test'}},'order':'TO','group_by':None,'mode':{mode}}}"


CASES = [
    Case("ratings are predicted from ids", nothing, IDS, runs("rmse", "mae", "RecCoT (ids)")),
    # the file
    wrong("no column", header("rating:float", "stars:float"), "no 'rating' column", "LABEL_FIELD"),
    Case("ratings: another column", header("rating:float", "stars:float"), f"{IDS} --LABEL_FIELD=stars", runs("rmse")),
    wrong("text", every("inter", "rating", lambda value: "good" if value == "3" else value), "rating", "'good'"),
    wrong("tokens", header("rating:float", "rating:token"), "ratings are numbers", "'rating:float'"),
    wrong("infinite", cell("inter", 4, "rating", "inf"), "rating", "inf"),
    wrong("missing", cell("inter", 4, "rating", ""), "1 of 320 interactions have no 'rating'", "val_interval"),
    wrong("one value", every("inter", "rating", lambda _: "4"), "every training review is rated 4", "two different ratings"),
    Case("ratings: no reviews", nothing, RECCOT, fails("no column of review text", "reccot.use: ids", "review_field")),
    Case("ratings: unknown reviews", REVIEWED, f"{RECCOT} --review_field=words", fails("review_field='words'", "'review'")),
    wrong("no times", header("timestamp:float", "when:float"), "no 'timestamp' column", "order: RO"),
    # the settings
    refused(RECCOT, "metrics=['Recall','NDCG']", "metrics: ['Recall', 'NDCG']", "ranks nothing", "[RMSE, MAE]"),
    refused(RECCOT, "metrics=['AUC']", "metrics: ['AUC']", "[RMSE, MAE]"),
    refused(RECCOT, "valid_metric=NDCG@10", "valid_metric: NDCG@10", "metrics"),
    refused(RECCOT, args("'full'"), "eval_args.mode: full", "mode: labeled"),
    refused(RECCOT, args("'uni9'"), "eval_args.mode: uni9", "mode: labeled"),
    refused(RECCOT, "threshold={'rating':4}", "threshold: {'rating': 4}", "remove it"),
    refused(RECCOT, "normalize_all=True", "normalize_all: True", "own scale"),
    refused(RECCOT, "normalize_field=['rating']", "normalize_field: ['rating']", "own scale"),
    refused(RECCOT, "train_neg_sample_args={'distribution':'uniform','sample_num':1}", "train_neg_sample_args", "remove it"),
    refused(RECCOT, "load_col={'inter':['user_id','item_id','timestamp']}", "'rating'", "load_col.inter"),
    refused(RECCOT, "backbone=SASRec", "recommend.backbone: SASRec", "wraps no backbone"),
    refused(RECCOT, "reccot.use=all", "reccot.use='all'", "'reviews', 'masked' or 'ids'"),
    refused(RECCOT, "reccot.review_history=0", "reccot.review_history=0", "greater than or equal to 1"),
    refused(RECCOT, "reccot.heads=3", "reccot.hidden_size: 32", "reccot.heads: 3"),
    refused(RECCOT, "reccot.bias_l2=0", "reccot.bias_l2=0", "greater than 0"),
    Case("ratings: a backbone that is none", nothing, "--model=CURec --backbone=RecCoT", fails("'RecCoT' is no model of RecBole")),
    Case("ratings: the model's name", nothing, "--model=RecCot", fails("RecCoT")),
]  # fmt: skip
