"""Streaming equals batch, bit for bit, however the stream is cut."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from _fastfeat import ActionRows, ActionStream, extract
from tests.fastfeat.scripts import Events, assert_same, event_streams, part, work


def in_portions(events: Events, cuts: list[int]) -> ActionRows:
    stream = ActionStream()
    edges = [0, *sorted(cuts), len(events[0])]
    rows = [stream.push(*part(events, a, b)) for a, b in pairwise(edges)]
    return ActionRows.concat([*rows, stream.flush()])


@settings(max_examples=120, deadline=None, derandomize=True)
@given(event_streams(), st.lists(st.integers(0, 80), max_size=6))
def test_any_stream_in_any_portions(events: Events, cuts: list[int]) -> None:
    within = [min(c, len(events[0])) for c in cuts]
    assert_same(in_portions(events, within), extract(*events))


def test_one_event_at_a_time() -> None:
    events = work(11, 40)
    assert_same(in_portions(events, list(range(len(events[0])))), extract(*events))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(event_streams())
def test_expiry_gives_what_the_next_late_event_would_have_given(events: Events) -> None:
    stream, rows = ActionStream(), []
    for i, t in enumerate(events[0].tolist()):
        rows.append(stream.expire(t))
        rows.append(stream.push(*part(events, i, i + 1)))
    assert_same(ActionRows.concat([*rows, stream.flush()]), extract(*events))


def test_expiry_waits_for_more_than_the_gap() -> None:
    events = work(12, 1)
    stream = ActionStream()
    stream.push(*events)
    last = stream.last_event_ns
    assert last == events[0][-1]
    assert len(stream.expire(last + 1_000_000_000)) == 0
    assert stream.open_since_ns == events[0][0]
    assert len(stream.expire(last + 1_000_000_001)) == 1
    assert stream.open_since_ns is None
    assert len(stream.expire(last + 10**12)) == 0


def test_what_follows_a_boundary_does_not_know_what_came_before() -> None:
    events = work(13, 30)
    cut = len(events[0]) // 2
    stream = ActionStream()
    stream.push(*part(events, 0, cut))
    stream.discard()
    assert stream.open_since_ns is None
    assert stream.last_event_ns is None
    after = ActionRows.concat([stream.push(*part(events, cut)), stream.flush()])
    assert_same(after, extract(*part(events, cut)))


def test_after_a_boundary_the_clock_may_be_another_one() -> None:
    events = work(14, 10)
    stream = ActionStream()
    first = ActionRows.concat([stream.push(*events), stream.flush()])
    assert_same(ActionRows.concat([stream.push(*events), stream.flush()]), first)


def test_streams_do_not_share_anything() -> None:
    one, other = work(15, 20), work(16, 20)
    left, right, rows = ActionStream(), ActionStream(), []
    for i in range(min(len(one[0]), len(other[0]))):
        rows.append(left.push(*part(one, i, i + 1)))
        right.push(*part(other, i, i + 1))
    rows.append(left.push(*part(one, min(len(one[0]), len(other[0])))))
    assert_same(ActionRows.concat([*rows, left.flush()]), extract(*one))


def test_read_only_arrays_are_welcome_and_untouched() -> None:
    events = work(17, 5)
    copies = [a.copy() for a in events]
    for a in events:
        a.flags.writeable = False
    assert len(extract(*events)) > 0
    assert all(np.array_equal(a, b) for a, b in zip(events, copies, strict=True))
