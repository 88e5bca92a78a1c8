"""Progress: a line now and then where there is no terminal, silence where it was asked for."""

from __future__ import annotations

import io

import pytest

from enroll.progress import ProgressReport, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def run(out: io.StringIO, *, quiet: bool = False) -> str:
    clock = FakeClock()
    with ProgressReport("table", 10, quiet=quiet, out=out, clock=clock) as report:
        for _ in range(10):
            clock.now_s += 12.0
            report.step()
    return out.getvalue()


def test_without_a_terminal_there_is_a_line_every_half_minute() -> None:
    assert run(io.StringIO()).splitlines() == [
        "3 of 10 tables done after 36 s",
        "6 of 10 tables done after 72 s",
        "9 of 10 tables done after 108 s",
    ]


def test_a_terminal_has_a_bar() -> None:
    assert "10/10" in run(Terminal())


@pytest.mark.parametrize("out", [Terminal(), io.StringIO()])
def test_silence_where_it_is_asked_for(out: io.StringIO) -> None:
    assert run(out, quiet=True) == ""


def test_short_work_says_nothing_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress([1, 2, 3], "table")) == [1, 2, 3]
    assert capsys.readouterr().err == ""
