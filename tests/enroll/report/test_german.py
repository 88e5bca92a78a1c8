"""Administrators' pages in German: no word of English, numbers and dates as Germany writes them, the same figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from agent.language.language import ENGLISH, Language, language_named
from enroll.cli import main
from enroll.report.fleet import Fleet
from enroll.report.page import read_inputs, report
from enroll.report.words import counted, day_in_words, lasting, number, one_in, percent, written_in
from tests.enroll.report.samples import (
    scored_sessions,
    sessions_result,
    stream_result,
    transfer_result,
    write_json,
    write_score_table,
)

GERMAN = language_named("de")
MADE = datetime(2026, 3, 5, tzinfo=UTC)
ENGLISH_WORDS = re.compile(
    r"\b(the|and|of|is|your|with|not|this|are|locks?|within|people|person|found|asked|none|never|by|to|at)\b"
)


def text_of(page: str) -> str:
    """What is read or spoken: texts, descriptions of pictures, names of regions."""
    labels = " ".join(re.findall(r'(?:aria-label|alt)="([^"]*)"', page))
    words = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return unescape(" ".join(words.split()) + labels)


def german_report(tmp_path: Path, language: Language) -> str:
    scores = scored_sessions()
    files = (
        write_json(tmp_path / "stream.json", stream_result()),
        write_json(tmp_path / "sessions.json", sessions_result(scores)),
        write_json(tmp_path / "transfer.json", transfer_result()),
    )
    table = write_score_table(tmp_path / "scores.csv", scores)
    return report(read_inputs(files, (table,)), MADE, Fleet(250, 20.0), language)


def test_the_report_has_no_word_of_english(tmp_path: Path) -> None:
    html = german_report(tmp_path, GERMAN)
    assert '<html lang="de">' in html
    assert "Erstellt am 5. März 2026" in html
    assert ENGLISH_WORDS.findall(text_of(html)) == []


def test_both_languages_have_the_same_figures(tmp_path: Path) -> None:
    texts = [text_of(german_report(tmp_path, language)) for language in (ENGLISH, GERMAN)]
    figures = [re.findall(r"\d+(?:[.,]\d+)*", text) for text in texts]
    swapped = [figure.translate(str.maketrans(",.", ".,")) for figure in figures[1]]
    assert sorted(swapped) == sorted(figures[0])


def test_the_tile_and_the_sentence_speak_of_the_same_people(tmp_path: Path) -> None:
    text = text_of(german_report(tmp_path, ENGLISH))
    assert "Switching locking on for 250 people with 20 active hours a week each would cost about 200" in text
    assert "False locks a week of 250 people, 20 active hours each ≈ 200" in text
    assert "a week of 250 people, 20 active hours each" in text


@pytest.mark.parametrize(("option", "code"), [("de", "de"), ("en", "en")])
def test_the_language_can_be_chosen(tmp_path: Path, option: str, code: str) -> None:
    result, page = write_json(tmp_path / "stream.json", stream_result()), tmp_path / "report.html"
    assert main(["report", str(result), "--out", str(page), "--language", option]) == 0
    assert f'<html lang="{code}">' in page.read_text(encoding="utf-8")


def test_wording_in_german_and_in_english_again() -> None:
    with written_in(GERMAN):
        assert percent(0.1304) == "13,0\N{NO-BREAK SPACE}%"
        assert (number(1234.5, 1), one_in(0.0123)) == ("1.234,5", "1 von 81")
        assert [counted("{n} lock", "{n} locks", n) for n in (1, 2)] == ["1 Sperre", "2 Sperren"]
        assert (day_in_words(MADE.date()), lasting(None)) == ("5. März 2026", "gar nicht gefunden")
    assert (number(1234.5, 1), day_in_words(MADE.date())) == ("1,234.5", "5 March 2026")
