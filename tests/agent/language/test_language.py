"""Languages: numbers, plurals and fields of every catalogue, and screens without a word of English in them."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from agent.language.language import CATALOGUES, DOMAIN, ENGLISH, Language, language_named, preferred_language
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import State, Status
from agent.ui.menu import Allowed, rows
from agent.ui.recorded import Storage, recorded_page
from agent.ui.status_lines import tooltip
from agent.ui.statuspage import status_page
from docs.make_catalogues import hidden

ROOT = Path(__file__).parents[3]
CODES = [path.parents[1].name for path in sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))]
GERMAN = language_named("de_AT.UTF-8")


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANGUAGE": "xx:de", "LANG": "en_GB.UTF-8"}, "de"),
        ({"LC_MESSAGES": "de", "LANG": "fr_FR"}, "de"),
        ({"LANG": "../../../etc/passwd"}, "en"),
        ({"LANG": "tlh"}, "en"),
        ({}, "en"),
    ],
)
def test_the_session_says_which_language(environment: dict[str, str], code: str) -> None:
    assert preferred_language(environment, "linux").code == code


@pytest.mark.parametrize(
    ("language", "amount", "digits", "written"),
    [
        (ENGLISH, 1234567.891, 1, "1,234,567.9"),
        (GERMAN, 1234567.891, 1, "1.234.567,9"),
        (GERMAN, 0.5, 2, "0,50"),
        (GERMAN, 42, 0, "42"),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(
    language: Language, amount: float, digits: int, written: str
) -> None:
    assert language.number(amount, digits) == written


@pytest.mark.parametrize(("count", "words"), [(1, "1 Minute"), (2, "2 Minuten"), (1.5, "1.5 Minuten")])
def test_plurals(count: float, words: str) -> None:
    told = GERMAN.plural("Pause for {minutes} minute", "Pause for {minutes} minutes", count, minutes=count)
    assert told.startswith(words)


def test_an_empty_text_is_not_the_head_of_the_catalogue() -> None:
    assert GERMAN.text("") == ""


def test_braces_in_what_is_shown_as_it_is_are_no_fields() -> None:
    assert GERMAN.text("{nobody} {0}") == "{nobody} {0}"


def test_the_catalogues_are_what_the_code_names_and_complete() -> None:
    check = [sys.executable, str(ROOT / "docs" / "make_catalogues.py"), "--check"]
    told = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_a_sentence_inside_an_f_string_is_noticed(tmp_path: Path) -> None:
    code = tmp_path / "page.py"
    code.write_text(
        "a = f\"{written('{day}, UTC.', day=day)}\"\n"
        "b = f'{a} {written(A_NAME)} {text.join(parts)}'\n"
        "c = f\"({language.plural('{n} day', '{n} days', 2)})\"\n"
    )
    assert list(hidden(code)) == [1, 3]


@pytest.mark.parametrize("code", CODES)
def test_a_translation_has_the_fields_of_its_sentence_and_is_not_much_longer(code: str) -> None:
    with (CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for source, text in zip(sources, texts, strict=True):
            assert fields(text) == fields(source), source
            assert len(text) <= 1.6 * len(source) + 25, f"too long for a menu or banner: {text}"


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("state", State)
def test_a_screen_has_no_word_of_english(code: str, state: State) -> None:
    language = language_named(code)
    status = Status(
        state, trust=50, enrolled_share=0.4, hours_left=2.0, doubted_unix_s=1.0, user="ada", mouse="M90"
    )
    menu = [row.text for row in rows(status, Allowed(), language)]
    page = status_page(status, "11:32", None, (), language)
    recorded = recorded_page(Storage("r", "p", "a"), PrivacyFacts(), language)
    recorded = re.sub(r"\(English\) [^<]*", "", recorded)
    body = re.sub(
        r"<style>.*?</style>|<[^>]*>", " ", " ".join((*menu, tooltip(status, language), page, recorded))
    )
    english = re.findall(r"\b(the|and|of|is|your|with|not|this|are|mouse|screen)\b", body, re.IGNORECASE)
    assert english == []
    assert f'<html lang="{code}">' in page


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
