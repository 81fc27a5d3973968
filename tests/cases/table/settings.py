"""Settings that make no sense, and RecBole's own forms that do: said before anything is trained."""

from tests.cases.case import Case, fails, runs
from tests.cases.changes import added, nothing

BPR, SASREC, CUREC, GENERAL = "--model=BPR", "--model=SASRec", "--model=CURec", "--model=CURecGeneral"
NEGATIVES = "train_neg_sample_args"


def refused(model: str, setting: str, *words: str) -> Case:
    """A setting that is refused, in a sentence that names it and these words."""
    return Case(f"{model[8:]} {setting}", nothing, f'{model} "--{setting}"', fails(*words))


def accepted(model: str, setting: str, *words: str) -> Case:
    """A setting that a whole run accepts, with these words in what it prints or logs."""
    return Case(f"{model[8:]} {setting}", nothing, f'{model} "--{setting}"', runs(*words))


CASES = [
    # numbers
    refused(BPR, "learning_rate=1e999", "learning_rate=inf", "finite number"),
    refused(CUREC, "learning_rate=1e999", "learning_rate=inf", "finite number"),
    refused(BPR, "learning_rate=-0.1", "learning_rate=-0.1", "greater than 0"),
    refused(BPR, "learning_rate=nan", "learning_rate='nan'", "a number"),
    refused(SASREC, "hidden_size=0", "hidden_size=0", "at least 1"),
    refused(CUREC, "hidden_size=0", "hidden_size=0", "at least 1"),
    refused(GENERAL, "embedding_size=-8", "embedding_size=-8", "at least 1"),
    refused("--model=NeuMF", "mlp_hidden_size=[64,0]", "mlp_hidden_size=[64, 0]", "at least 1"),
    refused("--model=NeuMF", "mlp_hidden_size=64", "mlp_hidden_size=64", "a list"),
    refused(SASREC, "n_layers=-1", "n_layers=-1", "at least 0"),
    refused(SASREC, "hidden_dropout_prob=1.5", "hidden_dropout_prob=1.5", "less than 1"),
    refused(CUREC, "attn_dropout_prob=-0.1", "attn_dropout_prob=-0.1", "less than 1"),
    refused("--model=LightGCN", "reg_weight=-1e-4", "reg_weight=-0.0001", "at least 0"),
    refused("--model=SGL", "ssl_tau=0", "ssl_tau=0", "greater than 0"),
    refused("--model=BERT4Rec", "mask_ratio=2", "mask_ratio=2", "from 0 to 1"),
    refused(BPR, "epochs=-1", "epochs=-1", "at least 0"),
    refused(CUREC, "epochs=-1", "epochs=-1", "at least 0"),
    refused(BPR, "train_batch_size=0", "train_batch_size=0", "at least 1"),
    refused(BPR, "eval_batch_size=0", "eval_batch_size=0", "at least 1"),
    refused(BPR, "weight_decay=-0.1", "weight_decay=-0.1", "at least 0"),
    refused(BPR, "stopping_step=-1", "stopping_step=-1", "at least 0"),
    refused(BPR, "eval_step=-1", "eval_step=-1", "at least 0"),
    refused(BPR, "worker=-1", "worker=-1", "at least 0"),
    refused(BPR, "metric_decimal_place=-2", "metric_decimal_place=-2", "at least 1"),
    refused(BPR, "seed=-1", "seed=-1", "from 0 to 4294967295"),
    refused(BPR, "seed=4294967296", "seed=4294967296", "from 0 to"),
    refused(BPR, "seed=1.5", "seed=1.5", "whole number"),
    refused(BPR, "seed=abc", "seed='abc'", "whole number"),
    refused(SASREC, "MAX_ITEM_LIST_LENGTH=0", "MAX_ITEM_LIST_LENGTH=0", "at least 1"),
    refused(BPR, "clip_grad_norm=5", "clip_grad_norm=5", "max_norm"),
    refused(BPR, "clip_grad_norm={'max_norm':1e999}", "clip_grad_norm.max_norm=inf", "finite"),
    refused(CUREC, "align.learning_rate=1e999", "align.learning_rate=inf", "finite"),
    refused(CUREC, "align.mix={'reason':1e999}", "align.mix.reason=inf", "finite"),
    # choices
    refused(BPR, "learner=adamx", "learner='adamx'", "adam, adamw, sgd"),
    refused(BPR, "state=LOUD", "state='LOUD'", "debug, info, warning"),
    refused(SASREC, "loss_type=XENT", "loss_type='XENT'", "SASRec", "BPR, CE"),
    refused(CUREC, "loss_type=XENT", "loss_type", "CE"),
    refused("--model=CDAE", "loss_type=CE", "loss_type='CE'", "BCE, MSE"),
    refused(SASREC, "transform=shuffle", "transform='shuffle'", "crop_itemseq"),
    refused(BPR, "rm_dup_inter=middle", "rm_dup_inter='middle'", "first, last"),
    refused(BPR, "benchmark_filename=['train','test']", "benchmark_filename=['train', 'test']", "three names"),
    # devices and processes
    accepted(BPR, "gpu_id=0,1", "Recall@10"),
    accepted(BPR, "gpu_id=0", "Recall@10"),
    accepted(BPR, "gpu_id=", "Recall@10"),
    accepted(BPR, "use_gpu=False", "Recall@10"),
    refused(BPR, "gpu_id=gpu", "gpu_id='gpu'", "'0,1'"),
    refused(BPR, "nproc=2", "nproc=2", "one process", "torchrun"),
    refused(CUREC, "nproc=2", "nproc=2", "one process", "torchrun"),
    refused(BPR, "local_rank=1", "local_rank=1", "one process"),
    # negatives of the training
    refused(BPR, f"{NEGATIVES}={{'distribution':'normal','sample_num':1}}", "distribution: 'normal'", "uniform"),
    refused(BPR, f"{NEGATIVES}={{'distribution':'uniform','sample_num':0}}", "sample_num: 0", "at least 1"),
    refused(BPR, f"{NEGATIVES}={{'sample_number':2}}", "sample_number is unknown", "'sample_num'"),
    refused(BPR, f"{NEGATIVES}=uniform", "'uniform'", "mapping"),
    refused(BPR, f"{NEGATIVES}={{'dynamic':True}}", "candidate_num", "at least 1"),
    refused(BPR, f"{NEGATIVES}={{'distribution':'popularity','alpha':-1}}", "alpha: -1", "at least 0"),
    refused(BPR, f"{NEGATIVES}=None", f"{NEGATIVES}: ~", "learns from pairs"),
    refused(BPR, f"{NEGATIVES}={{'distribution':'none'}}", f"{NEGATIVES}: ~", "learns from pairs"),
    refused(BPR, f"{NEGATIVES}={{'sample_num':99999999}}", "sample_num asks for 99,999,999", "30 items"),
    refused(BPR, f"{NEGATIVES}={{'dynamic':True,'candidate_num':9999999}}", "candidate_num asks for", "30 items"),
    refused(BPR, "eval_args={'mode':'uni99999999'}", "eval_args.mode.valid asks for 99,999,999", "30 items"),
    refused(BPR, "metric_decimal_place=400", "metric_decimal_place=400", "at most 15"),
    refused(BPR, "loss_decimal_place=400", "loss_decimal_place=400", "at most 15"),
    refused(CUREC, "num_threads=100000", "num_threads=100000", "1024"),
    # names of columns that RecBole makes: each of these gave other figures, or a tensor's shape
    refused(BPR, "NEG_PREFIX=", "NEG_PREFIX=''", "at least one character"),
    refused(SASREC, "LIST_SUFFIX=", "LIST_SUFFIX=''", "at least one character"),
    refused(CUREC, "ITEM_LIST_LENGTH_FIELD=item_id", "ITEM_LIST_LENGTH_FIELD: 'item_id'", "would be replaced"),
    refused(SASREC, "ITEM_LIST_LENGTH_FIELD=item_id", "ITEM_LIST_LENGTH_FIELD: 'item_id'", "would be replaced"),
    refused(BPR, "USER_ID_FIELD=item_id", "USER_ID_FIELD and ITEM_ID_FIELD", "name two columns"),
    Case(
        "SASRec a list over a column", added("inter", "item_id_list:token"),
        SASREC + " --load_col=\"{'inter':['user_id','item_id','timestamp','item_id_list']}\"",
        fails("LIST_SUFFIX: '_list'", "'item_id_list'", "would be replaced"),
    ),
    # what can be meant is said
    accepted(BPR, "epochs=0", "epochs: 0 trains nothing"),
    accepted(BPR, "eval_step=0", "eval_step: 0 validates no epoch"),
    accepted(CUREC + " --fusion=none", "eval_step=0", "eval_step: 0 validates no epoch"),
    # columns
    refused(BPR, "load_col={'inter':['user_id','item_id','ratings']}", "load_col.inter", "'ratings'", "'rating'"),
    refused(CUREC, "load_col={'inter':['user_id','item_id','timestamp'],'itm':['genre']}", "load_col.itm", "inter"),
    refused(BPR, "load_col={'inter':'*','item':'genre'}", "load_col.item: 'genre'", "list of columns"),
    refused(BPR, "unload_col={'inter':['price']}", "unload_col.inter", "'price'"),
    refused(BPR, "unload_col={'inter':['rating']}", "load_col.inter and unload_col.inter"),
    refused(BPR, "numerical_features=['price']", "numerical_features", "'price'", "user_id, item_id"),
    refused(BPR, "normalize_field=['rating']", "normalize_field", "'rating'", "add it to load_col.inter"),
    refused(BPR, "normalize_field=['user_id']", "normalize_field", "of type token", "float"),
    refused(BPR, "alias_of_item_id=['other_id']", "alias_of_item_id", "'other_id'"),
    refused(BPR, "preload_weight={'item_id':'vector'}", "preload_weight", "'vector'"),
    refused(BPR, "seq_len={'genre':3}", "seq_len", "'genre'", "load_col.item"),
    refused(BPR, "unused_col={'inter':['price']}", "unused_col.inter", "'price'"),
    refused("--model=SASRecF", "selected_features=['class']", "selected_features", "'class'"),
]  # fmt: skip
