from __future__ import annotations

from recbole_curec.benchmark.latex import latex_text


def test_a_title_is_no_command() -> None:
    assert latex_text("50% of A_B & C\n\\input{x} <0.1 $~^#") == (
        r"50\% of A\_B \& C \textbackslash{}input\{x\} \textless{}0.1 \$\textasciitilde{}\textasciicircum{}\#"
    )


def test_a_title_that_begins_with_a_bracket_is_no_argument_of_the_row_before() -> None:
    assert latex_text("[a] b") == "{[}a] b"
