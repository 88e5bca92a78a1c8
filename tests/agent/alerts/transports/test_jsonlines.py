"""The JSON-lines file: whole lines, private, bounded, and nothing written through a link."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.api import DeliveryOutcome, Record
from agent.alerts.transports.jsonlines import JsonLines
from tests.agent.alerts.fakes import make_record


def brief(record: Record) -> dict[str, Any]:
    return {"n": record.sequence, "text": "zażółć\n"}


def numbers(path: Path) -> list[int]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line)["n"] for line in text.splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "alerts.jsonl"


def records(*sequences: int) -> list[Record]:
    return [make_record(sequence) for sequence in sequences]


def test_it_appends_whole_lines_to_a_private_file(path: Path) -> None:
    sink = JsonLines(path, brief)
    assert sink.send(records(1, 2)).accepted == 2
    assert JsonLines(path, brief).send(records(3)).outcome is DeliveryOutcome.OK
    assert numbers(path) == [1, 2, 3]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_survives_being_moved_away(path: Path) -> None:
    sink = JsonLines(path, brief)
    sink.send(records(1))
    path.rename(path.with_name("taken"))
    sink.send(records(2))
    assert numbers(path) == [2]
    assert numbers(path.with_name("taken")) == [1]


def test_it_is_bounded_with_one_older_generation(path: Path) -> None:
    sink = JsonLines(path, brief, most_bytes=200)
    for number in range(40):
        assert sink.send(records(number)).outcome is DeliveryOutcome.OK
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["alerts.jsonl", "alerts.jsonl.1"]
    kept = numbers(path.with_name("alerts.jsonl.1")) + numbers(path)
    assert kept == list(range(40 - len(kept), 40))
    assert path.stat().st_size <= 200


def test_a_line_torn_by_a_crash_does_not_spoil_the_next(path: Path) -> None:
    sink = JsonLines(path, brief)
    sink.send(records(1))
    with path.open("a") as file:
        file.write('{"n": 2, "te')
    sink.send(records(2))
    whole = [line for line in path.read_text().splitlines() if line.endswith("}")]
    assert [json.loads(line)["n"] for line in whole] == [1, 2]


def test_nothing_is_written_through_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    sent = JsonLines(path, brief).send(records(1))
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "symbolic link" in sent.detail
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_is_refused_without_blocking(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    sent = JsonLines(path, brief).send(records(1))
    assert "is not a plain file" in sent.detail


def test_a_failed_write_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = JsonLines(path, brief)
    sink.send(records(1))

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        sent = sink.send(records(2, 3))
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "No space left" in sent.detail
    assert str(path) in sent.detail
    assert numbers(path) == [1]
    assert sink.send(records(2, 3)).accepted == 2
    assert numbers(path) == [1, 2, 3]


def test_without_records_it_only_checks_the_way(path: Path) -> None:
    assert JsonLines(path, brief).send([]).outcome is DeliveryOutcome.OK
    path.unlink()
    path.mkdir()
    assert JsonLines(path, brief).send([]).outcome is DeliveryOutcome.RETRY
