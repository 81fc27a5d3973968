import pytest

from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.plugin.config import load_config


def message_of(load, model, atomic, **overrides):
    with pytest.raises(DataError) as error:
        load(model, atomic, **overrides)
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_good_files_pass(load, toy):
    toy.write("item", "item_id:token title:token_seq", [("i0", "Café")])
    assert load("CURec", toy)["dataset"] == "toy"


def test_missing_interaction_file(load, atomic):
    assert "toy.inter does not exist" in message_of(load, "CURec", atomic)


def test_missing_id_column(load, atomic):
    atomic.write("inter", "user:token item_id:token timestamp:float", [("u", "i", 1)])
    assert "has no 'user_id' column (it has user, item_id, timestamp): set USER_ID_FIELD." in message_of(
        load, "CURec", atomic
    )


def test_missing_time_column(load, atomic):
    atomic.write("inter", "user_id:token item_id:token", [("u", "i"), ("u", "j")])
    text = message_of(load, "CURec", atomic)
    assert "has no 'timestamp' column" in text
    assert "set TIME_FIELD or use model: CURecGeneral" in text
    assert "set TIME_FIELD or use model: CURecGeneral" in message_of(load, "SASRec", atomic)
    ids = {"inter": ["user_id", "item_id"]}
    assert load("CURecGeneral", atomic, load_col=ids)["model"] == "CURecGeneral"
    order = {"split": {"LS": "valid_and_test"}, "order": "TO"}
    assert "set eval_args.order: RO" in message_of(load, "CURecGeneral", atomic, eval_args=order)


def test_time_column_not_loaded(load, toy):
    text = message_of(load, "CURec", toy, load_col={"inter": ["user_id", "item_id"]})
    assert text.startswith("Column 'timestamp' is needed but not loaded: add it to load_col.inter")
    text = message_of(load, "CURec", toy, load_col=None, unload_col={"inter": ["timestamp"]})
    assert text.startswith("Column 'timestamp' is needed but not loaded")


def test_time_column_of_wrong_type(load, atomic):
    atomic.write("inter", "user_id:token item_id:token timestamp:token", [("u", "i", 1)])
    assert "write 'timestamp:float'" in message_of(load, "CURec", atomic)


@pytest.mark.parametrize("suffix", ["inter", "item", "user"])
def test_text_that_is_not_utf8(load, toy, suffix):
    fields = {"inter": "user_id:token item_id:token timestamp:float", "item": "item_id:token", "user": "user_id:token"}
    good = [("a", "b", 1), ("é", "b", 2)] if suffix == "inter" else [("a",), ("é",)]
    path = toy.write(suffix, fields[suffix], good, encoding="latin-1")
    text = message_of(load, "CURec", toy)
    assert f"{path}, line 3: the text is not UTF-8" in text
    assert "encoding" in text
    if suffix != "inter":
        toy.write("inter", fields["inter"], [("a", "b", 1), ("é", "c", 2)], encoding="latin-1")
    assert load("CURec", toy, encoding="latin-1")["encoding"] == "latin-1"


def test_unknown_encoding(load, toy):
    assert "is not an encoding Python knows" in message_of(load, "CURec", toy, encoding="utf-99")


def test_duplicate_items(load, toy):
    path = toy.write("item", "item_id:token title:token_seq", [("i0", "a"), ("i1", "b"), ("i0", "c")])
    text = message_of(load, "CURec", toy)
    assert f"{path}, line 4: item_id 'i0' occurs twice (1 repeated rows in all)" in text


def test_quotation_marks_in_titles_are_text(load, toy):
    rows = [("i0", '"Great" Expectations'), ("i1", '"An open quotation mark'), ("i2", "b")]
    toy.write("item", "item_id:token title:token_seq", rows)
    assert load("CURec", toy, fusion="init")["recommend.fusion"] == "init"
    toy.write("item", "item_id:token title:token_seq", [*rows, ("i1", "again")])
    assert "line 5: item_id 'i1' occurs twice" in message_of(load, "CURec", toy)


def test_an_item_row_with_too_many_fields(load, toy):
    toy.write("item", "item_id:token title:token_seq", [("i0", "a"), ("i1", "b", "c")])
    assert "line 3: 3 fields, where the header names 2 columns" in message_of(load, "CURec", toy, fusion="init")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("user_id:token\titem_id:token\ttimestamp:float\n", "has a header but no rows"),
        ("user_id\titem_id\ttimestamp\nu\ti\t1\n", "is not 'name:type'"),
        ("user_id:token,item_id:token,timestamp:float\nu,i,1\n", "set field_separator"),
        ("\ufeffuser_id:token\titem_id:token\ttimestamp:float\nu\ti\t1\n", "byte-order mark"),
    ],
)
def test_bad_headers(load, toy, content, message):
    (toy.root / "toy" / "toy.inter").write_text(content, encoding="utf-8")
    assert message in message_of(load, "CURec", toy)


def test_values_recbole_cannot_read(load, atomic):
    atomic.interactions([("u", "i", 1), ("u", "j", "yesterday")])
    with pytest.raises(DataError, match=r"toy\.inter, line 3: timestamp 'yesterday' is no number"):
        load("CURec", atomic)


@pytest.mark.parametrize("name", ["../toy", "..", ".", " ", "a/b", "a\\b", "/tmp/toy", "to\0y", "to\ny", "a" * 300])
@pytest.mark.parametrize("model", ["CURec", "BPR"])
def test_a_name_that_leads_elsewhere(model, name, settings_for, toy, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigurationError, match=r"^dataset=.* is no name of a dataset: give the name of a folder"):
        load_config(model, name, [], settings_for(toy))
    assert sorted(tmp_path.rglob("*")) == before
