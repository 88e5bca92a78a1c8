"""Pages at 200 %, at 320 px, in forced colours, with reduced motion and by keyboard, in English and German."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.language.language import Language, language_named
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import notice_lines
from agent.ui.false_lock import false_lock_page
from agent.ui.recorded import Storage, recorded_page
from agent.ui.statuspage import status_page
from enroll.overview.gathering import Gathered
from enroll.overview.page import overview_page
from enroll.overview.rows import ProfileFacts, person_rows
from enroll.overview.totals import totals_of
from enroll.report.fleet import Fleet
from enroll.report.page import read_inputs, report
from tests.e2e.desktop import missing
from tests.e2e.devtools import Tab, browser_tab
from tests.e2e.example_day import PROTECTING, TOLD_AT, a_proven_day
from tests.enroll.report.samples import (
    scored_sessions,
    sessions_result,
    stream_result,
    transfer_result,
    write_json,
)

pytestmark = pytest.mark.skipif(bool(missing("chromium")), reason=missing("chromium"))
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
NAMES = ("status", "recorded", "false-lock", "report", "overview")
CODES = ("en", "de")
FOCUSED = """(() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent;
  return [at.tagName, name.trim().slice(0, 60), style.outlineStyle, parseFloat(style.outlineWidth)];
})()"""
WIDTHS = "[document.scrollingElement.scrollWidth, innerWidth]"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser_tab(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for code in CODES:
        for name in NAMES:
            path = folder / f"{name}-{code}.html"
            path.write_text(html_of(name, language_named(code), folder), encoding="utf-8")
            written[name, code] = path
    return written


def html_of(name: str, language: Language, folder: Path) -> str:
    facts = PrivacyFacts(contact="the works council", objection_url="https://intranet.example/object")
    day = replace(a_proven_day(), was_me_link="steadyhand-was-me:")
    doubted = replace(PROTECTING, doubted_unix_s=1.0)
    makes = {
        "status": lambda: status_page(doubted, TOLD_AT, day, notice_lines(facts, language), language),
        "recorded": lambda: recorded_page(Storage("r", "p", "a", erase_command="e"), facts, language),
        "false-lock": lambda: false_lock_page(
            replace(PROTECTING, last_lock="locked", false_locks=2), day, facts, language
        ),
        "report": lambda: a_report(folder, language),
        "overview": lambda: an_overview(language),
    }
    return makes[name]()


def a_report(folder: Path, language: Language) -> str:
    scores = scored_sessions()
    files = [
        write_json(folder / "stream.json", stream_result()),
        write_json(folder / "sessions.json", sessions_result(scores)),
        write_json(folder / "transfer.json", transfer_result()),
    ]
    return report(read_inputs(files), NOW, Fleet(250, 20.0), language)


def an_overview(language: Language) -> str:
    rows = [
        row
        for number in range(250)
        for row in person_rows(
            f"p-{number}",
            f"Person {number}",
            "office",
            [ProfileFacts("k", "Logitech M105", "4", "valid", "2026-03-20T00:00:00+00:00")],
            [],
            NOW,
            agents_are_known=True,
        )
    ]
    gathered = Gathered(tuple(rows), 0)
    totals = totals_of(rows, 0, NOW, agents_are_known=True)
    return overview_page(gathered, totals, NOW, language, agents_are_known=True)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width_px", [640, 320])
def test_nothing_scrolls_sideways_at_twice_the_size_or_on_a_narrow_screen(
    tab: Tab, pages: dict[tuple[str, str], Path], name: str, code: str, width_px: int
) -> None:
    """640 px is a window of 1,280 px at 200 %; 320 px is WCAG's reflow (1.4.10). Wide tables scroll by themselves."""
    tab.open(pages[name, code], width_px)
    content_px, window_px = tab.run(WIDTHS)
    assert window_px == width_px
    assert content_px <= window_px


@pytest.mark.parametrize("code", CODES)
def test_on_a_narrow_screen_the_persons_page_breaks_no_word_and_its_drawing_can_be_read(
    tab: Tab, pages: dict[tuple[str, str], Path], code: str
) -> None:
    tab.open(pages["status", code], 320)
    heads = """[...document.querySelectorAll("tbody th")].filter(e => e.checkVisibility() &&
      !e.textContent.includes(" ")).map(e => [e.textContent, e.getBoundingClientRect().height])"""
    shown = tab.run(heads)
    assert len(shown) >= 3
    one_line_px = min(height for _, height in shown)
    assert [head for head, height in shown if height > 1.5 * one_line_px] == []
    smallest = """Math.min(...[...document.querySelectorAll(".chart text")].map(
      e => e.getBoundingClientRect().height))"""
    assert tab.run(smallest) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_with_reduced_motion_nothing_moves(tab: Tab, pages: dict[tuple[str, str], Path], name: str) -> None:
    tab.open(pages[name, "en"], 1000, prefers_reduced_motion="reduce")
    moving = """[document.getAnimations().length, [...document.querySelectorAll("*")].filter(e => {
      const style = getComputedStyle(e);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
    }).length, getComputedStyle(document.documentElement).scrollBehavior]"""
    assert tab.run(moving) == [0, 0, "auto"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_every_stop_of_the_keyboard_is_seen(
    tab: Tab, pages: dict[tuple[str, str], Path], name: str, scheme: str
) -> None:
    tab.open(pages[name, "de"], 1000, forced_colors="active", prefers_color_scheme=scheme)
    assert tab.run("matchMedia('(forced-colors: active)').matches")
    bordered = """[...document.querySelectorAll("a.button, section, button, input[type=search], select")].filter(
      e => !e.closest("[hidden]") && getComputedStyle(e).borderTopStyle === "none").length"""
    assert tab.run(bordered) == 0, "what a background alone would mark has a border"
    for _, label, outline, width in stops(tab):
        assert (outline != "none", width >= 1.0) == (True, True), label


def stops(tab: Tab, most: int = 40) -> list[list[object]]:
    """Where Tab leads, from the top of the page until it leaves it."""
    out: list[list[object]] = []
    for _ in range(most):
        tab.press("Tab")
        stop = tab.run(FOCUSED)
        if stop[0] in ("BODY", "HTML") or stop in out:
            break
        out.append(stop)
    return out


def test_the_persons_page_by_keyboard(tab: Tab, pages: dict[tuple[str, str], Path]) -> None:
    tab.open(pages["status", "en"], 1000)
    seen = stops(tab)
    assert [(tag, label) for tag, label, *_ in seen] == [
        ("SUMMARY", "The same in figures"),
        ("A", "That was me"),
        ("SUMMARY", "Earlier days"),
    ]
    tab.open(pages["status", "en"], 1000)
    tab.press("Tab")
    tab.press("Enter")
    assert tab.run("document.querySelector('details').open")


def test_the_overview_by_keyboard(tab: Tab, pages: dict[tuple[str, str], Path]) -> None:
    tab.open(pages["overview", "en"], 1200)
    labels = [label for _, label, *_ in stops(tab)]
    assert labels[:3] == ["Name, mouse or note contains", "Groupalloffice", "Modeall"]
    assert labels[3:] == ["only where something waits", "Table", "Show 200 more"]
    tab.open(pages["overview", "de"], 1200)
    tab.press("Tab")
    for letter in "person 24":
        tab.press(letter)
    shown = "[...document.getElementById('rows').rows].filter(row => !row.hidden).length"
    assert tab.run(shown) == 11
    assert tab.run("document.getElementById('count').value") == "11 Zeilen"
