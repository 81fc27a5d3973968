"""Files beside the interactions and items: the knowledge graph, labels, splits made before."""

from collections.abc import Callable

from tests.cases.base import Base
from tests.cases.case import Case, fails, runs, trains
from tests.cases.changes import Change, both, cell, every, nothing

Rows = list[list[str]]
GRAPH = "head_id:token\trelation_id:token\ttail_id:token"
LABELLED = (
    "--model=FM --train_neg_sample_args=None --metrics=\"['AUC','LogLoss']\" --valid_metric=AUC "
    "--load_col=\"{'inter':['user_id','item_id','label','timestamp']}\" "
    "--eval_args=\"{'split':{'RS':[0.8,0.1,0.1]},'order':'RO','group_by':None,'mode':'labeled'}\""
)


def _graph(edit: Callable[[Rows, Rows], object] = lambda _graph, _links: None, header: str = GRAPH) -> Change:
    """A graph with an entity for every item; ``edit`` changes its rows and those of the links."""

    def change(base: Base) -> None:
        graph = [[f"m{item}", f"r{item % 3}", f"e{item % 7}"] for item in range(30)]
        links = [[f"i{item}", f"m{item}"] for item in range(30)]
        edit(graph, links)
        for suffix, first, rows in (("kg", header, graph), ("link", "item_id:token\tentity_id:token", links)):
            base.raw[suffix] = "".join("\t".join(row) + "\n" for row in (first.split("\t"), *rows)).encode()

    return change


def _labels(*values: str, kind: str = "label:float") -> Change:
    def change(base: Base) -> None:
        base.inter[0].append(kind)
        for number, fields in enumerate(base.inter[1:]):
            fields.append(values[number % len(values)])

    return change


def _split(base: Base) -> None:
    header, *rows = base.inter
    for part, some in zip("abc", (rows[:240], rows[240:280], rows[280:]), strict=True):
        base.raw[f"{part}.inter"] = "".join("\t".join(row) + "\n" for row in (header, *some)).encode()


def _histories(base: Base) -> None:
    base.inter[0][2:] = ["item_id_list:token_seq"]
    for fields in base.inter[1:]:
        fields[2:] = ["i1 i2 i3"]
    _split(base)


SPLIT = "--benchmark_filename=\"['a','b','c']\""

CASES = [
    Case("graph", _graph(), "--model=CKE", trains(240, items=30)),
    Case("graph with ids that look missing", _graph(lambda graph, _: graph[3].__setitem__(2, "NA")), "--model=CKE",
         trains(240, items=30)),
    Case("graph with a row too long", _graph(lambda graph, _: graph[0].append("")), "--model=CKE",
         fails("base.kg", "line 2", "4 fields")),
    Case("no graph", nothing, "--model=CKE", fails("base.kg does not exist", "CKE", ".link")),
    Case("graph of numbers", _graph(header=GRAPH.replace("head_id:token", "head_id:float")), "--model=CKE",
         fails("head_id:token")),
    Case("two items of one entity", _graph(lambda _, links: links[4].__setitem__(1, "m3")), "--model=CKE",
         fails("base.link", "line 6", "entity_id 'm3' has a second item_id, 'i4'")),
    Case("two entities of one item", _graph(lambda _, links: links.append(["i3", "x"])), "--model=CKE",
         fails("base.link", "line 32", "item_id 'i3' has a second entity_id, 'x'")),
    Case("a link twice", _graph(lambda _, links: links.append(["i3", "m3"])), "--model=CKE", trains(240, items=30)),
    # Labels.
    Case("labels of 0 and 1", _labels("0", "1", "1"), LABELLED, runs("auc")),
    Case("labels of 0 and 2", _labels("0", "2"), LABELLED, fails("'label' also has 2", "0 or 1")),
    Case("labels of -1 and 1", _labels("-1", "1"), LABELLED, fails("'label' also has -1", "0 or 1")),
    Case("ratings for labels", _labels("1", "2", "3"), LABELLED, fails("'label' also has 2", "threshold")),
    Case("a label is missing", both(_labels("0", "1"), cell("inter", 7, "label", "")), LABELLED,
         fails("'label' also has 0.5", "mean")),
    Case("labels that are all 1", _labels("1"), LABELLED, fails("Every label of training is 1", "AUC")),
    Case("labels that are all 0", _labels("0"), LABELLED, fails("Every label of training is 0", "AUC")),
    Case("labels that are texts", _labels("0", "1", kind="label:token"), LABELLED, fails("'label:float'")),
    # Splits made before.
    Case("split before", _split, f"--model=BPR {SPLIT}", trains(240, items=30)),
    Case("split before, without histories", _split, f"--model=SASRec {SPLIT}",
         fails("benchmark_filename", "item_id_list:token_seq", "SASRec")),
    Case("split before, with histories and no times", _histories, f"--model=SASRec {SPLIT} --load_col=None "
         "--alias_of_item_id=\"['item_id_list']\"", trains(240, items=30)),
    # Ids that look alike.
    Case("ids in two forms of Unicode",
         both(every("inter", "item_id", "e\u0301{}".format), every("item", "item_id", "\xe9{}".format)),
         "--model=BPR --load_col=\"{'inter':['user_id','item_id','timestamp'],'item':['item_id','genre']}\"",
         fails("0 of 30", r"'e\u0301i0'", r"'\xe9i0'")),
]  # fmt: skip
