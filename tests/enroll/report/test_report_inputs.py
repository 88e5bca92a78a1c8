"""What the report reads, and what it says about files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.engine.errors import SteadyhandError
from enroll.report.page import read_inputs
from enroll.report.results import StreamResult, TransferResult, read_result
from enroll.report.scores import belonging, read_scores
from enroll.report.trace import named_features, read_trace
from tests.enroll.report.samples import (
    score_rows,
    scored_sessions,
    sessions_result,
    stream_result,
    trace_lines,
    transfer_result,
    write_json,
    write_score_table,
)


def test_scores_come_back_to_the_last_digit(tmp_path: Path) -> None:
    sessions = scored_sessions()
    path = write_score_table(tmp_path / "scores.csv", sessions)
    assert score_rows(path)[0] == ["account", "session", "impostor", "score", "matched"]
    told = [(s.account, s.session, s.is_impostor, s.score, s.is_matched) for s in read_scores(path)]
    assert told == [(s.account, s.name, s.is_impostor, s.score, s.is_matched) for s in sessions]


def test_scores_find_their_result(tmp_path: Path) -> None:
    one, other = scored_sessions(4), scored_sessions(3)
    paths = [write_json(tmp_path / f"{i}.json", sessions_result(s)) for i, s in enumerate((one, other))]
    tables = [write_score_table(tmp_path / f"{i}.csv", s) for i, s in enumerate((other, one))]
    inputs = read_inputs(paths, tables)
    assert [len(belonging(r, inputs.scores) or ()) for r in inputs.evaluations] == [48, 36]  # type: ignore[arg-type]
    with pytest.raises(SteadyhandError, match="belong to none"):
        read_inputs(paths[1:], tables[1:])


def test_stream_and_transfer_are_known_by_their_keys(tmp_path: Path) -> None:
    stream = read_result(write_json(tmp_path / "s.json", stream_result()))
    assert isinstance(stream, StreamResult)
    assert (stream.every.share, stream.matched.share, stream.matched.pairs) == (60 / 90, 0.5, None)
    transfer = read_result(write_json(tmp_path / "t.json", transfer_result()))
    assert isinstance(transfer, TransferResult)
    assert transfer.tables[0].recovered_share == -0.18


def broken(**changed: Any) -> dict[str, Any]:
    return sessions_result(scored_sessions()) | changed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ("[" * 100_000, "is not JSON"),
        ('{"auc": NaN}', "NaN is no figure"),
        ("{}", "matched is missing"),
        (json.dumps(broken(auc=1.2)), "auc is 1.2, which cannot be"),
        (json.dumps(broken(auc="good")), "auc is not a number"),
        (json.dumps(broken(sessions=1.5)), "not a whole number"),
        (json.dumps(broken(auc_per_user=[])), "auc_per_user is not an object"),
        (json.dumps(broken(auc_ci95=[0.1])), "auc_ci95 is not a pair"),
        (json.dumps(stream_result(active_hours=0)), "nothing was streamed"),
        (json.dumps(stream_result(caught=91)), "caught is 91, of 90"),
        (json.dumps(stream_result(pairs=10**400)), "which cannot be"),
        (json.dumps(stream_result(curve=3)), "curve is not a list"),
        (json.dumps(stream_result(false_locks_per_user={"a": 1e999})), "Infinity is no figure"),
    ],
)
def test_a_wrong_result_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SteadyhandError, match=said) as error:
        read_result(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1"),
        ("a,b\n", "line 1"),
        ("account,session,impostor,score,matched\nu,s,0,nan,1\n", "line 2: the score nan"),
        ("account,session,impostor,score,matched\nu,s,0,0.1,1\nu,s,0\n", "line 3"),
        ("account,session,impostor,score,matched\nu,s,no,0.1,1\n", "line 2"),
    ],
)
def test_wrong_scores(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SteadyhandError, match=said):
        read_scores(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for read in (read_result, read_scores):
        with pytest.raises(SteadyhandError, match="nowhere"):
            read(tmp_path / "nowhere")


def test_trace(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(trace_lines([100.0, 40.0, 0.0, 0.0]), encoding="utf-8")
    told = read_trace(path, is_owner=False)
    assert [m.t_s for m in told.moments] == [0.0, 2.0, 4.0, 6.0]
    assert (len(told.locks), len(told.until_lock)) == (2, 3)
    assert named_features(told) == [("pace higher", 1.0)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no judgement"),
        ("12 s  alert: suspicious\n", "line 1 is not JSON"),
        ('{"t_s": 1}\n', "trust is missing"),
        ('{"t_s": 1, "trust": 101, "verdict": "genuine"}\n', "which cannot be"),
        (trace_lines([100.0, 90.0], step_s=-1.0), "time runs backwards|cannot be"),
    ],
)
def test_a_wrong_trace(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SteadyhandError, match=said):
        read_trace(path, is_owner=True)
