"""Sentences: English like any text, another language from template and fields, and read back from a status file."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

from agent.engine.mouse import MouseConfiguration
from agent.engine.sentence import Sentence, joined, quantity, sentence
from agent.language.language import ENGLISH, language_named
from agent.runtime.status.snapshot import State, Status

GERMAN = language_named("de")
EXPIRED = sentence(
    "The profile expired on {end}: until {last} it alerts and does not lock. Ask your administrator for a new one",
    end=date(2026, 3, 5),
    last=date(2026, 3, 19),
)
LEARNING = sentence(
    "Learning how you move this mouse: {actions} of {wanted} actions, {sessions} of {wanted_sessions} sessions",
    actions=1234,
    wanted=15000,
    sessions=1,
    wanted_sessions=3,
)
HOURS = sentence("{hours} h, which is enough; expected error {now} %", hours=3.25, now=12)


def test_in_english_it_is_the_text_that_it_says() -> None:
    assert EXPIRED.startswith("The profile expired on 5 March 2026: until 19 March 2026 it alerts")
    assert LEARNING == "Learning how you move this mouse: 1,234 of 15,000 actions, 1 of 3 sessions"
    assert joined(LEARNING, HOURS) == f"{LEARNING}; {HOURS}"


@pytest.mark.parametrize(
    ("line", "german"),
    [
        (EXPIRED, "Das Profil ist am 5. März 2026 abgelaufen: Bis 19. März 2026 meldet es"),
        (LEARNING, "Lernt, wie Sie diese Maus bewegen: 1.234 von 15.000 Aktionen, 1 von 3 Sitzungen"),
        (joined(LEARNING, HOURS), "1 von 3 Sitzungen; 3,2 h, das genügt; zu erwartender Fehler 12 %"),
        (
            sentence(
                "{property}: {now}, enrolled {then}", property=sentence("left handed"), now="x", then="y"
            ),
            "linkshändig: x, angelernt y",
        ),
    ],
)
def test_another_language_has_its_own_words_numbers_and_dates(line: Sentence, german: str) -> None:
    assert german in GERMAN.render(line)
    assert ENGLISH.render(line) == line
    assert GERMAN.knows(line) or line.template.startswith("{part0}")


def test_what_is_in_a_field_is_no_template() -> None:
    hostile = sentence("nothing can be fetched: {why}", why="{why.__class__} {x} %s")
    assert hostile == "nothing can be fetched: {why.__class__} {x} %s"
    assert GERMAN.render(hostile) == "es lässt sich nichts abholen: {why.__class__} {x} %s"


def test_a_status_file_keeps_english_and_what_a_page_needs_beside_it() -> None:
    doubt = sentence("{count} mice are connected, and which of them moves cannot be told", count=2)
    status = Status(
        State.LEARNING,
        detail=joined(LEARNING, HOURS),
        trouble="disk full",
        notes=(EXPIRED, "plain"),
        configuration=MouseConfiguration("evdev", doubts=(doubt,)),
    )
    stored = json.loads(json.dumps(status.to_json()))
    assert stored["detail"] == f"{LEARNING}; {HOURS}"
    back = Status.from_json(stored)
    assert back == status
    assert "1.234 von 15.000" in GERMAN.render(back.detail)
    assert "5. März" in GERMAN.render(back.notes[0])
    assert back.configuration is not None
    assert GERMAN.render(back.configuration.doubts[0]).startswith("2 Mäuse")
    assert copy.deepcopy(EXPIRED) is EXPIRED


@pytest.mark.parametrize(
    "document",
    [
        {},
        [{"template": "x"}],
        [{"template": 1, "fields": {}}],
        [{"template": "x", "fields": {"a": {"date": "no day"}}}],
        [{"template": "x", "fields": {"a": [1]}}],
        [{"template": "x", "fields": {}}] * 300,
    ],
)
def test_a_damaged_table_is_named_and_the_english_stays(document: Any) -> None:
    stored = {**Status(State.LEARNING, detail="English").to_json(), "sentences": document}
    status, damage = Status.legible(stored)
    assert status.detail == "English"
    assert list(damage) == ["sentences"]


def test_sentences_within_sentences_have_an_end() -> None:
    deep: Any = {"template": "x", "fields": {}}
    for _ in range(50):
        deep = {"template": "{a}", "fields": {"a": deep}}
    with pytest.raises(ValueError, match="nested too deeply"):
        Sentence.from_json(deep)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (quantity(1, "alert"), "1 alert"),
        (quantity(0, "alert"), "0 alerts"),
        (quantity(21, "alert"), "21 alerts"),
        (quantity(1, "person", "people"), "1 person"),
        (quantity(2, "person", "people"), "2 people"),
        (quantity(1.2, "minute", form=".0f"), "1 minute"),
        (quantity(1.0, "hour", form=".1f"), "1.0 hours"),
        (quantity(1001, "event", form=","), "1,001 events"),
    ],
)
def test_the_noun_follows_the_number_as_it_is_written(written: str, expected: str) -> None:
    assert written == expected
