"""Tables of events: glitches, clocks that run backwards, other columns, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Button, Cause, EventBatch, EventKind
from enroll.datasets.csvfile import detect_format, read_events
from enroll.datasets.formats import BALABIT, SAPIMOUSE

HEADER = ",".join(BALABIT.columns)


def table(tmp_path: Path, *lines: str, header: str = HEADER) -> Path:
    path = tmp_path / "session_1"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[EventBatch | Boundary]:
    return list(read_events(path, BALABIT))


def events(path: Path) -> EventBatch:
    return EventBatch.concat(item for item in read(path) if isinstance(item, EventBatch))


def test_states_and_buttons_become_kinds_and_buttons(tmp_path: Path) -> None:
    told = events(
        table(
            tmp_path,
            "9,0.016,NoButton,Move,3,4",
            "9,0.031,Left,Pressed,3,4",
            "9,0.047,NoButton,Drag,5,6",
            "9,0.062,Left,Released,5,6",
            "9,0.078,Scroll,Down,0,0",
            "9,0.094,Scroll,Up,0,0",
            "9,0.109,XButton,Pressed,5,6",
        )
    )
    K, B = EventKind, Button
    assert told.kind.tolist() == [K.MOVE, K.PRESS, K.DRAG, K.RELEASE, K.SCROLL, K.SCROLL, K.PRESS]
    assert told.button.tolist() == [B.NONE, B.LEFT, B.NONE, B.LEFT, B.SCROLL_DOWN, B.SCROLL_UP, B.BACK]
    assert told.t_ns[:2].tolist() == [16_000_000, 31_000_000]
    assert told.x[2] == 5.0


def test_the_clients_clock_is_read_and_never_the_networks(tmp_path: Path) -> None:
    one = events(table(tmp_path, "0.5,1.25,NoButton,Move,1,1"))
    other = events(table(tmp_path, "nan,1.25,NoButton,Move,1,1"))
    assert one.t_ns.tolist() == other.t_ns.tolist() == [1_250_000_000]


def test_glitches_repeated_headers_and_empty_lines_are_dropped(tmp_path: Path) -> None:
    told = events(
        table(
            tmp_path,
            "0,0.0,NoButton,Move,1,2",
            "0,0.1,NoButton,Move,65535,65535",
            HEADER,
            "",
            "0,0.2,NoButton,Move,nan,2",
            "0,0.3,NoButton,Move,3,2",
        )
    )
    assert told.x.tolist() == [1.0, 3.0]


def test_time_that_runs_backwards_is_a_clock_step_and_goes_on(tmp_path: Path) -> None:
    first, step, second = read(
        table(
            tmp_path,
            "0,5.0,NoButton,Move,1,2",
            "0,6.0,NoButton,Move,1,3",
            "0,2.0,NoButton,Move,1,4",
            "0,2.5,NoButton,Move,1,5",
        )
    )
    assert isinstance(step, Boundary)
    assert (step.cause, step.t_ns) == (Cause.CLOCK_STEP, 6_000_000_000)
    assert "4.000 s" in step.detail
    assert isinstance(first, EventBatch)
    assert isinstance(second, EventBatch)
    assert first.t_ns.tolist() == [5_000_000_000, 6_000_000_000]
    assert second.t_ns.tolist() == [6_000_000_000, 6_500_000_000]


def test_long_tables_come_in_pieces_and_clock_steps_between_them_too(tmp_path: Path) -> None:
    n = 1 << 16
    lines = [f"0,{i / 1000 if i < n else (i - n) / 1000},NoButton,Move,{i % 100},2" for i in range(n + 10)]
    told = read(table(tmp_path, *lines))
    assert [type(item) for item in told] == [EventBatch, Boundary, EventBatch]
    assert (np.diff(events(tmp_path / "session_1").t_ns) >= 0).all()


def test_other_columns_are_named_with_the_expected_ones(tmp_path: Path) -> None:
    path = table(tmp_path, "1,2,3", header="time,x,y")
    with pytest.raises(
        SteadyhandError, match=r"session_1, line 1: columns 'time, x, y'.*record timestamp,client"
    ):
        read(path)
    with pytest.raises(SteadyhandError, match="line 1"):
        detect_format(path)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("0,abc,NoButton,Move,1,2", "line 3: '0,abc"),
        ("0,1.0,NoButton,Move,1", "line 3"),
        ("0,1.0,NoButton,Jump,1,2", "line 3: unknown button or state"),
        ("0,1.0,LeftHandedExtraButton,Move,1,2", "line 3: unknown button or state"),
        ("0,inf,NoButton,Move,1,2", "line 3: time inf"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, what: str) -> None:
    path = table(tmp_path, "0,0.5,NoButton,Move,1,2", line, "0,2.0,NoButton,Move,1,2")
    with pytest.raises(SteadyhandError, match=what):
        read(path)


def test_an_empty_session_is_clear(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="no mouse event"):
        read(table(tmp_path))
    with pytest.raises(SteadyhandError, match="no mouse event"):
        read(table(tmp_path, "0,0.1,NoButton,Move,65535,65535"))
    with pytest.raises(SteadyhandError, match="cannot be read"):
        read(tmp_path / "nowhere")


def test_the_format_is_known_by_its_header(tmp_path: Path) -> None:
    assert detect_format(table(tmp_path)) == BALABIT
    path = table(tmp_path, "15,NoButton,Move,1,2", header="\ufeff" + ",".join(SAPIMOUSE.columns))
    assert detect_format(path) == SAPIMOUSE
    batch = next(iter(read_events(path, SAPIMOUSE)))
    assert isinstance(batch, EventBatch)
    assert batch.t_ns.tolist() == [15_000_000]
