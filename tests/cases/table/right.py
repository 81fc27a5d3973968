"""The dataset as it is: what the other cases are compared with."""

from tests.cases.case import Case, catalog, fails, holds, runs, trains
from tests.cases.changes import nothing, without

GENRE = """--load_col="{'inter':['user_id','item_id','timestamp'],'item':['item_id','genre']}" """

CASES = [
    Case("the base, general", nothing, "--model=BPR", trains(240, items=30)),
    Case("the base, sequential", nothing, "--model=SASRec", trains(200, items=30)),
    Case("the base, CURec", nothing, "--model=CURec --fusion=none", trains(200, items=30)),
    Case("the base, genres", nothing, f"--model=BPR {GENRE}", holds("genre", i3=["Western"], i4=["Musical"])),
    Case("the base, catalog", nothing, "--model=CURec", catalog("i3", name="Story 3", labels=["Western"])),
    Case("the base, a whole run", nothing, "--model=BPR", runs("Recall@10")),
    Case("no item file", without("item"), "--model=CURec", fails("no item text", "base.item")),
]
