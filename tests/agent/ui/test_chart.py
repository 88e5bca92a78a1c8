"""The drawing of the day: what stands where, where the line breaks, what a reader is told instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from agent.files.day_log_file import Spell
from agent.runtime.status.day_log import SPELL_S
from agent.ui.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, trust_chart

NOON = int(datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp())


def clock(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%H:%M")


def spells(*told: tuple[int, int | None, int | None]) -> tuple[Spell, ...]:
    return tuple(Spell(NOON + n * SPELL_S, "protecting", low, last) for n, low, last in told)


def points(svg: str) -> list[list[tuple[float, float]]]:
    lines = re.findall(r'polyline class="trust" points="([^"]+)"', svg)
    return [[(float(p.split(",")[0]), float(p.split(",")[1])) for p in line.split()] for line in lines]


def test_full_trust_is_at_the_top_none_at_the_bottom_and_now_at_the_right() -> None:
    svg = trust_chart(spells((0, 100, 100), (1, 0, 0)), (), NOON + 4 * 3600, clock)
    assert [y for _, y in points(svg)[0]] == [TOP, HEIGHT - BOTTOM, HEIGHT - BOTTOM]
    assert points(svg)[0][0][0] == LEFT
    whole = trust_chart(spells((0, 9, 9), (47, 9, 9)), (), NOON + 48 * SPELL_S, clock)
    assert points(whole)[-1][-1][0] == WIDTH - RIGHT


def test_a_rest_breaks_the_line_and_a_pause_is_no_point() -> None:
    svg = trust_chart(spells((0, 90, 95), (1, 80, 90), (4, 70, 80), (5, None, None)), (), NOON + 7200, clock)
    assert [len(line) for line in points(svg)] == [3, 2]
    assert svg.count('class="low"') == 3


def test_what_was_noticed_has_a_shape_and_words() -> None:
    marks = [
        (NOON + 60.0, "suspicious", "<Unusual>"),
        (NOON + 90.0, "lock", "Locked"),
        (NOON - 9e9, "pause", "x"),
    ]
    svg = trust_chart(spells((0, 90, 95)), marks, NOON + 7200, clock)
    assert "<title>12:01 &lt;Unusual&gt;</title><path" in svg
    assert "<title>12:01 Locked</title><rect" in svg
    assert 'class="mark pause"' not in svg, "of another day"


def test_a_reader_is_told_the_figures() -> None:
    svg = trust_chart(spells((0, 40, 95), (1, 80, 90)), (), NOON + 7200, clock)
    assert 'aria-label="Trust from 12:00 to 14:00: now 90 of 100, lowest 40; 0 marks."' in svg
    assert ">13:00</text>" in svg


def test_nothing_judged_is_no_drawing() -> None:
    assert trust_chart(spells((0, None, None)), (), NOON, clock) == ""
    assert trust_chart((), (), NOON, clock) == ""
