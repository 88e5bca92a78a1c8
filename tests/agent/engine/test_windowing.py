"""Windows: any split of the events gives the same ones, and boundaries do what their cause says."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _fastfeat import FEATURES, SCHEMA, ActionKind
from agent.demo.synthesis import Screen, office, person, work
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.row_stream import rows_of
from agent.engine.windowing import Window, WindowStream

KINDS = tuple(int(kind) for kind in ActionKind)
NAMES = ("duration_s", "path_px", "straightness")


@pytest.fixture(scope="module")
def events() -> EventBatch:
    return EventBatch.concat(work(person(3), office(Screen(0, 0, 1920, 1080)), 5, actions=40))


def windows(items: Iterable[StreamItem], size: int = 5) -> list[Window | Boundary]:
    stream = WindowStream(NAMES, KINDS, size)
    out = [w for item in items for w in stream.feed(item)]
    return [*out, *stream.flush()]


def same(one: list[Window | Boundary], other: list[Window | Boundary]) -> bool:
    return len(one) == len(other) and all(
        a == b
        if isinstance(a, Boundary) or isinstance(b, Boundary)
        else np.array_equal(a.rows, b.rows, equal_nan=True)
        and (a.start_ns, a.end_ns, a.action, a.evidence) == (b.start_ns, b.end_ns, b.action, b.evidence)
        for a, b in zip(one, other, strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_split_gives_the_same_windows(events: EventBatch, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events) - 1), max_size=12)))
    parts = [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    assert same(windows(parts), windows([events]))


def test_a_window_holds_the_last_actions_up_to_its_size(events: EventBatch) -> None:
    told = windows([events], size=5)
    rows = rows_of([events])
    columns = [FEATURES.index(name) for name in NAMES]
    assert len(told) == len(rows) > 20
    for i, window in enumerate(told):
        assert isinstance(window, Window)
        assert window.action == i
        assert np.array_equal(window.rows, rows.features[max(0, i - 4) : i + 1, columns], equal_nan=True)
        assert not window.rows.flags.writeable


def test_kinds_that_are_not_judged_make_no_window(events: EventBatch) -> None:
    stream = WindowStream(NAMES, (int(ActionKind.DD),), 5)
    told = [*stream.feed(events), *stream.flush()]
    assert len(told) == int((rows_of([events]).kind == ActionKind.DD).sum())


def halves(events: EventBatch) -> tuple[EventBatch, EventBatch, int]:
    """Cut where nobody moves for longest, so that no action is open."""
    at = int(np.argmax(np.diff(events.t_ns))) + 1
    return events[:at], events[at:], int(events.t_ns[at - 1])


def test_what_was_lost_makes_one_window_without_evidence(events: EventBatch) -> None:
    first, second, t_ns = halves(events)
    told = windows([first, Boundary(t_ns, Cause.OVERFLOW), second], size=100)
    at = next(i for i, w in enumerate(told) if isinstance(w, Boundary))
    damaged, after = told[at + 1], told[at + 2]
    assert isinstance(damaged, Window)
    assert isinstance(after, Window)
    assert (damaged.evidence, len(damaged.rows)) == (False, 1)
    # The window goes on with what came before the loss, without the damaged action.
    assert after.evidence
    assert len(after.rows) == at + 1


@pytest.mark.parametrize("cause", [Cause.SCREEN_LOCKED, Cause.SLEEP, Cause.MOUSE_CHANGED, Cause.PAUSED])
def test_a_window_restarts_where_somebody_else_may_begin(events: EventBatch, cause: Cause) -> None:
    first, second, t_ns = halves(events)
    told = windows([first, Boundary(t_ns, cause), second], size=100)
    at = next(i for i, w in enumerate(told) if isinstance(w, Boundary))
    after = told[at + 1]
    assert isinstance(after, Window)
    assert after.evidence
    assert len(after.rows) == 1


def test_a_gap_ends_the_open_action_and_the_window_goes_on(events: EventBatch) -> None:
    first, second, t_ns = halves(events)
    late = Boundary(t_ns + 1_500_000_000, Cause.GAP)
    told = windows([first, late, second], size=100)
    assert same([w for w in told if isinstance(w, Window)], windows([events], size=100))
    # The action came out with the boundary, not with the next event.
    stream = WindowStream(NAMES, KINDS, 100)
    before = stream.feed(first)
    assert len(stream.feed(late)) == 2
    assert len(before) > 0


def test_a_dropped_action_makes_no_window(events: EventBatch) -> None:
    stream = WindowStream(NAMES, KINDS, 5)
    stream.feed(events[:8])
    told = stream.feed(Boundary(int(events.t_ns[7]), Cause.SCREEN_LOCKED))
    assert [type(item) for item in told] == [Boundary]
    assert stream.flush() == []


def test_a_feature_of_a_newer_version_is_refused() -> None:
    with pytest.raises(SteadyhandError, match="not_yet_known"):
        WindowStream(("duration_s", "not_yet_known"), KINDS, 5)


def test_frequency_features_are_measured_only_when_asked_for(events: EventBatch) -> None:
    slow = [FEATURES.index(feature.name) for feature in SCHEMA if feature.group == "frequency"]
    assert np.isnan(rows_of([events]).features[:, slow]).all()
    assert not np.isnan(rows_of([events], frequency=True).features[:, slow]).all()
