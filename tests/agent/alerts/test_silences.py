"""Silences of an agent: which are explained, and what the others may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.alerts.silences import Spoken, silences

NIGHT_MS = 12 * 3_600_000
BEAT = Spoken(1, "ada", "heartbeat", 0)


def after(kind: str, number: int = 2, ms: int = NIGHT_MS, **more: object) -> Spoken:
    return replace(Spoken(number, "ada", kind, ms), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["stopped", "quit", "asleep"])
def test_an_announced_silence_is_explained(kind: str) -> None:
    assert list(silences([replace(BEAT, kind=kind), after("heartbeat")], 300)) == []


def test_waking_explains_what_was_before_it() -> None:
    assert list(silences([BEAT, after("awake")], 300)) == []


def test_a_night_that_was_announced_only_after_it_is_explained() -> None:
    late = [BEAT, after("asleep"), after("awake", 3, NIGHT_MS + 100)]
    assert list(silences(late, 300)) == []
    assert len(list(silences([BEAT, after("asleep"), after("awake", 3, NIGHT_MS + 100_000)], 300))) == 1
    assert len(list(silences([BEAT, after("asleep")], 300))) == 1


@pytest.mark.parametrize(("step_s", "count"), [(43_140.0, 0), (43_000.0, 1), (-43_140.0, 1), (0.0, 1)])
def test_a_paused_machine_has_its_clock_set_by_as_much_as_it_missed(step_s: float, count: int) -> None:
    assert len(list(silences([BEAT, after("clock stepped", step_s=step_s)], 300))) == count


@pytest.mark.parametrize(
    ("restarted", "words"),
    [(False, "was killed while"), (True, "a power cut, or a kill and then one"), (None, "unexplained")],
)
def test_a_silence_that_ends_with_a_restart_says_what_it_may_be(restarted: bool | None, words: str) -> None:
    (line,) = silences([BEAT, after("killed and restarted", computer_restarted=restarted)], 300)
    assert line.startswith("silent for 43200 s before alert 2 (killed and restarted): ")
    assert words in line


def test_any_other_silence_is_unexplained() -> None:
    (line,) = silences([BEAT, after("heartbeat", ms=301_000)], 300)
    assert line == "silent for 301 s before alert 2 (heartbeat): unexplained"
    assert list(silences([BEAT, after("heartbeat", ms=300_000)], 300)) == []


def test_agents_behind_one_relay_are_looked_at_one_by_one_and_its_own_word_is_nobodys() -> None:
    relay = Spoken(2, "", "heartbeat", 200_000)
    other = Spoken(3, "eve", "heartbeat", 250_000)
    (line,) = silences([BEAT, relay, other, after("heartbeat", 4, 400_000)], 300)
    assert "alert 4" in line
    assert list(silences([relay, replace(relay, number=9, time_ms=NIGHT_MS)], 300)) == []
