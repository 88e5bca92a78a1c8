"""The sentence about a fleet: the measured rate times people and hours, with its bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from enroll.cli import main
from enroll.report.fleet import Fleet, cost_sentence
from enroll.report.results import StreamResult, read_result
from tests.enroll.report.samples import stream_result, write_json
from tests.enroll.report.test_report_page import words


def result(folder: Path, **changed: object) -> StreamResult:
    told = read_result(write_json(folder / "stream.json", stream_result(**changed)))
    assert isinstance(told, StreamResult)
    return told


def test_rate_times_people_times_hours(tmp_path: Path) -> None:
    said = cost_sentence(result(tmp_path), Fleet(250, 20.0))
    assert "250 people with 20 active hours a week each would cost about 200 false locks a week" in said
    # One event in 25 hours: at most 4.744 expected (95 %), so 4.744 / 25 * 20 * 250.
    assert "25 observed hours cannot exclude 950 (95 %)" in said


def test_nothing_seen_is_bounded_and_not_zero(tmp_path: Path) -> None:
    quiet = result(tmp_path, false_locks=0, false_locks_per_40h=0.0, false_locks_per_user={"p1": 0})
    said = cost_sentence(quiet, Fleet(1))
    assert (
        "1 person with 40 active hours a week each would cost at most 4.8 false locks a week (95 %)" in said
    )
    assert "none was seen in" in said


def test_the_report_and_the_terminal_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream = write_json(tmp_path / "stream.json", stream_result())
    out = tmp_path / "report.html"
    assert main(["report", str(stream), "--people", "250", "--hours", "20", "--out", str(out)]) == 0
    sentence = capsys.readouterr().out.splitlines()[0]
    assert "about 200 false locks a week" in sentence
    assert sentence in words(out.read_text(encoding="utf-8"))
