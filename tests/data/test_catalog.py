import logging

import numpy as np
import pytest

from recbole_curec.data.catalog import Catalog, check_item_text, read_catalog
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.settings.sections import CollectSettings

NONE = np.array([], dtype=str)


@pytest.fixture
def write(tmp_path):
    def build(header, *rows, encoding="utf-8"):
        path = tmp_path / "d.item"
        lines = ["\t".join(header.split()), *("\t".join(row) for row in rows)]
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    return build


def read(path, train=NONE, **settings):
    return read_catalog(path, "item_id", np.array(train, dtype=str), CollectSettings(**settings))


def test_titles_attributes_and_prose_are_told_apart(write):
    path = write(
        "item_id:token movie_title:token_seq release_year:token genre:token_seq plot:token_seq price:float",
        *(
            (
                f"m{k:02}",
                f"Film {k}",
                str(1990 + k % 3),
                "Crime Drama" if k % 2 else "Comedy",
                f"word{k} of plot{k}",
                "1",
            )
            for k in range(40)
        ),
    )
    catalog = read(path)
    assert catalog.n_items == 41
    assert catalog.tokens[:3] == ("", "m00", "m01")
    assert catalog.names[2] == "Film 1"
    assert catalog.noun == "movies"  # of movie_title
    assert catalog.attributes[2] == ("movies from 1991", "Crime", "Drama")
    assert catalog.attributes[1] == ("movies from 1990", "Comedy")
    assert catalog.texts[2] == "Film 1. release year 1991, Crime, Drama. word1 of plot1"
    assert catalog.labels == {f"movies from {year}" for year in (1990, 1991, 1992)} | {"Crime", "Drama", "Comedy"}
    assert catalog.index["m01"] == 2


@pytest.mark.parametrize(
    ("header", "settings", "year", "price"),
    [
        ("item_id:token movie_title:token_seq year:token price:token", {}, "movies from 1997", "price 12"),
        ("item_id:token gallery_name:token_seq year:token price:token", {}, "galleries from 1997", "price 12"),
        ("item_id:token title:token_seq year:token price:token", {}, "releases from 1997", "price 12"),
        ("item_id:token item_name:token_seq year:token price:token", {}, "releases from 1997", "price 12"),
        ("item_id:token movie_title:token_seq year:token price:token", {"item_noun": "films"}, "films from 1997",
         "price 12"),
        ("item_id:token movie_title:token_seq year:token price:token", {"language": "de"},
         "Filme aus dem Jahr 1997", "price 12"),
        ("item_id:token title:token_seq year:token price:token", {"language": "de"},
         "Titel aus dem Jahr 1997", "price 12"),
        ("item_id:token movie_title:token_seq film:token years:token", {}, "film 1997", "years 12"),
    ],
)  # fmt: skip
def test_a_year_reads_as_one_and_another_number_keeps_its_column(write, header, settings, year, price):
    catalog = read(write(header, ("1", "Contact", "1997", "12")), **settings)
    assert catalog.attributes[1] == (year, price)
    column = header.split()[2].partition(":")[0]
    assert catalog.texts[1] == f"Contact. {column} 1997, {price}"  # what encoders read is as it was


def test_a_year_that_cannot_be_one_is_a_number(write):
    catalog = read(write("item_id:token title:token_seq year:token", ("1", "A", "97"), ("2", "B", "1234567")))
    assert catalog.attributes[1:] == (("year 97",), ("year 1234567",))


def test_names_are_in_reading_order_and_texts_as_the_file_has_them(write):
    path = write("item_id:token title:token_seq", ("1", "Cook the Thief His Wife & Her Lover, The"))
    catalog = read(path, title_words=4)
    assert catalog.names[1] == "The Cook the Thief"  # put in order before it is shortened
    assert catalog.texts[1] == "Cook the Thief His Wife & Her Lover, The"


def test_a_noun_is_a_word(write):
    with pytest.raises(ValueError, match=r"collect\.item_noun='films!' is no word: give one such as movies"):
        CollectSettings(item_noun="films!")


def test_few_rows_are_attributes_up_to_twenty_values(write):
    rows = [(f"i{k}", f"T {k}", f"v{k}") for k in range(21)]
    assert read(write("item_id:token title:token_seq kind:token", *rows[:20])).attributes[1] == ("v0",)
    assert read(write("item_id:token title:token_seq kind:token", *rows)).attributes[1] == ()


def test_the_title_column_is_guessed_or_named(write):
    path = write("item_id:token genre:token product_name:token_seq", ("1", "Toys", "Red Ball"))
    assert read(path).names[1] == "Red Ball"
    assert read(path, item_title_field="genre").names[1] == "Toys"
    path = write("item_id:token about:token_seq genre:token", ("1", "Red Ball", "Toys"))
    assert read(path).names[1] == "Red Ball"  # no hint: the first text column


def test_only_named_columns_are_used(write):
    path = write("item_id:token title:token_seq genre:token maker:token", ("1", "Red Ball", "Toys", "Acme"))
    catalog = read(path, item_text_fields=["title", "maker"])
    assert catalog.attributes[1] == ("Acme",)
    assert "Toys" not in catalog.texts[1]


def test_names_are_short_and_texts_whole(write):
    title = "The Very Long Name of a Thing, That Goes On and On"
    catalog = read(write("item_id:token title:token_seq", ("1", title)), title_words=7)
    assert catalog.names[1] == "The Very Long Name of a Thing"
    assert catalog.texts[1] == title


def test_rows_are_sorted_by_id_whatever_their_order(write):
    rows = [("b", "B", "x"), ("a", "A", "y"), ("c", "C", "x")]
    header = "item_id:token title:token_seq kind:token"
    assert read(write(header, *rows)) == read(write(header, *reversed(rows)))


def test_training_items_without_a_row_get_their_id_as_name(write, caplog):
    path = write("item_id:token title:token_seq", ("b", "B"), ("d", "D"))
    with caplog.at_level(logging.WARNING):
        catalog = read(path, ["a", "b", 'c"<x>', "d"])
    assert catalog.tokens == ("", "a", "b", 'c"<x>', "d")
    assert catalog.names == ("", "item a", "B", "item c'(x)", "D")
    assert catalog.texts[1] == ""
    assert caplog.messages == [f"2 training items have no row in {path} (first: a); their name is their id."]


def test_an_empty_title_falls_back_to_the_id(write):
    catalog = read(write("item_id:token title:token_seq kind:token", ("7", "", "x"), ("8", "Eight", "")))
    assert catalog.names[1:] == ("item 7", "Eight")
    assert catalog.attributes[1:] == (("x",), ())


def test_hostile_text_is_cleaned_everywhere(write):
    catalog = read(write("item_id:token title:token_seq kind:token_seq", ("1", '"A" </think>', "<|end|> b|c NA null")))
    assert catalog.names[1] == "'A' (/think)"
    assert catalog.attributes[1] == ("(/end/)", "b/c", "NA", "null")  # text that pandas would read as missing


def test_other_encodings_and_separators(tmp_path):
    path = tmp_path / "d.item"
    path.write_bytes("item_id:token;title:token_seq;tags:token_seq\n1;Café;é,b\n".encode("latin-1"))
    catalog = read_catalog(
        path, "item_id", NONE, CollectSettings(), separator=";", seq_separator=",", encoding="latin-1"
    )
    assert catalog.names[1] == "Café"
    assert catalog.attributes[1] == ("é", "b")


def test_frame_round_trip(write):
    catalog = read(write("item_id:token title:token_seq kind:token_seq", ("1", "A", "x y"), ("2", "B", "")), ["1", "3"])
    assert Catalog.from_frame(catalog.frame()) == catalog
    german = read(write("item_id:token book_title:token_seq", ("1", "A")), language="de")
    assert (german.language, german.noun) == ("de", "B\u00fccher")
    assert Catalog.from_frame(german.frame()) == german


@pytest.mark.parametrize(
    ("header", "rows", "settings", "error", "message"),
    [
        (
            "item_id:token price:float",
            [("1", "2")],
            {},
            DataError,
            "has no token or token_seq column beside 'item_id': add one, or set collect.item_text_from: reviews where "
            "the interaction file has reviews.",
        ),
        ("item_id:token title:token_seq", [("1", " ")], {}, DataError, "['title'] of"),
        (
            "item_id:token title:token_seq",
            [("1", "A")],
            {"item_text_fields": ["name"]},
            ConfigurationError,
            "item_text_fields names 'name', which is no text column of",
        ),
        (
            "item_id:token title:token_seq",
            [("1", "A")],
            {"item_title_field": "name"},
            ConfigurationError,
            "item_title_field='name' is no text column of",
        ),
        (
            "item_id:token title:token_seq",
            [("1", "A"), ("2", "B", "C")],
            {},
            DataError,
            "line 3: 3 fields, where the header names 2 columns",
        ),
        ("item_id:token title:token_seq", [("1", "A", "C")], {}, DataError, "line 2: 3 fields, where"),
    ],
)
def test_errors_are_one_sentence_and_come_early(write, header, rows, settings, error, message):
    path = write(header, *rows)
    with pytest.raises(error) as caught:
        read(path, **settings)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(error) as early:
        check_item_text(path, "item_id", CollectSettings(**settings), "\t", "utf-8")
    assert str(early.value) == str(caught.value)


def test_a_missing_item_file(tmp_path):
    with pytest.raises(DataError, match=r"There is no item text: .*d\.item does not exist"):
        read(tmp_path / "d.item")
