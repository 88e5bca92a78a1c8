"""Bad input is refused with the argument and the index; odd input is taken."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _fastfeat import ActionStream, extract
from tests.fastfeat.scripts import DRAG, MOVE, MS, PRESS, RELEASE, SCROLL, Events, assert_same, pack, work

LINE = [(i * 8 * MS, float(i), 0.0, MOVE, 0) for i in range(10)]
NAMES = ("t_ns", "x", "y", "kind", "button")


@pytest.mark.parametrize("position", range(5))
def test_wrong_dtype(position: int) -> None:
    events = list(pack(LINE))
    events[position] = events[position].astype(np.float32)
    with pytest.raises(ValueError, match=rf"^{NAMES[position]}: dtype float32, not "):
        extract(*events)


@pytest.mark.parametrize("position", range(1, 5))
def test_unequal_lengths(position: int) -> None:
    events = list(pack(LINE))
    events[position] = events[position][:-1]
    with pytest.raises(ValueError, match=rf"^{NAMES[position]}: length 9, but t_ns has 10$"):
        extract(*events)


@pytest.mark.parametrize("position", range(5))
def test_not_contiguous_not_one_dimensional_not_an_array(position: int) -> None:
    for change, message in (
        (lambda a: np.repeat(a, 2)[::2], "not contiguous"),
        (lambda a: a.reshape(2, 5), "2 dimensions, not 1"),
        (lambda a: a.tolist(), "list, not a NumPy array"),
    ):
        events = list(pack(LINE))
        events[position] = change(events[position])
        with pytest.raises(ValueError, match=rf"^{NAMES[position]}: {message}"):
            extract(*events)


@pytest.mark.parametrize(
    ("position", "index", "value", "message"),
    [
        (0, 4, 8 * MS, r"t_ns\[4\]: 8000000 is before the event before it \(24000000\)"),
        (0, 0, -1, r"t_ns\[0\]: -1 is negative"),
        (3, 7, 5, r"kind\[7\]: 5 is not an event kind"),
        (3, 2, PRESS, r"button\[2\]: 0 is no button for this kind"),
        (3, 2, SCROLL, r"button\[2\]: 0 is no button for this kind"),
    ],
)
def test_a_bad_event_is_named(position: int, index: int, value: int, message: str) -> None:
    events = pack(LINE)
    events[position][index] = value
    with pytest.raises(ValueError, match=message):
        extract(*events)


def test_a_refused_push_leaves_the_stream_as_it_was() -> None:
    stream, events = ActionStream(), work(21, 6)
    stream.push(*events)
    late = pack([(int(events[0][-1]) - 1, 0.0, 0.0, MOVE, 0)])
    with pytest.raises(ValueError, match=r"t_ns\[0\]: \d+ is before the event before it"):
        stream.push(*late)
    twin = ActionStream()
    twin.push(*events)
    assert_same(stream.flush(), twin.flush())


@pytest.mark.parametrize(("name", "value"), [("gap_ns", 0), ("gap_ns", 2**62), ("max_points", 7)])
def test_options_have_bounds(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        ActionStream(**{name: value})


def test_no_events() -> None:
    rows = extract(*pack([]))
    assert len(rows) == 0
    assert rows.features.shape[1] > 120


@pytest.mark.parametrize("kind", [MOVE, DRAG, PRESS, RELEASE, SCROLL])
def test_one_event(kind: int) -> None:
    assert len(extract(*pack([(5, 1.0, 1.0, kind, 5 if kind >= PRESS else 0)]))) == 0


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 65535.0, -65535.0, 1e308])
def test_glitches_leave_no_trace(odd: float) -> None:
    glitches = [(t + 1, odd, y, kind, b) for t, _, y, kind, b in LINE]
    mixed = [row for pair in zip(LINE, glitches, strict=True) for row in pair]
    assert_same(extract(*pack(mixed)), extract(*pack(LINE)))


def test_positions_are_rounded_to_a_1024th_of_a_px() -> None:
    t, x, y, kind, button = work(24, 10)
    rough = extract(t, x + 0.0004, y - 0.0004, kind, button)
    assert_same(rough, extract(t, x, y, kind, button))


def test_repeats_leave_no_trace() -> None:
    twice = [row for row in LINE for _ in range(3)]
    assert_same(extract(*pack(twice)), extract(*pack(LINE)))


def test_the_position_of_scrolling_is_never_used() -> None:
    events = work(22, 40)
    wild = tuple(a.copy() for a in events)
    wild[1][events[3] == SCROLL] = np.nan
    wild[2][events[3] == SCROLL] = 4000.0
    assert_same(extract(*wild), extract(*events))


def test_neither_place_on_the_screen_nor_time_of_day_matters() -> None:
    t, x, y, kind, button = work(23, 40)
    here = extract(t, x, y, kind, button)
    there = extract(t + 10**15, x + 1717.0, y - 333.0, kind, button)
    assert here.features.tobytes() == there.features.tobytes()


def test_a_million_events_without_a_click_stay_within_the_cap() -> None:
    n = 1_000_000
    i = np.arange(n)
    events = (
        i * MS,
        np.cos(i / 50) * 300,
        np.sin(i / 70) * 200,
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
    )
    stream = ActionStream(max_points=512)
    tracemalloc.start()
    rows = stream.push(*(np.ascontiguousarray(a) for a in events))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows.points.max() == 512
    assert len(rows) == n // 512
    assert peak < 60_000_000  # rows of 1.3 kB, and room for as many again
    assert np.isfinite(rows.features[:, :14][~np.isnan(rows.features[:, :14])]).all()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=12),
    st.binary(min_size=12, max_size=12),
    st.binary(min_size=12, max_size=12),
)
def test_any_bytes_give_rows_or_a_value_error(times: list[int], kinds: bytes, buttons: bytes) -> None:
    n = len(times)
    place = np.frombuffer(kinds + buttons + kinds + buttons, np.float64).repeat(4)[:n].copy()
    events: Events = (
        np.array(times, np.int64),
        place,
        place[::-1].copy(),
        np.frombuffer(kinds, np.uint8)[:n],
        np.frombuffer(buttons, np.uint8)[:n],
    )
    good = all(t >= max(times[:i], default=0) for i, t in enumerate(times))
    good = good and all(
        k < PRESS or (k <= SCROLL and b and (k < SCROLL or 4 <= b <= 7))
        for k, b in zip(kinds[:n], buttons[:n], strict=True)
    )
    if good:
        assert not np.isinf(extract(*events).features).any()
    else:
        with pytest.raises(ValueError, match=r"^(t_ns|kind|button)\[\d+\]: "):
            extract(*events)
