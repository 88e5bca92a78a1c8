"""Whatever a table holds: it is read, or one printable line says what is wrong."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch, StreamItem
from enroll.datasets.csvfile import detect_format, read_events
from enroll.datasets.formats import BALABIT, SAPIMOUSE
from enroll.sessions import session_rows

WORDS = (
    "NoButton",
    "Left",
    "Right",
    "Move",
    "Drag",
    "Pressed",
    "Released",
    "Down",
    "Up",
    "Scroll",
    "Scrool",
    "click",
)
NUMBERS = (
    "0",
    "1",
    "-1",
    "16",
    "0.25",
    "65535",
    "1e9",
    "1e308",
    "-1e308",
    "nan",
    "inf",
    "9" * 25,
    "",
    " ",
    "x",
    "1_0",
)
CELLS = st.one_of(st.sampled_from(WORDS + NUMBERS), st.text(max_size=6))
GOOD_CELLS = st.tuples(
    st.integers(-(2**70), 2**70) | st.floats(width=32),
    st.sampled_from(WORDS),
    st.sampled_from(WORDS),
    st.integers(-70_000, 70_000) | st.floats(),
    st.integers(-70_000, 70_000),
).map(lambda cells: ",".join(map(str, cells)))
LINES = st.one_of(
    GOOD_CELLS,
    st.lists(CELLS, max_size=7).map(",".join),
    st.sampled_from((BALABIT.header, SAPIMOUSE.header, "", '"', '1,"a', "\x00", "\x1b[31m")),
)
HEADERS = st.sampled_from(
    (SAPIMOUSE.header, BALABIT.header, "time_s;event;x;y", "x,y,type,t (us)", "time,event,x,y", "a,b", "")
)


def read(path: Path) -> tuple[list[StreamItem], str]:
    """What the table holds, or what is wrong with it."""
    try:
        return list(read_events(path, detect_format(path))), ""
    except SteadyhandError as error:
        return [], str(error)


@given(HEADERS, st.lists(LINES, max_size=12), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_malformed_table_is_one_line_or_whole_rows(header: str, lines: list[str], is_crlf: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "session_1.csv"
        text = ("\r\n" if is_crlf else "\n").join([header, *lines])
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        entries, problem = read(path)
    if problem:
        assert problem.isprintable()
        assert "session_1.csv" in problem
        return
    batches = [entry for entry in entries if isinstance(entry, EventBatch)]
    times = np.concatenate([batch.t_ns for batch in batches])
    assert len(times) > 0
    assert (np.diff(times) >= 0).all()
    session_rows("user1", "session_1", entries)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_bytes_of_any_kind_never_reach_the_terminal(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "session_1.csv"
        path.write_bytes(content)
        _, problem = read(path)
    assert problem.isprintable()
