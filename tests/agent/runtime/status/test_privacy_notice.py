"""The first run: three sentences, once, on the terminal and the desktop."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from agent.alerts.settings import alert_settings
from agent.config.schema import CentralSettings, EnrolmentSettings, PeopleSettings, Settings
from agent.language.language import language_named
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import (
    HANDS_OVER,
    TITLE,
    Receipt,
    introduce,
    sentences,
    was_told,
)
from tests.agent.ui.test_notices import Shown


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path / "introduced"


LEARNS = PrivacyFacts()
HANDS = PrivacyFacts(learns_here=False, handed_to="recordings.example")
RECEIPT = Receipt("1.2.3")


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        (LEARNS, "then they are deleted"),
        (PrivacyFacts(keeps_recordings=True), "policy asks for it"),
        (PrivacyFacts(learns_here=False), "keeps no movements"),
        (HANDS, "handed over"),
        (PrivacyFacts(renews=True), "again before your profile's term ends"),
        (PrivacyFacts(renews=True, keeps_recordings=True), "policy asks for it"),
    ],
)
def test_three_sentences_say_what_is_recorded_and_what_is_not(facts: PrivacyFacts, part: str) -> None:
    words = sentences(facts)
    assert all(sentence.count(".") == 1 and sentence.endswith(".") for sentence in words)
    assert "no key" in words[1]
    assert part in words[2]


@pytest.mark.parametrize("reports", [True, False])
def test_a_figure_of_activity_is_told_where_it_is_switched_on(reports: bool) -> None:
    never = sentences(PrivacyFacts(reports_activity=reports))[1]
    assert ("how much the mouse is used" in never) is reports
    assert ("nothing about how much you work" in never) is not reports


def test_the_facts_follow_the_settings() -> None:
    settings = Settings(
        enrolment=EnrolmentSettings(local=False, keep_recordings=True),
        central=CentralSettings(recordings_url="https://r.example/in", recordings_key="k" * 43 + "="),
        people=PeopleSettings(contact="the works council"),
    )
    assert PrivacyFacts.under(settings) == PrivacyFacts(
        False, False, "r.example", reports_activity=False, contact="the works council"
    )
    assert not Settings().alerts.heartbeat_rate
    renewing = Settings(enrolment=EnrolmentSettings(renew_days_before=30.0))
    assert PrivacyFacts.under(renewing).renews
    assert not PrivacyFacts.under(Settings()).renews
    elsewhere = Settings(enrolment=EnrolmentSettings(local=False, renew_days_before=30.0))
    assert not PrivacyFacts.under(elsewhere).renews
    signals = Settings(alerts=alert_settings(ssf_receiver_url="https://idp.example:8443/push"))
    assert PrivacyFacts.under(signals).signals_to == "idp.example:8443"
    assert PrivacyFacts.under(Settings()).signals_to == ""


def test_handing_over_is_said_and_nobody_learns_of_it_from_other_words(marker: Path) -> None:
    introduce(marker, PrivacyFacts(learns_here=False), Shown(), lambda line: None, RECEIPT)
    assert not was_told(marker, HANDS_OVER)
    assert introduce(marker, HANDS, Shown(), lambda line: None, RECEIPT), "other words are said again"
    assert was_told(marker, HANDS_OVER)


def test_they_are_said_once_with_version_and_language_on_the_receipt(marker: Path) -> None:
    shown, said = Shown(), list[str]()
    assert introduce(marker, LEARNS, shown, said.append, RECEIPT)
    assert not introduce(marker, LEARNS, shown, said.append, RECEIPT)
    assert said == [TITLE + ":", *sentences(LEARNS)]
    assert shown.titles == [TITLE]
    assert marker.read_text().splitlines() == ["steadyhand 1.2.3, en", *sentences(LEARNS)]


def test_another_language_is_shown_and_the_receipt_names_it(marker: Path) -> None:
    said: list[str] = []
    introduce(marker, LEARNS, Shown(), said.append, Receipt("1.2.3", language_named("de")))
    assert said[0] == "Was Steadyhand aufzeichnet:"
    assert marker.read_text().startswith("steadyhand 1.2.3, de\n")
    assert was_told(marker, sentences(LEARNS)[2])


def test_they_are_said_again_where_nothing_can_be_kept(marker: Path) -> None:
    marker.parent.chmod(0o755)
    nowhere = marker.parent / "missing" / "introduced"
    for _ in range(2):
        assert introduce(nowhere, LEARNS, Shown(works=False), lambda line: None, RECEIPT)


@pytest.mark.parametrize("closed", [True, False])
def test_where_a_window_says_them_only_a_window_that_was_closed_counts(marker: Path, closed: bool) -> None:
    words: list[str] = []
    asked, answered = threading.Event(), threading.Event()

    def window(title: str, text: str) -> bool:
        words.extend((title, text))
        asked.set()
        assert answered.wait(5)
        return closed

    shown = Shown()
    assert introduce(marker, LEARNS, shown, lambda line: None, Receipt("1.2.3", window=window))
    assert asked.wait(5)
    assert not marker.exists()
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "steadyhand-notice":
            thread.join(5)
    assert marker.exists() is closed
    assert words[0] == TITLE
    assert all(sentence in words[1] for sentence in sentences(LEARNS))
    assert shown.titles == []
