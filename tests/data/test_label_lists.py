from __future__ import annotations

import time

import pytest

from recbole_curec.data.label_lists import read_column, read_list


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("['Drama', 'Sci-Fi']", ["Drama", "Sci-Fi"]),
        ('["Drama", "Sci-Fi"]', ["Drama", "Sci-Fi"]),
        ("[u'Drama', u'Sci-Fi']", ["Drama", "Sci-Fi"]),
        ("('Drama', 'Sci-Fi')", ["Drama", "Sci-Fi"]),
        ("{'Drama', 'Sci-Fi'}", ["Drama", "Sci-Fi"]),
        ("['Drama' 'Sci-Fi'\n 'War']", ["Drama", "Sci-Fi", "War"]),  # numpy
        ("[['Toys & Games', 'Puzzles'], ['Toys & Games', 'Dolls']]", ["Toys & Games", "Puzzles", "Dolls"]),
        ("'Toys & Games', 'Puzzles'", ["Toys & Games", "Puzzles"]),
        ('"Toys, Games"; "Puzzles"', ["Toys, Games", "Puzzles"]),
        ("[\"Children's\", 'War']", ["Children's", "War"]),
        ("['Children's', 'Rock 'n' Roll']", ["Children's", "Rock 'n' Roll"]),
        (r"['Men\'s', '12\" Vinyl']", ["Men's", '12" Vinyl']),
        (r'["caf\u00e9", "\ud83d\ude00", "a\/b"]', ["café", "\U0001f600", "a/b"]),
        ("[{'id': 16, 'name': 'Animation'}, {'id': 35, 'name': 'Comedy'}]", ["Animation", "Comedy"]),
        ("['a', None, nan, 'a',]", ["a"]),
        ("['Drama', 'Sci-F", ["Drama", "Sci-F"]),
        ("['Drama', 'Sci-Fi',", ["Drama", "Sci-Fi"]),
        ('{"genres": ["Drama", "Sci-Fi"], "id": 7}', ["Drama", "Sci-Fi"]),
        ("[{'id': '1', 'description': 'Action'}, {'id': '2', 'description': 'War'}]", ["Action", "War"]),
        ("{'Strategy': 120, 'War': 40}", ["Strategy", "War"]),  # votes
        ("array(['Drama', 'Sci-Fi'], dtype=object)", ["Drama", "Sci-Fi"]),
        ("pd.Index(['Drama', 'Sci-Fi'], dtype='object')", ["Drama", "Sci-Fi"]),
        ("frozenset({'Drama'})", ["Drama"]),
        ("[np.str_('Drama'), np.str_(\"Children's\")]", ["Drama", "Children's"]),
        ("['a', 'None', 'nan']", ["a"]),
        (" [] ", []),
        ("['']", []),
        ("[[]]", []),
    ],
)
def test_lists_that_nothing_else_looks_like(cell: str, values: list[str]) -> None:
    found = read_list(cell)
    assert found is not None
    assert (list(found.values), found.certain) == (values, True)


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("[REC]", ["REC"]),
        ("[Drama, Sci-Fi (new)]", ["Drama", "Sci-Fi (new)"]),
        ("[1995, 1996]", ["1995", "1996"]),
        ("'M'", ["M"]),
    ],
)
def test_cells_that_are_lists_only_among_others(cell: str, values: list[str]) -> None:
    found = read_list(cell)
    assert found is not None
    assert (list(found.values), found.certain) == (values, False)


@pytest.mark.parametrize(
    "cell",
    [
        "", " ", "Drama", "Good, the Bad and the Ugly, The", "'Til There Was You", "'night, Mother", '"Weird" Al',
        "(500) Days of Summer", "[REC] 2", "['a'] and more", "'Salem's Lot", "{'Brand': 'X'}", "]]]", "[[[[", "['a'))",
        "[", "__import__('os')",
    ],
)  # fmt: skip
def test_what_is_no_list(cell: str) -> None:
    assert read_list(cell) is None


def labels(name: str, *cells: str, separator: str | None = None) -> list[list[str]]:
    return [list(found) for found in read_column(name, cells, separator)[0]]


def test_a_written_list_is_one_whatever_its_column() -> None:
    assert labels("x", "Drama", "War", "['Drama', 'Sci-Fi']") == [["Drama"], ["War"], ["Drama", "Sci-Fi"]]
    assert labels("x", "'Drama'", "'Toys & Games', 'Puzzles'", separator=" ") == [
        ["Drama"],
        ["Toys & Games", "Puzzles"],
    ]
    assert labels("x", "['Toys &amp; Games']", "['A', 'B']", separator=" ") == [["Toys &amp; Games"], ["A", "B"]]


def test_brackets_without_quotes_need_most_of_the_column() -> None:
    assert labels("series", "[REC]", "Alien", "Saw") == [["[REC]"], ["Alien"], ["Saw"]]
    assert labels("genre", "[Drama, Sci-Fi]", "[Drama]", "[]", "War film") == [
        ["Drama", "Sci-Fi"],
        ["Drama"],
        [],
        ["War film"],
    ]


@pytest.mark.parametrize(
    "mark",
    ["|", ";", ", ", ",", " > ", " | ", " ; ", ">", " -> ", "\uff0c", "\u3001", "\uff1b", "\uff5c", " \u2022 "],
)
def test_marks_separate_labels_that_occur_elsewhere(mark: str) -> None:
    assert labels("x", f"Drama{mark}Sci-Fi", f"Sci-Fi{mark}War", f"War{mark}Drama", "Drama") == [
        ["Drama", "Sci-Fi"], ["Sci-Fi", "War"], ["War", "Drama"], ["Drama"],
    ]  # fmt: skip


def test_a_comma_in_a_column_of_categories_needs_less() -> None:
    assert labels("genre", "Drama, Sci-Fi", "Drama", "War") == [["Drama", "Sci-Fi"], ["Drama"], ["War"]]
    assert labels("categories", *["Toys & Games, Puzzles"] * 3, separator=" ") == [["Toys & Games", "Puzzles"]] * 3
    assert labels("main", *["Toys & Games, Puzzles"] * 3) == [["Toys & Games, Puzzles"]] * 3


def test_a_comma_within_a_name_stays() -> None:
    authors = ["Austen, Jane", "Doe, John", "Smith, John", "Smith, Jane", "Bell, Ann"]
    assert labels("author", *authors * 4) == [[author] for author in authors * 4]
    titles = ["Tale of Two Cities, A", "Matrix, The", "Good, the Bad and the Ugly, The"]
    assert labels("original", *titles) == [[title] for title in titles]
    assert labels("price", "1,299", "1,300", "1,299") == [["1,299"], ["1,300"], ["1,299"]]
    assert labels("maker", "Disney, Inc.", "Acme, Inc.") == [["Disney, Inc."], ["Acme, Inc."]]


@pytest.mark.parametrize("separator", [None, " "])
def test_a_cell_that_names_no_value_has_no_label(separator: str | None) -> None:
    assert labels("genre", "Drama", "nan", "None", " null ", "N/A", "NA", separator=separator) == [
        ["Drama"], [], [], [], [], ["NA"],
    ]  # fmt: skip


def test_entities_are_read_before_semicolons() -> None:
    assert labels("x", "Toys &amp; Games", "Toys &amp; Games; Puzzles", "Puzzles") == [
        ["Toys & Games"], ["Toys & Games", "Puzzles"], ["Puzzles"],
    ]  # fmt: skip


def test_words_of_a_sequence_are_labels_as_in_recbole() -> None:
    assert labels("x", "Crime Drama", "Drama", separator=" ") == [["Crime", "Drama"], ["Drama"]]
    assert labels("x", "Toys & Games Puzzles", "Red, - Blue", separator=" ") == [
        ["Toys & Games", "Puzzles"],
        ["Red", "Blue"],
    ]
    assert labels("x", "Toys & Games/New Ones", separator="/") == [["Toys & Games", "New Ones"]]


def test_prose_keeps_its_words_but_for_written_lists() -> None:
    cells = ["['One long text.', 'Another']", "Mary finds a key, and more", ""]
    assert read_column("plot", cells, " ")[1] == ["One long text., Another", "Mary finds a key, and more", ""]


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "'",
        "['",
        "'a', ",
        "{'a':",
        "(",
        "\\'",
        "[' '",
        "'a '",
        "a, b; ",
        "[a,",
        '"\\',
        "['a' ",
        "[{'name': ",
        "np.str_(",
        ", dtype=",
    ],
)
def test_a_megabyte_takes_little_time(piece: str) -> None:
    cell = "['" + piece * (1_000_000 // len(piece))
    start = time.process_time()
    read_list(cell)
    read_column("genre", [cell, cell[2:], "['a'" + " " * 1_000_000 + "x"], None)
    assert time.process_time() - start < 20  # a quadratic reader takes hours
