"""Clocks that no mouse has, and the unit that would fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.datasets.csvfile import detect_format, read_events
from enroll.datasets.formats import BALABIT, SAPIMOUSE, TimeUnit
from enroll.datasets.timecheck import TimeSurvey
from enroll.example import ExampleSize, write_example

STEP_S = 0.016


def table(tmp_path: Path, header: str, times: list[str]) -> Path:
    path = tmp_path / "session_1"
    row = "{t},{t},NoButton,Move,{x},{y}" if header == BALABIT.header else "{t},NoButton,Move,{x},{y}"
    lines = [row.format(t=t, x=100 + 5 * (i % 80), y=100 + i % 7) for i, t in enumerate(times)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(path: Path, unit: TimeUnit | None = None) -> None:
    for _ in read_events(path, detect_format(path, unit)):
        pass


@pytest.mark.parametrize(
    ("header", "factor", "fits"),
    [
        (BALABIT.header, 1e3, "ms"),
        (BALABIT.header, 1e6, "us"),
        (BALABIT.header, 1e9, "ns"),
        (SAPIMOUSE.header, 1.0, "s"),
        (SAPIMOUSE.header, 1e6, "us"),
        (SAPIMOUSE.header, 1e9, "ns"),
    ],
)
def test_a_wrong_unit_names_file_row_and_the_unit_that_fits(
    tmp_path: Path, header: str, factor: float, fits: str
) -> None:
    times = [f"{i * STEP_S * factor:.6f}" for i in range(200)]
    path = table(tmp_path, header, times)
    with pytest.raises(
        SteadyhandError, match=rf"session_1, line \d+: .*{fits} would fit: give --time-unit {fits}"
    ):
        read(path)
    read(path, TimeUnit[fits.upper()])


@pytest.mark.parametrize("step_s", [0.000125, 0.001, 0.008, 0.016, 0.125, 0.25])
def test_mice_of_every_rate_pass(tmp_path: Path, step_s: float) -> None:
    path = tmp_path / "session_1"
    # At 300 px/s, whatever the rate.
    rows = [f"{i * step_s:.6f},{i * step_s:.6f},NoButton,Move,{300 * i * step_s:.3f},5" for i in range(200)]
    path.write_text("\n".join([BALABIT.header, *rows]) + "\n", encoding="utf-8")
    read(path)


def test_times_since_1970_in_ms_under_a_header_of_seconds(tmp_path: Path) -> None:
    path = table(tmp_path, BALABIT.header, [f"{1.7e12 + 16 * i:.0f}" for i in range(50)])
    with pytest.raises(SteadyhandError, match=r"line 2: time 1\.7e\+12 s is 53,.* years.*ms would fit"):
        read(path)
    read(path, TimeUnit.MS)


def test_times_that_are_all_equal(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="all 50 times are 7"):
        read(table(tmp_path, SAPIMOUSE.header, ["7"] * 50))


def test_rows_in_reversed_order(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match=r"line 3: 784 after 800; 100% of the times go back: reverse"):
        read(table(tmp_path, SAPIMOUSE.header, [str(800 - 16 * i) for i in range(50)]))


def test_rows_of_two_sessions_mixed(tmp_path: Path) -> None:
    times = [str(16 * (i // 2) + (500_000 if i % 2 else 0)) for i in range(100)]
    with pytest.raises(SteadyhandError, match=r"line 4: 16 after 500000; 49% of the times go back: sort"):
        read(table(tmp_path, SAPIMOUSE.header, times))


def test_a_clock_that_was_set_back_twice_in_a_day_is_no_fault(tmp_path: Path) -> None:
    times = [str(16 * i - (3_600_000 if i > 400 else 0) - (3_600_000 if i > 800 else 0)) for i in range(1200)]
    read(table(tmp_path, SAPIMOUSE.header, times))


def test_one_row_from_another_year(tmp_path: Path) -> None:
    times = [str(16 * i) for i in range(100)]
    times[60] = "99999999999"
    with pytest.raises(SteadyhandError, match=r"line 62: time 1e\+11 is 3\.2 years after line 61"):
        read(table(tmp_path, SAPIMOUSE.header, times))


def test_the_survey_goes_on_over_batches(tmp_path: Path) -> None:
    times = [str(16 * i) for i in range(70_000)]
    times[66_000:] = [str(16 * 66_000 - 16 * i) for i in range(4_000)]
    with pytest.raises(SteadyhandError, match=r"line 66003: 1055984 after 1056000; 6% of the times go back"):
        read(table(tmp_path, SAPIMOUSE.header, times))


def test_made_up_people_pass(tmp_path: Path) -> None:
    for path in write_example(tmp_path / "pilot", ExampleSize(people=3, sessions=1, actions=60)):
        read(path)


def test_nothing_added_is_nothing_wrong(tmp_path: Path) -> None:
    TimeSurvey(tmp_path / "empty", TimeUnit.S).raise_if_wrong()
