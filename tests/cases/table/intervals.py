"""Intervals, filters and thresholds: each does what it says, or is one sentence at the start."""

from tests.cases.base import Base
from tests.cases.case import Case, fails, trains
from tests.cases.changes import added, both, cell, nothing

RATED = "--load_col=\"{'inter':['user_id','item_id','rating','timestamp']}\""
UNRATED = "--load_col=\"{'inter':['user_id','item_id','timestamp']}\""
GENRES = "--load_col=\"{'inter':['user_id','item_id','rating','timestamp'],'item':['item_id','genre']}\""
SEQUENCE = both(added("inter", "prices:float_seq", row1="1 2 3"), added("item", "tags:token_seq"))


def _values(text: str) -> str:
    return f'--model=BPR --val_interval="{text}"'


def _split_before(base: Base) -> None:
    base.raw.update({f"{part}.inter": base.text("inter").encode() for part in "abc"})


CASES = [
    Case("interval without brackets", nothing, _values("{'rating':'3,inf'}"), fails("'3,inf'", "'[3,inf)'")),
    Case("interval without brackets, CURec", nothing, "--model=CURec --val_interval=\"{'rating':'3,inf'}\"",
         fails("'3,inf'", "'[3,inf)'")),
    Case("interval without brackets, SASRec", nothing, "--model=SASRec --val_interval=\"{'rating':'3,inf'}\"",
         fails("'3,inf'")),
    Case("interval with one bracket", nothing, _values("{'rating':'[3,5'}"), fails("'[3,5'")),
    Case("interval of three ends", nothing, _values("{'rating':'[3,4,5]'}"), fails("'[3,4,5]'")),
    Case("interval of one end", nothing, _values("{'rating':'[3]'}"), fails("'[3]'")),
    Case("interval of words", nothing, _values("{'rating':'[low,high]'}"), fails("'low'")),
    Case("interval of nan", nothing, _values("{'rating':'[nan,5]'}"), fails("'nan'")),
    Case("interval that ends before it begins", nothing, _values("{'rating':'[5,3]'}"), fails("'[5,3]'", "smaller")),
    Case("interval of nothing", nothing, _values("{'rating':'(3,3)'}"), fails("'(3,3)'", "no number")),
    Case("interval without text", nothing, _values("{'rating':''}"), fails("empty interval")),
    Case("interval with a hanging semicolon", nothing, _values("{'rating':'[1,2];'}"), fails("'[1,2];'", "empty")),
    Case("second interval is wrong", nothing, _values("{'rating':'[1,2];4'}"), fails("'[1,2];4'", "'4'")),
    Case("number for an interval", nothing, _values("{'rating':3}"), fails("3", "'[3,inf)'")),
    Case("list for a column of numbers", nothing, _values("{'rating':[3,4,5]}"), fails("[3, 4, 5]", "'[3,5]'")),
    Case("text for val_interval", nothing, "--model=BPR --val_interval=[3,5]", fails("[3, 5]", "{'rating'")),
    Case("interval of an unknown column", nothing, _values("{'stars':'[3,5]'}"), fails("'stars'", "rating")),
    Case("interval of a column left out", nothing, _values("{'rating':'[3,5]'}") + f" {UNRATED}",
         fails("'rating'", "load_col.inter")),
    Case("interval of a sequence of numbers", SEQUENCE, _values("{'prices':'[1,2]'}"), fails("prices", "float_seq")),
    Case("list of a sequence of texts", SEQUENCE, _values("{'tags':['word']}"), fails("tags", "token_seq")),
    Case("interval for a column of texts", nothing, _values("{'genre':'[Drama,Horror]'}"), fails("'genre'", "list")),
    Case("word for a column of texts", nothing, _values("{'genre':'Drama'}"), fails("'Drama'", "['Drama']")),
    Case("empty list for a column of texts", nothing, _values("{'genre':[]}"), fails("'genre'", "empty")),
    Case("interval that keeps no row", nothing, _values("{'rating':'[6,9]'}"), fails("'[6,9]'", "from 1 to 5")),
    Case("values that no row has", nothing, _values("{'genre':['drama']}"), fails("['drama']", "'Drama'")),
    Case("interval of an item column alone", nothing,
         _values("{'genre':['Drama']}") + " --filter_inter_by_user_or_item=False",
         fails("filter_inter_by_user_or_item")),
    # What is right keeps exactly its rows.
    Case("ratings from 3", nothing, _values("{'rating':'[3,inf)'}"), trains(106, "137 of 320 interactions were removed by val_interval: {'rating': '[3,inf)'}; 183 are left.")),
    Case("ratings above 2", nothing, _values("{'rating':' ( 2 , 5 ] '}"), trains(106)),
    Case("two intervals of ratings", nothing, _values("{'rating':'[1,2];[5,5]'}"), trains(103)),
    Case("ratings from 3, CURec", nothing, "--model=CURec --fusion=none --val_interval=\"{'rating':'[3,inf)'}\"",
         trains(75)),
    Case("a missing rating", cell("inter", 5, "rating", ""), _values("{'rating':'(-inf,inf)'}"),
         trains(239, "1 of 320 rows have no value and are dropped")),
    Case("items of two genres", nothing, _values("{'genre':['Drama','Horror']}"), trains(60, items=12)),
    Case("users by name", nothing, _values("{'user_id':['u1','u2','u3']}"), trains(18)),
    # Numbers of interactions.
    Case("a number for numbers of interactions", nothing, "--model=BPR --item_inter_num_interval=12",
         fails("item_inter_num_interval: 12", "'[12,inf)'")),
    Case("the same for users and CURec", nothing, "--model=CURec --user_inter_num_interval=5",
         fails("user_inter_num_interval: 5", "'[5,inf)'")),
    Case("no whole number", nothing, "--model=BPR --user_inter_num_interval=[0.2,0.8]", fails("[0.2,0.8]")),
    Case("no interaction wanted", nothing, "--model=BPR --user_inter_num_interval=[0,0]", fails("[0,0]", "nothing")),
    Case("true for an interval", nothing, "--model=BPR --user_inter_num_interval=True", fails("True")),
    Case("more interactions than any user has", nothing, "--model=BPR --user_inter_num_interval=[9,inf)",
         fails("user_inter_num_interval: [9,inf)", "320")),
    Case("fewer interactions than any item has", nothing, "--model=BPR --item_inter_num_interval=[1,2]",
         fails("item_inter_num_interval", "320")),
    Case("items with twelve", nothing, "--model=BPR --item_inter_num_interval=[12,inf)",
         trains(67, "186 of 320 interactions were removed by item_inter_num_interval: [12,inf);")),
    Case("an interval as a list", nothing, "--model=BPR --user_inter_num_interval=[5,10]", trains(240)),
    Case("an interval as a tuple", nothing, "--model=BPR --user_inter_num_interval=(7,9)", trains(240)),
    Case("two intervals, the larger first", nothing, f"--model=BPR {GENRES} --item_inter_num_interval=[14,20];[9,10]",
         trains(136, items=20)),
    Case("intervals over files split before", _split_before,
         "--model=BPR --benchmark_filename=\"['a','b','c']\" --val_interval=\"{'rating':'[3,5]'}\"",
         fails("val_interval", "benchmark_filename")),
    # Duplicates.
    Case("duplicates by truth", nothing, "--model=BPR --rm_dup_inter=False", fails("rm_dup_inter=False", "first, last")),
    Case("duplicates by a wrong word", nothing, "--model=SASRec --rm_dup_inter=First", fails("rm_dup_inter='First'", "first, last")),
    Case("filter by a word", nothing, "--model=BPR --filter_inter_by_user_or_item=yes",
         fails("filter_inter_by_user_or_item", "'yes'")),
    # Thresholds.
    Case("threshold of text", nothing, "--model=BPR --threshold=\"{'rating':'4'}\"", fails("'4'", "{'rating': 4}")),
    Case("threshold without a column", nothing, "--model=BPR --threshold=4", fails("threshold: 4", "{'rating': 4}")),
    Case("threshold of two columns", nothing, "--model=BPR --threshold=\"{'rating':4,'timestamp':1}\"",
         fails("threshold", "one column")),
    Case("threshold of an unknown column", nothing, "--model=CURec --threshold=\"{'stars':4}\"",
         fails("'stars'", "rating")),
    Case("threshold of the time", nothing, "--model=CURec --threshold=\"{'timestamp':4}\"", fails("'timestamp'")),
    Case("threshold of texts", nothing, "--model=BPR --threshold=\"{'item_id':4}\"", fails("'item_id'", "token")),
    Case("threshold of nan", nothing, "--model=BPR --threshold=\"{'rating':1e999}\"", fails("inf", "finite")),
    Case("threshold over all ratings", nothing, "--model=BPR --threshold=\"{'rating':6}\"",
         fails("rating: 6", "highest", "5")),
    Case("threshold over a column left out", nothing, f"--model=CURec {UNRATED} --threshold=\"{{'rating':4}}\"",
         fails("'rating'", "load_col.inter")),
    Case("threshold with a gap", cell("inter", 5, "rating", ""), "--model=BPR --threshold=\"{'rating':4}\"",
         fails("1 of 320", "'rating'")),
    Case("label over a column", nothing, "--model=BPR --LABEL_FIELD=timestamp --threshold=\"{'rating':4}\"",
         fails("LABEL_FIELD: 'timestamp'")),
    Case("threshold, plain", nothing, f"--model=BPR {RATED} --threshold=\"{{'rating':4}}\"",
         trains(240, "BPR learns from and is tested on them like the others", "val_interval: {'rating': '[4,inf)'}")),
    Case("threshold under all ratings", nothing, "--model=BPR --threshold=\"{'rating':0}\"",
         trains(240, "changes nothing")),
    Case("threshold, CURec", nothing, "--model=CURec --threshold=\"{'rating':4}\"",
         trains(200, "of 240 training interactions are below threshold rating: 4 and are not used for reasons",
                "CURec learns from and is tested on them like the others")),
    Case("threshold, SASRec", nothing, "--model=SASRec --threshold=\"{'rating':4}\"",
         trains(200, "SASRec learns from and is tested on them", without=["not used for reasons"])),
    Case("threshold, EASE", nothing, "--model=EASE --train_neg_sample_args=None --threshold=\"{'rating':4}\"",
         trains(240, "EASE learns from and is tested on them")),
    Case("threshold, CURecGeneral", nothing, "--model=CURecGeneral --threshold=\"{'rating':4}\"",
         trains(240, "are not used for reasons")),
]  # fmt: skip
