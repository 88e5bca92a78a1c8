"""Variants of the public data sets' tables, known by their columns and words."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import Button, EventBatch, EventKind
from enroll.datasets.csvfile import detect_format, read_events
from enroll.datasets.formats import BALABIT, SAPIMOUSE, TimeUnit


def read(path: Path, unit: TimeUnit | None = None) -> EventBatch:
    entries = read_events(path, detect_format(path, unit))
    return EventBatch.concat(entry for entry in entries if isinstance(entry, EventBatch))


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding=encoding)
    return path


ROWS = [(0, 10, 20), (16, 14, 22), (33, 19, 25), (49, 25, 27)]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("client timestamp,button,state,x,y", "{ms},NoButton,Move,{x},{y}"),
        ("Client Timestamp,Button,State,X,Y", "{ms},NoButton,Move,{x},{y}"),
        ("client_timestamp,button,state,x,y", "{ms},nobutton,move,{x},{y}"),
        ("record timestamp,client timestamp,button,state,x,y", "9,{s},NoButton,Move,{x},{y}"),
        ("record timestamp, client timestamp, button, state, x, y", "9,{s},NoButton,Move,{x},{y}"),
        ("client timestamp,x,y,button,state,window", '{ms},{x},{y},NoButton,Move,"Mail, inbox"'),
        ("x,y,event,time_ms", "{x},{y},mousemove,{ms}"),
        ("t (s);type;x;y", "{s};mousemove;{x};{y}"),
        ("t [s]\tevent type\tx\ty", "{s}\tmousemove\t{x}\t{y}"),
        ("time_s;event;x;y", "{comma};mousemove;{x};{y}"),
    ],
)
def test_columns_in_any_order_case_and_unit(tmp_path: Path, header: str, row: str) -> None:
    lines = [
        row.format(ms=t, s=t / 1000, comma=str(t / 1000).replace(".", ","), x=x, y=y) for t, x, y in ROWS
    ]
    batch = read(written(tmp_path, "\n".join([header, *lines, ""])))
    assert batch.t_ns.tolist() == [t * 1_000_000 for t, _, _ in ROWS]
    assert batch.x.tolist() == [x for _, x, _ in ROWS]
    assert batch.y.tolist() == [y for _, _, y in ROWS]
    assert set(batch.kind.tolist()) == {EventKind.MOVE}


def test_the_usual_headers_are_the_usual_formats(tmp_path: Path) -> None:
    text = "client timestamp,button,state,x,y\n5,Left,Pressed,1,1\n9,Left,Released,1,1\n"
    assert detect_format(written(tmp_path, text)) == SAPIMOUSE
    text = "record timestamp,client timestamp,button,state,x,y\n5,5,NoButton,Move,1,1\n"
    assert detect_format(written(tmp_path, text)) == BALABIT


def test_the_wheel_of_dfl_is_a_scroll(tmp_path: Path) -> None:
    text = "client timestamp,button,state,x,y\n34890,NoButton,Move,958,564\n34891,Nobutton,Scrool,958,958\n"
    batch = read(written(tmp_path, text))
    assert batch.kind.tolist() == [EventKind.MOVE, EventKind.SCROLL]
    assert batch.button.tolist() == [Button.NONE, Button.SCROLL_DOWN]


def test_up_and_down_of_a_button_are_no_wheel(tmp_path: Path) -> None:
    text = "client timestamp,button,state,x,y\n1,Left,Down,5,5\n9,Left,Up,5,5\n12,Scroll,Down,0,0\n"
    batch = read(written(tmp_path, text))
    assert batch.kind.tolist() == [EventKind.PRESS, EventKind.RELEASE, EventKind.SCROLL]
    assert batch.button.tolist() == [Button.LEFT, Button.LEFT, Button.SCROLL_DOWN]


def test_clicks_without_release_are_let_go_at_once(tmp_path: Path) -> None:
    text = (
        "client timestamp,button,state,x,y\n1,NoButton,Move,5,5\n9,Left,Pressed,6,5\n20,NoButton,Move,8,5\n"
    )
    batch = read(written(tmp_path, text))
    assert batch.kind.tolist() == [EventKind.MOVE, EventKind.PRESS, EventKind.RELEASE, EventKind.MOVE]
    assert batch.t_ns.tolist() == [1_000_000, 9_000_000, 9_000_000, 20_000_000]
    assert batch.button.tolist() == [Button.NONE, Button.LEFT, Button.LEFT, Button.NONE]


def test_a_browsers_list_of_events(tmp_path: Path) -> None:
    lines = ["0,mousemove,1,1", "8,mousedown,2,1", "16,mousemove,3,1", "24,mouseup,4,1", "24,click,4,1"]
    text = "\n".join(["time_ms,event,x,y", *lines, "30,dblclick,4,1", "40,mousemove,9,9", ""])
    batch = read(written(tmp_path, text))
    kinds = [EventKind.MOVE, EventKind.PRESS, EventKind.DRAG, EventKind.RELEASE]
    assert batch.kind.tolist()[:4] == kinds
    assert EventKind.DRAG not in batch.kind.tolist()[4:]
    alone = read(written(tmp_path, "time_ms,event,x,y\n0,mousemove,1,1\n24,click,4,1\n40,mousemove,9,9\n"))
    assert alone.kind.tolist() == [EventKind.MOVE, EventKind.PRESS, EventKind.RELEASE, EventKind.MOVE]


def test_a_unit_that_no_column_names_is_found_by_what_mice_do(tmp_path: Path) -> None:
    lines = [f"{i * 16_000},mousemove,{10 + 4 * i},{20 + i % 3}" for i in range(50)]
    path = written(tmp_path, "\n".join(["time,event,x,y", *lines, ""]))
    assert detect_format(path).unit is TimeUnit.US
    assert detect_format(path, TimeUnit.MS).unit is TimeUnit.MS
    few = written(tmp_path, "time,event,x,y\n1,mousemove,1,1\n2,mousemove,2,2\n")
    with pytest.raises(SteadyhandError, match=r"names no unit of time.*--time-unit"):
        detect_format(few)


def test_text_that_is_none_never_reaches_an_error(tmp_path: Path) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"SHELL\x00\x1b[31m" * 50)
    with pytest.raises(SteadyhandError, match="is no text") as error:
        detect_format(binary)
    assert str(error.value).isprintable()
    escape = tmp_path / "escape.csv"
    escape.write_bytes(b"time\x1b[31m,\x07x,y\n1,2,3\n")
    with pytest.raises(SteadyhandError, match="line 1: columns") as error:
        detect_format(escape)
    assert str(error.value).isprintable()
    with pytest.raises(SteadyhandError, match="UTF-16"):
        detect_format(written(tmp_path, "client timestamp,button,state,x,y\n", "utf-16"))


@pytest.mark.data
def test_every_table_of_dfl_is_read_with_its_wheel(data: Path) -> None:
    tables = sorted((data / "dfl").rglob("session_*"))
    batches = [read(path) for path in tables]
    assert len(batches) == 43
    assert sum(int((batch.kind == EventKind.SCROLL).sum()) for batch in batches) == 65_212
    assert sum(map(len, batches)) == 1_698_574
