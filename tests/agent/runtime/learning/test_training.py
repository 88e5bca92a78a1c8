"""Training through a pipe: what the child may return, what becomes of it, and of the recordings."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.config import schema as settings
from agent.config.schema import Settings
from agent.engine.disagreement import KEY, Disagreement
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause
from agent.engine.profile import TRANSFERRED, Profile
from agent.engine.sufficiency import Sufficiency
from agent.files.keys import load_trust
from agent.files.paths import Paths
from agent.files.profile import pack_unsigned, unpack_unsigned
from agent.files.profiles import installed_profiles
from agent.files.recording_keys import RecordingKeys
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.learning.session_recording import EnrolmentClocks
from agent.runtime.learning.training import Trainer, child_command
from tests.agent.runtime.fakes import MINUTE, MOUSE, OTHER_MOUSE, SECOND, clicks

NOW = datetime(2026, 5, 1, tzinfo=UTC)

Child = Callable[..., None]


class Bench:
    """A trainer under its own folders, with two recorded sessions, and what it told."""

    def __init__(self, folder: Path, told: Settings) -> None:
        self.paths = Paths.under(folder)
        self.profiles: list[str] = []
        self.failed: list[str] = []
        self.done = threading.Event()
        self.enrolment = EnrolmentRecorder(
            self.paths.recordings_dir,
            RecordingKeys(self.paths),
            MOUSE,
            told.enrolment,
            EnrolmentClocks(lambda: 0, lambda: 1_700_000_000 * SECOND),
        )
        for item in (clicks(30), Boundary(MINUTE, Cause.SLEEP), clicks(30, 2 * MINUTE)):
            self.enrolment.append(item)
        self.enrolment.close()
        self.trainer = Trainer(self.paths, "ada", told, lambda: NOW, self)

    def trained(self, message: str, disagreements: tuple[Disagreement, ...]) -> None:
        self.profiles.append(message)
        self.disagreements = disagreements
        self.done.set()

    def renewal_refused(self, disagreements: tuple[Disagreement, ...]) -> None:
        self.refused = disagreements
        self.done.set()

    def training_failed(self, line: str) -> None:
        self.failed.append(line)
        self.done.set()

    def run(self) -> None:
        self.trainer.start(self.enrolment)
        assert self.done.wait(20)

    @property
    def kept(self) -> list[Path]:
        return [path for path in self.enrolment.files if path.exists()]

    def installed(self) -> tuple[Profile, ...]:
        found = installed_profiles(self.paths, load_trust(self.paths, local=True), now=NOW)
        assert found.problems == ()
        return tuple(signed.profile for signed in found.profiles)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Settings())


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Child:
    """Puts a script in the place of the training child: it reads its input, and then runs `code`."""

    def put(code: str, *, reads: bool = True) -> None:
        script = tmp_path / "child.py"
        head = "import sys\nread = sys.stdin.buffer.read()\n" if reads else "import sys\n"
        script.write_text(f"{head}out = sys.stdout.buffer\n{code}\n")
        monkeypatch.setattr(
            "agent.runtime.learning.training.child_command", lambda: [sys.executable, "-I", str(script)]
        )

    return put


def answer(folder: Path, profile: Profile) -> str:
    """Code that returns a profile."""
    (folder / "answer").write_bytes(pack_unsigned(profile))
    return f"out.write(open({str(folder / 'answer')!r}, 'rb').read())"


def test_what_the_child_returns_is_signed_put_in_place_and_told(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile
) -> None:
    child(answer(tmp_path, owners_profile) + f"\nopen({str(tmp_path / 'read')!r}, 'wb').write(read)")
    bench.run()
    assert bench.failed == []
    assert "Desk Mouse" in bench.profiles[0]
    assert [profile.profile_id for profile in bench.installed()] == [owners_profile.profile_id]
    assert bench.kept == [], "recordings go once they are learnt from"
    request = json.loads((tmp_path / "read").read_bytes().split(b"\n", 1)[0])
    assert request == {
        "user": "ada",
        "sequence": 1,
        "false_locks_per_40h": 1.0,
        "false_alerts_per_40h": 5.0,
        "enough_error": 0.15,
        "background": "shipped",
        "on_file": [],
        "transfer": False,
    }


def test_a_transferred_profile_is_put_beside_and_nothing_is_unlearnt(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile
) -> None:
    origin = replace(owners_profile, mouse=OTHER_MOUSE)
    moved = replace(owners_profile, summary={TRANSFERRED: "Borrowed Mouse"})
    child(answer(tmp_path, moved) + f"\nopen({str(tmp_path / 'read')!r}, 'wb').write(read)")
    bench.trainer.start(bench.enrolment, origin)
    assert bench.done.wait(20)
    assert bench.failed == []
    assert bench.profiles == ["The profile for Borrowed Mouse was transferred to Desk Mouse"]
    assert [profile.is_transferred for profile in bench.installed()] == [True]
    assert len(bench.kept) == 2, "the enrolment goes on"
    line, rest = (tmp_path / "read").read_bytes().split(b"\n", 1)
    sent = unpack_unsigned(rest[: json.loads(line)["on_file"][0]])
    assert sent.mouse == OTHER_MOUSE


def test_a_child_cannot_pass_one_kind_for_the_other(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile
) -> None:
    origin = replace(owners_profile, mouse=OTHER_MOUSE)
    child(answer(tmp_path, owners_profile))
    with pytest.raises(SteadyhandError, match="somebody or something else"):
        bench.trainer.train(bench.enrolment.files, MOUSE, origin)
    child(answer(tmp_path, replace(owners_profile, summary={TRANSFERRED: "Borrowed Mouse"})))
    with pytest.raises(SteadyhandError, match="somebody or something else"):
        bench.trainer.train(bench.enrolment.files, MOUSE)
    assert bench.installed() == ()


def renewed(bench: Bench) -> None:
    bench.done.clear()
    bench.trainer.renew(bench.enrolment)
    assert bench.done.wait(20)


def test_a_renewal_that_agrees_replaces_the_profile(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile
) -> None:
    child(answer(tmp_path, owners_profile))
    renewed(bench)
    assert bench.failed == []
    assert bench.profiles == ["The local profile for Desk Mouse was renewed"]
    assert [profile.profile_id for profile in bench.installed()] == [owners_profile.profile_id]
    assert bench.kept == []


@pytest.mark.parametrize("disagreement", list(Disagreement))
def test_a_renewal_that_disagrees_leaves_the_profile_and_its_recordings_go(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile, disagreement: Disagreement
) -> None:
    summary = {**owners_profile.summary, "disagreements": [disagreement.value]}
    child(answer(tmp_path, replace(owners_profile, summary=summary)))
    renewed(bench)
    assert bench.refused == (disagreement,)
    assert (bench.profiles, bench.failed, bench.installed()) == ([], [], ())
    assert bench.kept == []


def test_a_renewal_that_fails_loses_nothing(bench: Bench, child: Child) -> None:
    child("sys.exit(3)")
    renewed(bench)
    (line,) = bench.failed
    assert line.startswith("the profile could not be renewed: ")
    assert len(bench.kept) == 2


def test_policy_may_keep_recordings(tmp_path: Path, child: Child, owners_profile: Profile) -> None:
    bench = Bench(tmp_path, Settings(enrolment=settings.EnrolmentSettings(keep_recordings=True)))
    child(answer(tmp_path, owners_profile))
    bench.run()
    assert bench.profiles
    assert len(bench.kept) == 2


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("sys.exit('steadyhand-enroll: ada: 60 actions: record at least 100')", "record at least 100"),
        ("sys.exit(3)", "training ended with code 3"),
        ("import os; os.kill(os.getpid(), 9)", "training ended with code -9"),
        ("out.write(b'PK garbage' * 1000)", "the profile that the training returned"),
        ("pass", "the profile that the training returned"),
    ],
    ids=["too little", "an exit code", "killed", "garbage", "nothing"],
)
def test_a_child_that_fails_is_one_line_and_nothing_is_lost(
    bench: Bench, child: Child, code: str, line: str
) -> None:
    child(code)
    bench.run()
    (told,) = bench.failed
    assert line in told
    assert told.startswith("no profile could be made: ")
    assert "\n" not in told
    assert bench.profiles == []
    assert len(bench.kept) == 2
    assert bench.installed() == ()


def test_a_child_that_does_not_read_is_no_hang(bench: Bench, child: Child) -> None:
    child("sys.exit('no scikit-learn here: install steadyhand[enroll]')", reads=False)
    bench.run()
    assert "install steadyhand[enroll]" in bench.failed[0]


def test_a_child_that_cannot_be_started_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "agent.runtime.learning.training.child_command", lambda: ["/nonexistent/steadyhand-enroll"]
    )
    bench.run()
    assert "steadyhand-enroll" in bench.failed[0]


def test_a_profile_of_somebody_or_something_else_is_not_signed(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile
) -> None:
    for other in (
        replace(owners_profile, user="mallory"),
        replace(owners_profile, mouse=OTHER_MOUSE),
        replace(owners_profile, sequence=7),
    ):
        child(answer(tmp_path, other))
        with pytest.raises(SteadyhandError, match="somebody or something else"):
            bench.trainer.train(bench.enrolment.files, MOUSE)
    assert bench.installed() == ()


def test_a_profile_that_could_not_judge_is_not_signed(
    bench: Bench, child: Child, tmp_path: Path, owners_profile: Profile
) -> None:
    arrays = {name: array for name, array in owners_profile.arrays.items() if "calibration" not in name}
    child(answer(tmp_path, replace(owners_profile, arrays=arrays)))
    bench.run()
    assert "does not fit together" in bench.failed[0]
    assert len(bench.kept) == 2
    assert bench.installed() == ()


def test_the_next_version_has_the_next_number(tmp_path: Path, child: Child, owners_profile: Profile) -> None:
    bench = Bench(tmp_path, Settings(enrolment=settings.EnrolmentSettings(keep_recordings=True)))
    for sequence in (1, 2):
        child(answer(tmp_path, replace(owners_profile, sequence=sequence)))
        assert bench.trainer.train(bench.enrolment.files, MOUSE).sequence == sequence
    assert [profile.sequence for profile in bench.installed()] == [2]


def test_the_child_is_isolated_or_a_sibling_when_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_command() == [sys.executable, "-I", "-m", "enroll", "train-child"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/steadyhand/steadyhand")
    assert child_command() == ["/opt/steadyhand/steadyhand-enroll", "train-child"]


WEIGHED = Sufficiency(2.1, 0.12, 0.1, 0.14, 0.09, False, 3.0, measured_strangers=False)


def weigh(bench: Bench) -> None:
    bench.trainer.weigh(bench.enrolment)
    for thread in threading.enumerate():
        if thread.name == "steadyhand-weighing":
            thread.join(20)


def test_the_child_is_asked_whether_it_is_enough_and_nothing_is_made(
    bench: Bench, child: Child, tmp_path: Path
) -> None:
    answer = json.dumps(WEIGHED.to_json())
    child(f"out.write({answer!r}.encode())\nopen({str(tmp_path / 'read')!r}, 'wb').write(read)")
    weigh(bench)
    assert bench.enrolment.meter.sufficiency == WEIGHED
    request = json.loads((tmp_path / "read").read_bytes().split(b"\n", 1)[0])
    assert (request["weigh"], request["enough_error"]) == (True, 0.15)
    assert (bench.profiles, bench.failed, len(bench.kept)) == ([], [], 2)
    assert bench.installed() == ()


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit('too little')",
        "out.write(b'no JSON')",
        "out.write(b'[' * 100000)",
        "out.write(b'{}')",
        "out.write(b'null')",
        """out.write(b'{"error": 7}')""",
    ],
)
def test_an_answer_that_is_none_is_no_meter_and_counts_alone_decide(
    bench: Bench, child: Child, code: str
) -> None:
    child(code)
    weigh(bench)
    meter = bench.enrolment.meter
    assert meter.sufficiency is None
    assert meter.share(1500, 3, 1.0) == 1.0


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (["before", "hand"], (Disagreement.BEFORE, Disagreement.HAND)),
        ([], ()),
        (None, ()),
        ("itself", ()),
        ([3, "all is well", None, {}], ()),
    ],
)
def test_of_what_the_child_says_only_known_disagreements_are_believed(
    bench: Bench,
    child: Child,
    tmp_path: Path,
    owners_profile: Profile,
    told: object,
    believed: tuple[Disagreement, ...],
) -> None:
    child(answer(tmp_path, replace(owners_profile, summary={**owners_profile.summary, KEY: told})))
    bench.run()
    assert bench.failed == []
    assert bench.disagreements == believed


def test_the_child_is_given_what_is_on_file_under_this_mouse(
    tmp_path: Path, child: Child, owners_profile: Profile
) -> None:
    bench = Bench(tmp_path, Settings(enrolment=settings.EnrolmentSettings(keep_recordings=True)))
    child(answer(tmp_path, owners_profile))
    bench.trainer.train(bench.enrolment.files, MOUSE)
    child(
        answer(tmp_path, replace(owners_profile, sequence=2))
        + f"\nopen({str(tmp_path / 'read')!r}, 'wb').write(read)"
    )
    bench.trainer.train(bench.enrolment.files, MOUSE)
    line, _, rest = (tmp_path / "read").read_bytes().partition(b"\n")
    (size,) = json.loads(line)["on_file"]
    assert unpack_unsigned(rest[:size]).profile_id == owners_profile.profile_id


@pytest.mark.parametrize(
    "error", [ValueError("no number"), KeyError("hours"), MemoryError("no memory is left")]
)
def test_whatever_ends_a_training_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setattr("agent.runtime.learning.training.run_training_child", fail)
    bench = Bench(tmp_path, Settings())
    bench.run()
    (line,) = bench.failed
    assert str(error) in line
    bench.done.clear()
    bench.trainer.renew(bench.enrolment)
    assert bench.done.wait(20)
    assert len(bench.failed) == 2
