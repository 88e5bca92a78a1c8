"""Visible text: nothing that comes out steers a terminal, and nothing readable is lost."""

from __future__ import annotations

import html
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.errors import SteadyhandError
from agent.engine.visible_text import visible, visible_markup

LETTERS = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\u001b[31mred"),
        ("\x1b]0;title\x07", r"\u001b]0;title\u0007"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\x9b31m", r"\u009b31m"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("\u2066\u2069\u200f\u061c", r"\u2066\u2069\u200f\u061c"),
        ("line\u2028end\u2029", r"line\u2028end\u2029"),
        ("lone\udc80", r"lone\udc80"),
        ("tag\U000e0041", r"tag\udb40\udc41"),
        ("\x00\x7f\u200b\ufeff", r"\u0000\u007f\u200b\ufeff"),
        ("Müller 鼠标 €\u00a0😀 \\", "Müller 鼠标 €\u00a0😀 \\"),
    ],
)
def test_what_steers_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(LETTERS)
def test_all_text_comes_out_printable_once(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(shown) == shown
    assert shown.encode().decode() == shown


@given(LETTERS)
def test_in_json_the_escapes_mean_the_same(text: str) -> None:
    document = json.dumps(text, ensure_ascii=False)
    assert json.loads(visible(document)) == json.loads(json.dumps(text))


def test_line_ends_stay_where_they_are_kept() -> None:
    assert visible("a\nb\r\x1b", keep="\n") == "a\nb\\r\\u001b"


@given(LETTERS, LETTERS)
def test_an_error_is_one_line(what: str, mend: str) -> None:
    text = str(SteadyhandError(what, mend))
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text


@given(LETTERS)
def test_markup_is_escaped_as_html_does(text: str) -> None:
    assert visible_markup(text) == html.escape(visible(text))
    assert visible_markup(text, quotes=False) == html.escape(visible(text), quote=False)
