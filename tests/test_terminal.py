from __future__ import annotations

import logging
import re

from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.terminal import PrintableFormatter, printable


@given(st.text())
def test_printable_text_holds_no_command(text: str) -> None:
    shown = printable(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", shown)
    assert printable(shown) == shown


def test_printable_spells_control_characters_out() -> None:
    assert printable("a\x1b[31mred\x07\r\n\tb") == "a\\x1b[31mred\\x07\\r\n\tb"
    assert printable("naïve “愛”") == "naïve “愛”"


def test_a_log_line_that_quotes_an_id_commands_no_terminal() -> None:
    record = logging.LogRecord("name", logging.INFO, __file__, 1, "user %s", ("u\x1b[2J\u202e",), None)
    assert PrintableFormatter("%(levelname)s %(message)s").format(record) == "INFO user u\\x1b[2J\\u202e"
