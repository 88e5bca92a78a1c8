"""When input last came, by a compositor's notices."""

from __future__ import annotations

from agent.host.linux.input_times import InputTimes

MS = 1_000_000


def test_input_without_a_pause_is_known_once_a_notice_is_overdue() -> None:
    times = InputTimes(0)
    assert times.idle_ms(9_000 * MS) is None
    assert times.idle_ms(10_001 * MS) == 5_000
    times.idled(40_000 * MS)
    assert times.idle_ms(41_000 * MS) == 6_000
