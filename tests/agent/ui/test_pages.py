"""The pages: self-contained, escaped, and honest about what is not known."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent.alerts.alert_history import Noticed
from agent.engine.mouse import MouseConfiguration, Source
from agent.files.day_log_file import Spell
from agent.language.language import language_named
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import State, Status
from agent.ui.day import Day, Stored
from agent.ui.findings import marks
from agent.ui.recorded import NOT_RECORDED, RECORDED, Storage, recorded_page
from agent.ui.statuspage import EXPLANATIONS, status_page
from agent.ui.was_me_link import was_me_link

STORAGE = Storage("/ada/recordings", "/ada/profiles", "/ada/alerts", erase_command="steadyhand erase")
VOID = {"meta", "img", "br"}
NOW_S = 1_700_000_000
MOUSE = MouseConfiguration(
    "pynput-x11", "usb", "046d", "c077", name="M90", cpi=800, sources=(("cpi", Source.ADMINISTRATOR),)
)


class Reader(HTMLParser):
    """Collects text and addresses; checks that every element is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def all_pages() -> list[str]:
    return [
        recorded_page(STORAGE, PrivacyFacts()),
        *(status_page(Status(state, trust=50), "11:32") for state in State),
    ]


@pytest.mark.parametrize("html", all_pages())
def test_loads_nothing_and_runs_nothing(html: str) -> None:
    reader = Reader(html)
    assert not reader.tags & {"script", "link", "iframe", "form", "object"}
    assert all(address.startswith("data:image/png;base64,") for address in reader.addresses)
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|url\(|@import", html)


def test_only_its_own_style_sheet_may_style_it() -> None:
    html = recorded_page(STORAGE, PrivacyFacts())
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html
    assert "unsafe" not in html
    assert " style=" not in html


def a_day() -> Day:
    reasons = ("speed differs much from the owner's",)
    return Day(
        NOW_S,
        spells=(Spell(NOW_S - 3600, "protecting", 40, 95), Spell(NOW_S - 3300, "protecting", 90, 95)),
        noticed=(
            Noticed(NOW_S - 3000, "intruder", "Somebody else", "probably not the owner", reasons, "f1"),
            Noticed(NOW_S - 2990, "lock result", "Locked", "The screen was locked by i3lock", (), "f1"),
            Noticed(NOW_S - 900, "paused", "Paused", "Paused by the owner, for 15 minutes at most", (), "f2"),
        ),
        stored=(Stored("recordings", "until learning is done", 3, 2_345_678),),
        zone=UTC,
    )


def test_the_day_in_words() -> None:
    status = Status(State.PROTECTING, trust=93, configuration=MOUSE, false_alarms=2, doubted_unix_s=1.0)
    html = status_page(status, "11:32", a_day(), ("First.", "Second.", "Third."))
    text = Reader(html).text
    for part in (
        "21:23 The mouse moved very differently from how you move it",
        "21:23: The screen was locked",
        "speed differs much from yours",
        "That was me",
        "reported 2 false alarms",
        "21:58: Paused",
        "800 CPI",
        "your administrator",
        "2.3 MB",
        "until learning is done",
        "steadyhand recordings --erase",
        "First. Second. Third.",
    ):
        assert part in text, part
    assert html.count("<polyline") == 1


def test_one_finding_is_one_mark_of_each_shape() -> None:
    day = a_day()
    closed = Noticed(NOW_S - 2000, "intruder", "Somebody else", "A false alarm", (), "f1")
    told = marks(replace(day, noticed=(*day.noticed, closed)))
    assert [(t - NOW_S, sign) for t, sign, _ in told] == [
        (-3000, "suspicious"),
        (-2990, "lock"),
        (-900, "pause"),
    ]


def test_a_quiet_day_says_so() -> None:
    text = Reader(status_page(Status(), "11:32", Day(NOW_S, zone=UTC))).text
    assert "Nothing in the last 24 hours" in text
    assert "None in the last 24 hours" in text


def test_what_a_device_calls_itself_stays_text() -> None:
    name = '<img src=x onerror="alert(1)">&"'
    status = Status(State.PROTECTING, mouse=name, user=name, detail=name, notes=(name,), last_lock=name)
    html = status_page(status, "11:32")
    assert "<img src=x" not in html
    assert Reader(html).text.count(name) == 5


def test_trust_and_facts() -> None:
    status = Status(State.PROTECTING, trust=93, mode="enforce", user="ada", mouse="M", actions=4312)
    text = Reader(status_page(status, "11:32:05")).text
    for part in (
        "Protecting this session",
        "93 of 100",
        "alerts and locks",
        "ada",
        "4,312",
        "As of 11:32:05",
    ):
        assert part in text
    assert EXPLANATIONS[State.PROTECTING] in text


@pytest.mark.parametrize("state", [State.CANNOT_SEE, State.PAUSED, State.LOCKED])
def test_no_figure_where_nothing_is_judged(state: State) -> None:
    text = Reader(status_page(Status(state, trust=97), "11:32")).text
    assert "97" not in text
    assert "no movement to judge" in text


def test_progress_while_learning() -> None:
    assert (
        "42 % of the learning" in Reader(status_page(Status(State.LEARNING, enrolled_share=0.42), "x")).text
    )


def test_limits_are_told_and_only_when_there_are_any() -> None:
    assert "no menu" in Reader(status_page(Status(notes=("The tray has no menu",)), "x")).text
    assert "What is limited" not in Reader(status_page(Status(), "x")).text


def test_recorded_page_tells_everything() -> None:
    text = Reader(recorded_page(STORAGE, PrivacyFacts())).text
    for part in (
        *RECORDED,
        *NOT_RECORDED,
        STORAGE.recordings,
        STORAGE.profiles,
        STORAGE.alerts,
        "steadyhand erase",
    ):
        assert part in text
    assert "deleted as soon as" in text


PLACES = Storage("r", "p", "a")
COMBINATIONS = [
    PrivacyFacts(learns, keeps, handed, activity, contact, signals_to="idp.example" if contact else "")
    for learns in (True, False)
    for keeps in (True, False)
    for handed in ("", "recordings.example")
    for activity in (True, False)
    for contact in ("", "the works council, 4711")
    if not (learns and handed) and not (keeps and not learns)
]


@pytest.mark.parametrize("facts", COMBINATIONS, ids=str)
def test_every_sentence_follows_from_the_settings_that_hold(facts: PrivacyFacts) -> None:
    text = Reader(recorded_page(PLACES, facts)).text
    sayings = {
        "kept after learning": facts.keeps_recordings,
        "deleted as soon as learning is complete": facts.learns_here and not facts.keeps_recordings,
        "deleted here once they have been handed over": bool(facts.handed_to),
        "recordings.example": bool(facts.handed_to),
        "Recordings do not leave this computer": facts.learns_here,
        "Nothing is recorded": not facts.records,
        "Recorded while it learns": facts.records,
        "follow how you work minute by minute": facts.reports_activity,
        "reports once a minute how much the mouse is used": facts.reports_activity,
        "Nothing that says how much you work": not facts.reports_activity,
        "reports nothing about how much you work": not facts.reports_activity,
        "the works council, 4711": bool(facts.contact),
        "idp.example": bool(facts.signals_to),
    }
    for words, holds in sayings.items():
        assert (words in text) is holds, words


def test_where_erasing_is_not_set_up_it_says_so() -> None:
    assert "erasing is not set up" in Reader(recorded_page(PLACES, PrivacyFacts())).text


def test_that_was_me_is_a_button_where_the_desktop_takes_the_link_and_words_elsewhere() -> None:
    doubted = Status(State.SUSPICIOUS, doubted_unix_s=1.0)
    link = replace(a_day(), was_me_link="steadyhand-was-me:")
    with_link, without = (status_page(doubted, "11:32", day) for day in (link, a_day()))
    assert Reader(with_link).addresses.count("steadyhand-was-me:") == 1
    assert '<a class="button" href="steadyhand-was-me:">That was me</a>' in with_link
    assert "steadyhand-was-me:" not in without
    assert "<code>steadyhand was-me</code>" in without


@pytest.mark.parametrize("link", ["", "steadyhand-was-me:"])
def test_that_was_me_is_not_offered_where_nobody_can_be_asked(link: str) -> None:
    day = replace(a_day(), was_me_link=link)
    html = status_page(Status(State.SUSPICIOUS, doubted_unix_s=1.0, can_ask=False), "11:32", day)
    assert "That was me" not in html
    assert "steadyhand was-me" not in html


@pytest.mark.parametrize(
    ("folders", "link"), [("share:other", "steadyhand-was-me:"), ("other", ""), ("relative", "")]
)
def test_the_link_is_there_once_the_packages_entry_is(tmp_path: Path, folders: str, link: str) -> None:
    entry = tmp_path / "share" / "applications" / "steadyhand-was-me.desktop"
    entry.parent.mkdir(parents=True)
    entry.touch()
    dirs = folders if folders == "relative" else ":".join(str(tmp_path / name) for name in folders.split(":"))
    assert was_me_link({"XDG_DATA_DIRS": dirs}) == link


def test_a_countdown_is_spoken_as_soon_as_the_page_is_open() -> None:
    html = status_page(Status(State.SUSPICIOUS, countdown_s=7.0), "11:32")
    assert '<p role="alert">The screen locks in 7 seconds</p>' in html


def test_what_no_catalogue_knows_is_marked_as_english() -> None:
    status = Status(State.CANNOT_SEE, detail="libfoo: no such thing", notes=("at the top <b>",))
    german = status_page(status, "11:32", language=language_named("de"))
    assert '<span lang="en">libfoo: no such thing</span>' in german
    assert '<span lang="en">at the top &lt;b&gt;</span>' in german
    assert 'lang="en">libfoo' not in status_page(status, "11:32")
