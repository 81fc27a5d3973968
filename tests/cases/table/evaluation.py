"""How a run is measured: metrics, cut-offs, splits, candidates; and the folders it writes into."""

from pathlib import Path

from tests.cases.case import Case, Expected, Trial, fails, runs
from tests.cases.changes import nothing
from tests.cases.table.settings import BPR, CUREC, GENERAL, SASREC, accepted, refused


def in_the_way(*words: str) -> Expected:
    """As ``fails``, with a file where the command wants a folder."""

    def check(trial: Trial) -> None:
        Path("taken").write_text("a file", encoding="utf-8")
        fails(*words)(trial)
        assert Path("taken").read_text(encoding="utf-8") == "a file"

    return check


def split(text: str) -> str:
    return f"eval_args={{'split':{text},'order':'TO','group_by':'user','mode':'full'}}"


def mode(text: str) -> str:
    return f"eval_args={{'split':{{'LS':'valid_and_test'}},'order':'TO','group_by':'user','mode':{text}}}"


VALUES = """--threshold="{'rating':4}" --load_col="{'inter':['user_id','item_id','rating','timestamp']}" """
LABELED = f"--model=DMF {VALUES} --metrics=\"['AUC','RMSE','MAE','LogLoss']\" --valid_metric=AUC"
EVERY = "'Recall','MRR','NDCG','Hit','Precision','MAP','GAUC','ItemCoverage','AveragePopularity','GiniIndex',"
EVERY += "'ShannonEntropy','TailPercentage'"
EVERY = f'"--metrics=[{EVERY}]"'
COUNTS = ("averagepopularity@10", "itemcoverage@10", "giniindex@10", "shannonentropy@10", "tailpercentage@10", "gauc")

BY_LABEL, BY_FULL, BY_SAMPLE = (f'"--{mode(f"{name!r}")}"' for name in ("labeled", "full", "uni9"))

CASES = [
    # metrics and cut-offs
    refused(BPR, "valid_metric=NDCG", "valid_metric: NDCG", "NDCG@10"),
    refused(CUREC, "valid_metric=NDCG", "valid_metric: NDCG", "NDCG@10"),
    refused(BPR, "valid_metric=None", "valid_metric: None"),
    refused(BPR, "metrics=[]", "metrics: []", "list of names"),
    refused(BPR, "metrics=['NDGC']", "'NDGC'", "'NDCG'"),
    refused(BPR, "metrics=['NDCG','AUC']", "AUC", "remove"),
    refused(BPR, "topk=0", "topk: 0", "positive"),
    refused(BPR, "topk=[-5]", "topk: [-5]", "positive"),
    refused(BPR, "topk=ten", "topk: 'ten'", "positive"),
    refused(BPR, "topk=[]", "topk: []", "positive"),
    refused(BPR, "topk=True", "topk: True", "positive"),
    Case("topk above the items", nothing, f"{BPR} --topk=[10,31]", fails("31 is more than the 30 items", "at most 30")),
    Case("topk above the items, ours", nothing, f"{CUREC} --topk=[10,99]", fails("99 is more than the 30 items")),
    Case("topk of all items", nothing, f"{BPR} --topk=[10,30]", runs("Recall@30")),
    Case("gauc has no cut-off", nothing, f'{BPR} "--metrics=[\'GAUC\']" --valid_metric=GAUC@10', fails("write GAUC")),
    Case("every ranking metric", nothing, f"{BPR} {EVERY}", runs(*COUNTS)),
    Case("every ranking metric, sequential", nothing, f"{SASREC} {EVERY}", runs(*COUNTS)),
    Case("every ranking metric, ours", nothing, f"{CUREC} --fusion=none {EVERY}", runs(*COUNTS)),
    Case("value metrics", nothing, f'{LABELED} {BY_LABEL}', runs("auc", "rmse", "mae", "logloss")),
    Case("value metrics, all items", nothing, f'{LABELED} {BY_FULL}', fails("mode: full", "labeled")),
    Case("value metrics, sampled", nothing, f'{LABELED} {BY_SAMPLE}', runs("auc", "rmse", "mae", "logloss")),
    # splits
    refused(BPR, split("{'RS':[0.8,0.2]}"), "{RS: [0.8, 0.2]}", "three shares"),
    refused(SASREC, split("{'RS':[0.8,0.2]}"), "{RS: [0.8, 0.2]}", "three shares"),
    refused(CUREC, split("{'RS':[0.8,0.2,0.0]}"), "{RS: [0.8, 0.2, 0.0]}", "greater than 0"),
    refused(BPR, split("{'RS':[0,0,0]}"), "greater than 0"),
    refused(BPR, split("{'RS':[1.1,-0.2,0.1]}"), "greater than 0"),
    refused(BPR, split("{'RS':'all'}"), "{RS: all}", "three shares"),
    refused(CUREC, split("{'LS':'valid_only'}"), "valid_only", "nothing for test"),
    refused(BPR, split("{'LS':'test_only'}"), "test_only", "nothing for validation"),
    refused(BPR, split("{'LS':'both'}"), "both", "valid_and_test"),
    refused(BPR, split("{'LS':'valid_and_test','RS':[8,1,1]}"), "give one of"),
    refused(BPR, split("{'XS':[8,1,1]}"), "'XS'", "give one of"),
    refused(BPR, split("'RS'"), "'RS'", "give one of"),
    accepted(GENERAL + " --fusion=none", split("{'RS':[8,1,1]}"), "Recall@10"),
    accepted(GENERAL + " --fusion=none", split("{'TS':[0.8,0.1,0.1]}"), "Recall@10"),
    refused(BPR, "eval_args=full", "eval_args: 'full'", "mapping"),
    refused(BPR, "eval_args={'groupby':'user'}", "eval_args.groupby", "'group_by'"),
    refused(BPR, "eval_args={'group_by':'users'}", "group_by: 'users'", "user or none"),
    refused(BPR, "eval_args={'order':'XO'}", "order: 'XO'", "TO"),
    refused(SASREC, "eval_args={'order':'RO'}", "order: RO", "SASRec", "TO"),
    # candidates
    refused(BPR, mode("'uni0'"), "'uni0'", "at least 1"),
    refused(CUREC, mode("'uni0'"), "'uni0'", "at least 1"),
    refused(BPR, mode("'uni'"), "'uni'", "uni100"),
    refused(BPR, mode("'uni-5'"), "'uni-5'", "uni100"),
    refused(BPR, mode("'some'"), "'some'", "full, labeled"),
    refused(BPR, mode("{'valid':'full','test':'pop0'}"), "'pop0'", "at least 1"),
    refused(BPR, mode("{'valid':'full','tests':'full'}"), "eval_args.mode.tests"),
    refused(BPR, mode("'labeled'"), "mode: labeled", "rank items"),
    refused(CUREC, mode("'labeled'"), "mode: labeled", "rank items"),
    accepted(SASREC, mode("'uni5'"), "only 6 items are ranked"),
    # what is around the run
    refused(BPR, "log_wandb=True", "log_wandb", "wandb", "pip install"),
    refused(CUREC, "log_wandb=True", "log_wandb", "wandb", "pip install"),
    Case("checkpoint_dir taken", nothing, f"{BPR} --checkpoint_dir=taken", in_the_way("checkpoint_dir", "'taken'")),
    Case("below a file", nothing, f"{BPR} --checkpoint_dir=taken/in", in_the_way("checkpoint_dir", "is a file")),
    Case("artifact_dir taken", nothing, f"{CUREC} --artifact_dir=taken", in_the_way("artifact_dir", "is a file")),
    Case("log_dir taken", nothing, f"{BPR} --log_dir=taken", in_the_way("log_dir", "is a file")),
    Case("a folder of the system", nothing, f"{BPR} --checkpoint_dir=/proc/saved", fails("checkpoint_dir", "/proc")),
    # RecBole's Pop counts an item once per batch: after one batch all scores are equal
    Case("all scores tie", nothing, "--model=Pop", runs("ties: in 40 of 40 ranked lists Pop", "by chance")),
]  # fmt: skip
