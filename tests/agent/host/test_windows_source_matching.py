"""Which device made an event of the hook: scripted streams of two mice, touchpads and programs.

What the streams hold follows Microsoft's pages "RAWMOUSE structure" (relative counts, absolute places of remote
sessions), "RAWINPUTHEADER structure" (a precision touchpad's handle can be zero) and "MSLLHOOKSTRUCT structure"
(LLMHF_INJECTED), learn.microsoft.com/windows/win32/api/winuser. No two real mice were ever heard.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.engine.events import Button, EventKind
from agent.host.windows.raw_input import RawKind, RawReport
from agent.host.windows.source_matching import HookEvent, SourceMatcher

MS = 1_000_000
UNKNOWN, ONE_OF_SEVERAL, WINDOW_MS = -1, 0, 50
A, B, PAD = 1, 2, 3


def moved(ms: float, dx: int, dy: int = 0, *, synthetic: bool = False) -> HookEvent:
    return HookEvent(int(ms * MS), 100, 100, EventKind.MOVE, 0, synthetic, dx, dy)


def counts(dx: int, dy: int = 0, handle: int = 9) -> RawReport:
    return RawReport(handle, RawKind.MOUSE, dx, dy)


def sources(
    events: list[HookEvent], reports: list[tuple[float, int, RawReport]], now_ms: float = 10_000
) -> list[int]:
    matcher = SourceMatcher()
    for ms, source, report in reports:
        matcher.add_report(int(ms * MS), source, report)
    for event in events:
        matcher.add_event(event)
    return [source for _, source in matcher.released(int(now_ms * MS))]


@pytest.mark.parametrize("later_ms", [-40, -1, 0, 1, 40])
def test_a_report_before_or_after_the_hook_answers(later_ms: float) -> None:
    assert sources([moved(100, 3, -2)], [(100 + later_ms, A, counts(6, -4))]) == [A]


@pytest.mark.parametrize("later_ms", [-60, 60])
def test_a_report_too_far_away_does_not(later_ms: float) -> None:
    assert sources([moved(100, 3)], [(100 + later_ms, A, counts(3))]) == [UNKNOWN]


@pytest.mark.parametrize(
    ("step", "report", "answer"),
    [
        ((3, 0), (-3, 0), UNKNOWN),
        ((3, 2), (5, -2), UNKNOWN),
        ((0, 4), (5, 0), UNKNOWN),
        ((0, 0), (1, 0), A),
        ((2, 0), (5, 1), A),
        ((2, 1), (0, 0), UNKNOWN),
    ],
)
def test_the_direction_must_agree(step: tuple[int, int], report: tuple[int, int], answer: int) -> None:
    assert sources([moved(100, *step)], [(100, A, counts(*report))]) == [answer]


def test_two_mice_in_turn_are_told_apart() -> None:
    events = [moved(100 + 8 * n, 3) for n in range(20)] + [moved(1000 + 8 * n, -2) for n in range(20)]
    reports = [(101.0 + 8 * n, A, counts(4)) for n in range(20)]
    reports += [(999.0 + 8 * n, B, counts(-4)) for n in range(20)]
    assert sources(events, reports) == [A] * 20 + [B] * 20


def test_two_mice_in_opposite_directions_are_told_apart_by_sign() -> None:
    events = [moved(100 + 4 * n, 3 if n % 2 else -3) for n in range(20)]
    reports = [(100.0 + 4 * n, A if n % 2 else B, counts(3 if n % 2 else -3)) for n in range(20)]
    assert sources(events, reports) == [A if n % 2 else B for n in range(20)]


def test_two_mice_in_the_same_direction_at_once_are_unknown() -> None:
    assert sources([moved(100, 3)], [(99, A, counts(3)), (101, B, counts(3))]) == [UNKNOWN]


def test_buttons_and_wheels_answer_for_themselves() -> None:
    press = HookEvent(100 * MS, 0, 0, EventKind.PRESS, Button.LEFT, False)
    release = HookEvent(105 * MS, 0, 0, EventKind.RELEASE, Button.LEFT, False)
    up = HookEvent(110 * MS, 0, 0, EventKind.SCROLL, Button.SCROLL_UP, False)
    left = HookEvent(115 * MS, 0, 0, EventKind.SCROLL, Button.SCROLL_LEFT, False)
    reports = [
        (100.0, B, RawReport(9, RawKind.MOUSE, presses=frozenset({Button.LEFT}))),
        (105.0, A, RawReport(8, RawKind.MOUSE, releases=frozenset({Button.LEFT}))),
        (110.0, A, RawReport(8, RawKind.MOUSE, wheel=120)),
        (110.0, B, RawReport(8, RawKind.MOUSE, wheel=-120)),
        (115.0, B, RawReport(8, RawKind.MOUSE, tilt=-120)),
    ]
    assert sources([press, release, up, left], reports) == [B, A, A, B]


def test_swapped_buttons_answer_for_each_other_and_side_buttons_do_not() -> None:
    right = RawReport(9, RawKind.MOUSE, presses=frozenset({Button.RIGHT}))
    left = HookEvent(100 * MS, 0, 0, EventKind.PRESS, Button.LEFT, False)
    back = HookEvent(100 * MS, 0, 0, EventKind.PRESS, Button.BACK, False)
    assert sources([left], [(100, A, right)]) == [A]
    assert sources([back], [(100, A, right)]) == [UNKNOWN]


def test_an_injected_event_has_no_source_although_a_mouse_moves() -> None:
    assert sources([moved(100, 3, synthetic=True)], [(100, A, counts(3))]) == [UNKNOWN]


def test_no_handle_answers_for_nothing_and_makes_nothing_synthetic() -> None:
    matcher = SourceMatcher()
    matcher.add_report(100 * MS, UNKNOWN, counts(3, handle=0))
    matcher.add_event(moved(100, 3))
    ((event, source),) = matcher.released(10_000 * MS)
    assert (event.synthetic, source) == (False, UNKNOWN)


def test_a_touchpad_without_a_handle_is_known_by_its_own_reports() -> None:
    digitizer = RawReport(7, RawKind.DIGITIZER)
    events = [moved(100 + 8 * n, 2) for n in range(30)]
    reports = [(100.0 + 8 * n, UNKNOWN, counts(2, handle=0)) for n in range(30)]
    reports += [(98.0 + 8 * n, PAD, digitizer) for n in range(40)]
    assert sources(events, reports) == [PAD] * 30


def test_a_palm_on_the_touchpad_does_not_take_the_mouses_movement() -> None:
    reports = [(100.0, A, counts(3)), (99.0, PAD, RawReport(7, RawKind.DIGITIZER))]
    assert sources([moved(100, 3)], reports) == [A]


def test_absolute_places_answer_by_the_way_between_them() -> None:
    def place(x: int) -> RawReport:
        return RawReport(9, RawKind.MOUSE, x, 500, is_absolute=True)

    events = [moved(100, 7), moved(300, 7), moved(500, 7)]
    assert sources(events, [(100, A, place(1000)), (300, A, place(1100)), (500, A, place(900))]) == [
        A,
        A,
        UNKNOWN,
    ]


def test_after_many_without_an_answer_it_may_be_any_of_them() -> None:
    given_up = sources([moved(100 + 8 * n, 3) for n in range(30)], [])
    assert given_up[:16] == [UNKNOWN] * 16
    assert given_up[16:] == [ONE_OF_SEVERAL] * 14
    answered = [*[moved(100 + 8 * n, 3) for n in range(30)], moved(900, 3), moved(1000, 3)]
    assert sources(answered, [(900, A, counts(3))])[-2:] == [A, UNKNOWN]


def test_an_event_waits_for_its_report_and_no_longer() -> None:
    matcher = SourceMatcher()
    matcher.add_event(moved(100, 3))
    assert matcher.released(120 * MS) == []
    assert matcher.waits
    matcher.add_report(110 * MS, B, counts(2))
    assert [source for _, source in matcher.released(121 * MS)] == [B]
    matcher.add_event(moved(200, 3))
    assert matcher.released(250 * MS) == []
    assert [source for _, source in matcher.released(251 * MS)] == [UNKNOWN]


def test_everything_leaves_where_nothing_may_be_held_back() -> None:
    matcher = SourceMatcher()
    matcher.add_event(moved(100, 3))
    assert [source for _, source in matcher.released(100 * MS, everything=True)] == [UNKNOWN]
    assert not matcher.waits


_steps = st.integers(-5, 5)
_events = st.tuples(st.integers(0, 2000), _steps, _steps, st.booleans())
_reports = st.tuples(st.integers(0, 2000), st.sampled_from([UNKNOWN, A, B]), _steps, _steps)


@settings(max_examples=200)
@given(
    st.lists(_events, max_size=30),
    st.lists(_reports, max_size=30),
    st.lists(st.integers(1, 200), max_size=10),
)
def test_events_leave_once_in_order_and_no_source_lacks_a_report(
    moves: list[tuple[int, int, int, bool]], heard: list[tuple[int, int, int, int]], looks_ms: list[int]
) -> None:
    """However the two streams reach the matcher, each by its own time, and whenever somebody looks."""
    events = [moved(ms, dx, dy, synthetic=s) for ms, dx, dy, s in sorted(moves)]
    reports = sorted(heard)
    matcher, left, now = SourceMatcher(), [], 0
    for step in [*looks_ms, 5000]:
        for event in events:
            if now * MS <= event.t_ns < (now + step) * MS:
                matcher.add_event(event)
        for ms, source, dx, dy in reports:
            if now <= ms < now + step:
                matcher.add_report(ms * MS, source, counts(dx, dy))
        now += step
        left += matcher.released(now * MS)
    left += matcher.released(now * MS, everything=True)
    assert [event for event, _ in left] == events
    for event, source in left:
        if event.synthetic:
            assert source == UNKNOWN
        near = {s for ms, s, dx, dy in reports if abs(ms * MS - event.t_ns) <= WINDOW_MS * MS and (dx or dy)}
        assert source in near | {UNKNOWN, ONE_OF_SEVERAL}
