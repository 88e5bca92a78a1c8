"""A recording instead of the mouse: the same judgement on a virtual clock, and each way it can be no recording."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.profile import Profile
from agent.files.keys import Role, load_trust, local_signing_key, recording_key
from agent.files.paths import Paths
from agent.files.profile import pack_signed
from agent.files.profiles import install_profile
from agent.files.recording import open_recording
from agent.files.stream import Session
from agent.runtime.pipeline.replay import replay
from tests.agent.runtime.conftest import INTRUDER, OWNER, Works
from tests.agent.runtime.fakes import MOUSE


@pytest.fixture
def paths(tmp_path: Path, owners_profile: Profile) -> Paths:
    """Folders with the owner's profile installed."""
    paths = Paths.under(tmp_path)
    data = pack_signed(owners_profile, local_signing_key(paths), Role.LOCAL)
    install_profile(paths, data, "test", load_trust(paths, local=True), now=datetime.now(UTC))
    return paths


def recorded(paths: Paths, *items: StreamItem | Session, name: str = "a") -> Path:
    path = paths.recordings_dir / f"{name}.recording"
    with open_recording(path, recording_key(paths)) as writer:
        for item in items:
            writer.append([item])
    return path


def session(events: EventBatch) -> Session:
    return Session(MOUSE, int(events.t_ns[0]), 1_700_000_000_000_000_000)


def shown(paths: Paths, file: Path, *, as_json: bool = False) -> tuple[int, list[str]]:
    lines: list[str] = []
    code = replay(paths, file, user="ada", speed=0.0, as_json=as_json, show=lines.append)
    return code, lines


def test_the_owner_is_left_alone(paths: Paths, works: Works) -> None:
    events = works(OWNER, 1, seconds=60.0)
    code, lines = shown(paths, recorded(paths, session(events), events))
    assert code == 0
    assert len(lines) == 1
    assert lines[0].endswith("0 locks")


def test_an_intruder_would_be_locked_which_is_exit_code_1(paths: Paths, works: Works) -> None:
    events = works(INTRUDER, 2, seconds=60.0)
    code, lines = shown(paths, recorded(paths, session(events), *pieces(events)))
    assert code == 1
    assert any("alert and lock" in line for line in lines)
    assert "lowest trust 0" in lines[-1]


def test_json_has_one_object_a_judgement_and_the_pieces_do_not_matter(paths: Paths, works: Works) -> None:
    events = works(INTRUDER, 2, seconds=20.0)
    code, whole = shown(paths, recorded(paths, session(events), events), as_json=True)
    _, cut = shown(paths, recorded(paths, session(events), *pieces(events), name="b"), as_json=True)
    told = [json.loads(line) for line in whole]
    assert set(told[0]) == {"t_s", "verdict", "trust", "evidence_llr", "reaction", "reasons"}
    until_lock = next((i for i, one in enumerate(told) if one["reaction"] == "alert and lock"), len(told))
    assert whole[:until_lock] == cut[:until_lock]
    assert code == int(until_lock < len(told))


def test_at_a_speed_it_takes_its_time(paths: Paths, works: Works) -> None:
    events = works(OWNER, 1, seconds=20.0)
    slept: list[float] = []
    file = recorded(paths, session(events), *pieces(events))
    replay(paths, file, user="ada", speed=2.0, as_json=False, show=lambda _: None, sleep=slept.append)
    whole_s = (int(events.t_ns[-1]) - int(events.t_ns[399])) / 1e9
    assert sum(slept) == pytest.approx(whole_s / 2)


def test_what_a_crash_cut_off_is_told(paths: Paths, works: Works) -> None:
    events = works(OWNER, 1, seconds=20.0)
    file = recorded(paths, session(events), *pieces(events))
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size - 9)
    _, lines = shown(paths, file)
    assert any(line.startswith("a crash cut off the last ") for line in lines)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"client timestamp,button,state,x,y\n0.1,NoButton,Move,1,2\n", "is not a recording"),
        (b"", "is empty"),
    ],
    ids=["a table", "an empty file"],
)
def test_what_is_no_recording_is_one_line(paths: Paths, content: bytes, line: str) -> None:
    file = paths.recordings_dir.parent / "x.recording"
    file.write_bytes(content)
    with pytest.raises(SteadyhandError, match=line) as told:
        shown(paths, file)
    assert str(file) in str(told.value)


def test_other_bad_recordings_are_one_line(paths: Paths, works: Works) -> None:
    with pytest.raises(SteadyhandError, match=r"nowhere\.recording"):
        shown(paths, paths.state_dir / "nowhere.recording")
    events = works(OWNER, 1, seconds=5.0)
    with pytest.raises(SteadyhandError, match="does not begin with a session"):
        shown(paths, recorded(paths, Boundary(0, Cause.GAP), events))
    damaged = recorded(paths, session(events), *pieces(events), name="damaged")
    with damaged.open("r+b") as opened:
        opened.seek(damaged.stat().st_size // 2)
        opened.write(b"tampered")
    with pytest.raises(SteadyhandError, match=r"damaged\.recording"):
        shown(paths, damaged)


def test_without_a_profile_it_says_what_to_do(tmp_path: Path, works: Works) -> None:
    paths = Paths.under(tmp_path)
    events = works(OWNER, 1, seconds=5.0)
    with pytest.raises(SteadyhandError, match=r"there is no profile of ada.*enrol first"):
        shown(paths, recorded(paths, session(events), events))


def pieces(events: EventBatch, size: int = 400) -> list[EventBatch]:
    return [events[start : start + size] for start in range(0, len(events), size)]
