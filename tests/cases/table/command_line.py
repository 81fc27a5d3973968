"""What a person gives on the command line that cannot be used: kinds of values, saved data, code in a text."""

from tests.cases.case import Case, fails, runs
from tests.cases.changes import nothing

RATED = "--threshold=\"{'rating': 3}\" --load_col=\"{'inter':['user_id','item_id','rating','timestamp']}\""

CASES = [
    Case("a whole context model", nothing, f"--model=KD_DAGFM {RATED} --teacher=CIN", runs("auc", "logloss")),
    Case("eval_args is a number", nothing, "--model=BPR --eval_args=3", fails("eval_args: 3", "mapping")),
    Case("load_col is a number", nothing, "--model=SASRec --load_col=5", fails("load_col=5", "a mapping")),
    Case("unload_col is a list", nothing, "--model=BPR --unload_col=[1]", fails("unload_col=[1]", "a mapping")),
    Case("topk is a mapping", nothing, "--model=BPR --topk={}", fails("topk: {}", "positive")),
    Case("metrics is a number", nothing, "--model=BPR --metrics=7", fails("metrics: 7")),
    Case("valid_metric is null", nothing, "--model=BPR --valid_metric=null", fails("valid_metric: None", "NDCG@10")),
    Case("a list of layers is a number", nothing, "--model=NeuMF --mlp_hidden_size=64", fails("a list of numbers")),
    Case("a section is a number", nothing, "--model=CURec --align=5", fails("align")),
    Case("a NUL in a path", nothing, r"""--model=BPR --load_col="{'inter':['a\0b']}" """, fails("load_col", "NUL")),
    Case("no such home", nothing, "--model=BPR --log_dir=~nobody-at-all/x", fails("log_dir", "home folder")),
    Case("no folder for logs", nothing, "--model=BPR --log_dir=", fails("log_dir=''", "the path of a folder")),
    Case("a very long number", nothing, f"--model=BPR --epochs={'1' * 5000}", fails("epochs", "a whole number")),
    Case("deep lists", nothing, f"--model=BPR --topk={'[' * 80}{']' * 80}", fails("topk", "nested too deeply")),
    Case("a config file that is a folder", nothing, "--model=BPR --config_files=/tmp", fails("'/tmp'", "directory")),
    Case("a config file without end", nothing, "--model=BPR --config_files=/dev/zero", fails("larger than 10 MiB")),
    Case("saved data", nothing, "--model=BPR --save_dataset=True", fails("save_dataset: True", "remove")),
    Case("saved loaders", nothing, "--model=SASRec --save_dataloaders=True", fails("save_dataloaders", "remove")),
    Case("another's saved data", nothing, "--model=BPR --dataset_save_path=x.pth", fails("dataset_save_path: x.pth")),
    Case("code as a teacher", nothing, f"--model=KD_DAGFM {RATED} --teacher=exit()", fails("CrossNet, CIN")),
    Case("no vectors for LDiffRec", nothing, "--model=LDiffRec --n_cate=2", fails("item_emb.npy", "n_cate: 1")),
    Case("no first stage", nothing, "--model=NAIS --pretrain_path=x.pth", fails("no checkpoint at 'x.pth'")),
    Case("a package is missing", nothing, "--model=XGBoost", fails("xgboost", "install")),
    Case("no labels", nothing, "--model=FM", fails("'label'", "threshold")),
    Case(
        "a library ends the program", nothing,
        "--model=GRU4RecCPR --loss_type=BPR --train_neg_sample_args=\"{'distribution':'uniform','sample_num':1}\"",
        fails("gru4reccpr.py", "ended the run"),
    ),
    Case("more memory than there is", nothing, "--model=BPR --embedding_size=99999999999", fails("out of memory")),
]  # fmt: skip
