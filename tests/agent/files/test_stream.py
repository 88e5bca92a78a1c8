"""The stream as bytes: everything comes back bit by bit, and nothing else is taken for it."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.mouse import MouseConfiguration, Source
from agent.files.stream import (
    MOST_EVENTS,
    Item,
    Session,
    decode,
    frames,
    joined,
    read_stream,
    write_stream,
)

SESSION = Session(
    MouseConfiguration("evdev", "usb", "046d", "c077", cpi=800, sources=(("cpi", Source.VENDOR),)),
    -5,
    1_700_000_000_000_000_000,
)


def batch_of(n: int, seed: int = 3, t0_ns: int = 0) -> EventBatch:
    """A hand-like run: whole-numbered positions, 8 ms apart."""
    rng = np.random.default_rng(seed)
    t_ns = t0_ns + np.cumsum(rng.integers(7_000_000, 9_000_000, n)).astype(np.int64)
    xy = rng.integers(-3, 4, (2, n)).cumsum(axis=1).astype(np.float64)
    return EventBatch.of(t_ns, xy[0], xy[1], np.zeros(n, np.uint8), np.zeros(n, np.uint8), source=2)


def assert_same(a: Item, b: Item) -> None:
    if not isinstance(a, EventBatch):
        assert a == b
        return
    assert isinstance(b, EventBatch)
    for name in EventBatch.__slots__:
        left, right = getattr(a, name), getattr(b, name)
        assert left.dtype == right.dtype
        assert left.tobytes() == right.tobytes(), name


FLOATS = st.one_of(
    st.floats(allow_nan=True, width=64),
    st.integers(-5000, 5000).map(float),
    st.sampled_from([-0.0, 2.0**53, 1e300]),
)


@st.composite
def batches(draw: st.DrawFn) -> EventBatch:
    n = draw(st.integers(1, 6))
    columns: dict[str, Any] = {
        "t_ns": (np.int64, st.integers(-(2**63), 2**63 - 1)),
        "x": (np.float64, FLOATS),
        "y": (np.float64, FLOATS),
        "kind": (np.uint8, st.integers(0, 255)),
        "button": (np.uint8, st.integers(0, 255)),
        "source": (np.int16, st.integers(-(2**15), 2**15 - 1)),
        "synthetic": (np.bool_, st.booleans()),
    }
    return EventBatch(
        **{name: draw(hnp.arrays(dtype, n, elements=of)) for name, (dtype, of) in columns.items()}
    )


ITEMS = st.one_of(
    batches(),
    st.builds(
        Boundary,
        st.integers(-(2**63), 2**63 - 1),
        st.sampled_from(Cause),
        st.text(st.characters(codec="utf-8")),
    ),
    st.just(SESSION),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ITEMS, max_size=4))
def test_everything_comes_back_bit_by_bit(items: list[Item]) -> None:
    data = b"".join(frames(items))
    back = list(decode(data))
    piped = list(read_stream(io.BytesIO(data)))
    assert len(back) == len(piped) == len(items)
    for a, b, c in zip(items, back, piped, strict=True):
        assert_same(a, b)
        assert_same(a, c)


def test_a_hand_takes_few_bytes() -> None:
    batch = batch_of(1000)
    assert len(b"".join(frames([batch]))) < 8 * len(batch)
    assert 8 * len(batch) < 37 * len(batch) / 4


def test_an_empty_batch_is_no_frame_and_a_long_one_is_several() -> None:
    assert list(frames([EventBatch.empty()])) == []
    long = batch_of(2 * MOST_EVENTS + 5)
    back = list(decode(b"".join(frames([long]))))
    assert [len(part) for part in back] == [MOST_EVENTS, MOST_EVENTS, 5]
    assert_same(EventBatch.concat(part for part in back if isinstance(part, EventBatch)), long)


def test_frames_join_in_order_into_pieces_of_limited_size() -> None:
    parts = [b"aa", b"bbb", b"c", b"dddd", b"eeeeeeee"]
    assert list(joined(parts, 6)) == [b"aabbbc", b"dddd", b"eeeeeeee"]
    assert list(joined([], 6)) == []


def test_a_pipe_that_ends_within_a_frame_is_an_error() -> None:
    out = io.BytesIO()
    write_stream(out, [SESSION, batch_of(20)])
    data = out.getvalue()
    whole = next(frames([SESSION]))
    for cut in range(1, len(data)):
        if cut == len(whole):
            continue
        with pytest.raises(ValueError, match="cut short"):
            list(read_stream(io.BytesIO(data[:cut])))
        with pytest.raises(ValueError, match="cut short"):
            list(decode(data[:cut]))


def test_junk_is_an_error_and_never_anything_else() -> None:
    data = b"".join(frames([SESSION, batch_of(20), Boundary(1, Cause.SLEEP)]))
    rng = random.Random(5)
    for _ in range(3000):
        bad = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        for read in (decode, lambda junk: read_stream(io.BytesIO(junk))):
            try:
                items = list(read(bytes(bad)))
            except ValueError:
                continue
            assert all(isinstance(item, EventBatch | Boundary | Session) for item in items)


def test_a_huge_length_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="not a stream"):
        list(read_stream(io.BytesIO(b"E\xff\xff\xff\xff")))
    with pytest.raises(ValueError, match="a batch of 4294967295 events"):
        list(decode(b"E\x04\x00\x00\x00\xff\xff\xff\xff"))
