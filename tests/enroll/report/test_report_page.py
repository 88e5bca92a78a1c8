"""The whole page: well formed, self-contained, and it says what must be said."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from enroll.cli import main
from enroll.report.headline import advise
from enroll.report.results import StreamResult, read_result
from tests.enroll.report.samples import (
    scored_sessions,
    sessions_result,
    stream_result,
    trace_lines,
    transfer_result,
    write_json,
    write_score_table,
)


class Outline(HTMLParser):
    """Checks that every element is closed in order, and collects what matters."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.unnamed: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.seen.append(tag)
        if tag == "svg" and not (told.get("aria-label") or told.get("aria-hidden")):
            self.unnamed.append(tag)
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def outline(html: str) -> Outline:
    told = Outline()
    told.feed(html)
    told.close()
    assert not told.open
    return told


def words(html: str) -> str:
    return " ".join(" ".join(outline(html).text).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report of everything there is."""
    root = tmp_path_factory.mktemp("report")
    sessions = scored_sessions()
    results = [
        write_json(root / "balabit.json", sessions_result(sessions, "cohort")),
        write_json(root / "stream.json", stream_result(false_locks_worst_session=1)),
        write_json(root / "transfer.json", transfer_result()),
    ]
    scores = write_score_table(root / "scores.csv", sessions)
    for who, trusts in (("owner", [100.0, 90.0, 100.0]), ("intruder", [100.0, 40.0, 0.0, 0.0])):
        (root / who).write_text(trace_lines(trusts), encoding="utf-8")
    traces = ["--owner-trace", str(root / "owner"), "--intruder-trace", str(root / "intruder")]
    arguments = ["--out", str(root / "report.html"), "--scores", str(scores), *traces]
    assert main(["report", *map(str, results), *arguments]) == 0
    return (root / "report.html").read_text(encoding="utf-8")


def test_it_is_well_formed_and_accessible(whole: str) -> None:
    told = outline(whole)
    assert told.unnamed == []
    assert told.seen.count("svg") == 9
    assert told.seen.count("table") == told.seen.count("caption") == 10
    assert told.seen.count("h1") == 1
    assert whole.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_it_needs_nothing_else_and_hides_no_figure(whole: str) -> None:
    assert "script" not in outline(whole).seen
    assert not re.search(r"(https?:)?//|@import|src=|href=|url\((?!#)", whole)
    assert not re.search(r"\b(nan|inf|None)\b", " ".join(outline(whole).text))
    assert "p0<&>" not in whole
    assert "p0&lt;&amp;&gt;" in whole


@pytest.mark.parametrize(
    "said",
    [
        "False locks a week of 1,000 people, 40 active hours each ≈ 1,600",
        "zero-effort",
        "By age and sex",
        "sex: woman 16 0.730 0.730 0.730",
        "rule of three",
        "Owner-intruder pairs never caught 1 of 6",
        "Not yet found after 5 minutes 35 % after 15 minutes: 20 %",
        "2 of 3 people (67 %) had none",
        "The worst single session had 1 false lock",
        "Precision of locks at a stated prevalence",
        "caught 60 (66.7 %) 20 (50.0 %)",
        "owners refused at FAR 1 %",
        "Closed-set",
        "the screen locks after 4 s",
        "pace higher (100 %)",
        "-18 % (-40 % to 11 %)",
    ],
)
def test_it_says(whole: str, said: str) -> None:
    assert said in words(whole)


def test_people_come_worst_first(whole: str) -> None:
    table = words(whole).split("Figures by person, worst first")[1]
    found = [float(v) for v in re.findall(r"p\d<&> ([01]\.\d{3})", table)]
    assert len(found) == 4
    assert found == sorted(found)


def test_without_scores_and_stream_it_says_what_is_missing(tmp_path: Path) -> None:
    result = sessions_result(scored_sessions())
    out = tmp_path / "report.html"
    assert main(["report", str(write_json(tmp_path / "r.json", result)), "--out", str(out)]) == 0
    told = words(out.read_text(encoding="utf-8"))
    assert "Not enough to decide on locking" in told
    assert "no stream result was given" in told
    assert "AUC by person, worst first" in told


def test_results_without_intruders_and_equal_scores(tmp_path: Path) -> None:
    genuine = [s for s in scored_sessions() if not s.is_impostor]
    equal = [replace(s, score=1.0) for s in scored_sessions()]
    results = [write_json(tmp_path / f"{i}.json", sessions_result(s)) for i, s in enumerate((genuine, equal))]
    scores = write_score_table(tmp_path / "equal.csv", equal)
    out = tmp_path / "report.html"
    assert main(["report", *map(str, results), "--scores", str(scores), "--out", str(out)]) == 0
    told = words(out.read_text(encoding="utf-8"))
    assert "No account has sessions of both kinds." in told
    assert "AUC (95 % over accounts and sessions) 0.500" in told


@pytest.mark.parametrize(
    ("locks", "hours", "kind"), [(9, 27.0, "bad"), (0, 27.0, "wait"), (1, 40.0, "wait"), (0, 130.0, "good")]
)
def test_advice_follows_from_hours_and_locks(tmp_path: Path, locks: int, hours: float, kind: str) -> None:
    rate = locks * 40.0 / hours
    told = stream_result(active_hours=hours, false_locks=locks, false_locks_per_40h=rate)
    result = read_result(write_json(tmp_path / "s.json", told))
    assert isinstance(result, StreamResult)
    assert advise(result).kind == kind


def test_a_wrong_call_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "nowhere"), "--out", str(tmp_path / "o.html")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
