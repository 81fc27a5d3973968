from __future__ import annotations

import time

import pytest

from recbole_curec.data.markup import without_markup


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Toys &amp; Games", "Toys & Games"),
        ("Tom &amp;amp; Jerry &AMP;amp;amp; Co", "Tom & Jerry & Co"),
        ("Rock &#39;n&#x27; Roll", "Rock 'n' Roll"),
        ("9&quot; Foam&nbsp;Roller&reg;", '9" Foam\u00a0Roller\u00ae'),
        ("&lt;think&gt;", "<think>"),
        ("&amp;lt;br&amp;gt;", " "),
        ("One<br/>two<BR>three<br />four", "One two three four"),
        ("<p>One</p><p class='x y'>Two</p>", " One  Two "),
        ('<b>Bold</b>ly <a href="http://x/?a=1&b=2" target=_blank>go</a>', "Boldly go"),
        ("a<style>p {color: red}</style>b<!-- no -->c<script type='x'>alert(1)</script>", "a b c "),
        ("<h1>Big</h1><ul><li>x</li></ul>", " Big   x  "),
        ("&<b></b>lt;i&gt;x", "x"),
        ("Toys &amp Games, caf&eacute &#38 bar", "Toys & Games, café & bar"),
        ("<img src='x' alt>a<input disabled>b<p hidden class=x>c", " a b c"),
        ("<script>if (a<b) go()</script>x<!-- a > b -->y<![CDATA[z]]>", " x yz"),
        ("<!DOCTYPE html><?xml version='1.0'?><mark>a</mark><svg></svg>su<wbr>per", "  a  super"),
        ("s\u00adoft &a\u00admp;&shy; hyphen", "soft & hyphen"),
    ],
)
def test_html_is_read(text: str, plain: str) -> None:
    assert without_markup(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "I <3 Huckabees", "a < b > c", "<Untitled>", "<think>", "x <a and b> y", "1 <b 2", "if a<b and b>c", "<>",
        "AT&T", "R&B", "Q&A", "Dungeons & Dragons", "Love&notes", "fish&chips;", "&notit;", "&copy2020", "&;", "& amp;",
        "http://x/?a=1&copy=2", "<|im_end|>", "<<SYS>>", "\uff1cbr\uff1e",
    ],
)  # fmt: skip
def test_what_is_no_html_stays(text: str) -> None:
    assert without_markup(text) == text


def test_what_is_nested_too_deep_is_broken_up() -> None:
    text = "&#49;"
    for _ in range(40):
        text = text.replace("4", "&#52;", 1) if text.count("4") == 1 else text.replace("5", "&#53;", 1)
    plain = without_markup(text)
    assert plain != text
    assert without_markup(plain) == plain


@pytest.mark.parametrize(
    "piece",
    [
        "&amp;",
        "&",
        "amp;",
        "<",
        "<b ",
        "<b a='",
        "<!--",
        "<script>",
        "<br/>",
        "&#&#52;9;",
        "<b a=b ",
        "&am",
        "<b a",
        "<script><style>",
        "<!-- > ",
        "<b alt ",
        "<![CDATA[",
        " <a",
    ],
)
def test_a_megabyte_takes_little_time(piece: str) -> None:
    text = "&" + piece * (1_000_000 // len(piece))
    start = time.process_time()
    without_markup(text)
    without_markup("<b" + " " * 1_000_000)
    assert time.process_time() - start < 10  # a quadratic pattern takes hours
