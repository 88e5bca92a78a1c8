"""Tables read as they stand, for comparison with the literature's programs."""

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.datasets.formats import BALABIT, SAPIMOUSE
from enroll.datasets.literal import read_literally

HEADER = ",".join(BALABIT.columns)


def test_nothing_is_cleaned_and_repeats_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "session_1"
    lines = [
        "0.0,0.5,NoButton,Move,65535,7",
        "0.0,0.5,NoButton,Move,65535,7",
        "0.1,0.5,NoButton,Move,65535,7",
    ]
    path.write_text("\n".join([HEADER, *lines, HEADER, "0.2,0.25,Scroll,Down,0,0", ""]), encoding="utf-8")
    told = read_literally(path, BALABIT)
    assert told.t_s.tolist() == [0.5, 0.5, 0.5, 0.25]
    assert told.x.tolist() == [65535, 65535, 65535, 0]
    assert told.kind.tolist() == [0, 0, 0, 4]
    assert told.button.tolist() == [0, 0, 0, 5]
    assert told.repeats.tolist() == [False, True, False, False]


def test_milliseconds_become_seconds_and_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "session_2"
    path.write_text(",".join(SAPIMOUSE.columns) + "\n250,Left,Pressed,1,2\n", encoding="utf-8")
    assert read_literally(path, SAPIMOUSE).t_s.tolist() == [0.25]
    with pytest.raises(SteadyhandError, match="line 1"):
        read_literally(path, BALABIT)
