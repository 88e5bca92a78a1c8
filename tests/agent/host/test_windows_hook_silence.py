"""A hook that says nothing while devices move."""

from __future__ import annotations

from agent.host.windows.hook_silence import HookSilence

MS = 1_000_000


def moved(silence: HookSilence, first_ms: int, last_ms: int, *, every_ms: int = 8, counts: int = 3) -> None:
    for ms in range(first_ms, last_ms, every_ms):
        silence.device_moved(ms * MS, counts)


def test_half_a_second_of_movement_without_the_hook_is_silence() -> None:
    silence = HookSilence()
    moved(silence, 1000, 1400)
    assert not silence.is_silent(1400 * MS)
    moved(silence, 1400, 1520)
    assert silence.is_silent(1530 * MS)
    silence.restart()
    assert not silence.is_silent(1530 * MS)


def test_silence_is_over_when_nothing_moves_any_more() -> None:
    silence = HookSilence()
    moved(silence, 1000, 1600)
    assert silence.is_silent(2500 * MS)
    assert not silence.is_silent(2700 * MS)


def test_a_hook_that_hears_is_not_silent_whichever_comes_first() -> None:
    for later_ms in (-30, 0, 30):
        silence = HookSilence()
        for ms in range(1000, 5000, 8):
            silence.device_moved(ms * MS, 3)
            silence.hook_heard((ms + later_ms) * MS)
        assert not silence.is_silent(5000 * MS)


def test_a_mouse_that_trembles_on_its_desk_is_not_silence() -> None:
    silence = HookSilence()
    moved(silence, 0, 600_000, every_ms=2_000, counts=1)
    assert not silence.is_silent(600_000 * MS)
    moved(silence, 700_000, 701_000, every_ms=100, counts=1)
    assert not silence.is_silent(701_000 * MS)


def test_silence_is_counted_from_the_last_word_of_the_hook() -> None:
    silence = HookSilence()
    moved(silence, 1000, 1400)
    silence.hook_heard(1400 * MS)
    moved(silence, 1500, 1900)
    assert not silence.is_silent(1900 * MS)
    moved(silence, 1900, 2020)
    assert silence.is_silent(2020 * MS)
