"""The balance of synthetic use: shielding oneself for most of the time makes it grow, a judged hand pays it off."""

from __future__ import annotations

from agent.runtime.pipeline.synthetic_use import SHIELD_NS, SyntheticUse
from tests.agent.runtime.fakes import MINUTE, SECOND

STEP = SECOND // 10


def run(use: SyntheticUse, seconds: int, pattern: str, start_s: int = 0, *, separated: bool = False) -> None:
    """An event every 100 ms, by the letters of `pattern` over and over: h a hand's, s synthetic, - none."""
    for n in range(seconds * 10):
        t_ns, letter = start_s * SECOND + n * STEP, pattern[n % len(pattern)]
        if letter == "h":
            use.add_hand(t_ns, t_ns)
        elif letter == "s":
            use.add_synthetic(t_ns, t_ns, separated=separated)


def test_a_program_alone_adds_the_time_that_it_moves() -> None:
    use = SyntheticUse()
    run(use, 60, "s")
    assert use.balance_ns == 600 * STEP - STEP


def test_a_hand_that_is_shielded_throughout_adds_all_of_its_time() -> None:
    use = SyntheticUse()
    run(use, 60, "hs")
    assert use.balance_ns == 60 * SECOND - STEP


def test_where_the_hand_is_judged_all_the_same_the_balance_stays_small() -> None:
    use = SyntheticUse()
    run(use, 60, "hhhhs", separated=True)
    assert use.balance_ns <= STEP


def test_a_nudge_now_and_then_is_paid_off_by_what_is_judged_between() -> None:
    use = SyntheticUse()
    for minute in range(30):
        run(use, 1, "s", minute * 60)
        run(use, 55, "h", minute * 60 + 2)
    assert use.balance_ns < 5 * SECOND


def test_shielding_for_most_of_the_time_adds_up() -> None:
    use = SyntheticUse()
    for n in range(60):
        run(use, 7, "hs", n * 10)
        run(use, 3, "h", n * 10 + 7)
    assert use.balance_ns > 5 * MINUTE


def test_the_shield_ends_after_its_time() -> None:
    use = SyntheticUse()
    use.add_synthetic(0, SECOND, separated=False)
    assert use.is_shielded(SECOND + SHIELD_NS)
    assert not use.is_shielded(SECOND + SHIELD_NS + 1)
    use = SyntheticUse()
    use.add_synthetic(0, SECOND, separated=True)
    assert not use.is_shielded(SECOND)


def test_rests_and_boundaries_are_no_use() -> None:
    use = SyntheticUse()
    use.add_synthetic(0, 0, separated=False)
    use.add_synthetic(2 * MINUTE, 2 * MINUTE, separated=False)
    assert use.balance_ns == 0
    use.interrupt()
    use.add_synthetic(2 * MINUTE + SECOND, 2 * MINUTE + SECOND, separated=False)
    assert use.balance_ns == 0
    use.add_synthetic(2 * MINUTE + 2 * SECOND, 2 * MINUTE + 3 * SECOND, separated=False)
    assert use.balance_ns == 2 * SECOND
    use.restart()
    assert use.balance_ns == 0
