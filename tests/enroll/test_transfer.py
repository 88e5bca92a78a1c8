"""An enrolment carried over to another mouse: by other people, by a sample, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import TRANSFERRED, Profile
from agent.engine.signature import enrolled_signature
from agent.files.cohort import Cohort, write_cohort
from agent.files.keys import Role, load_signing_key
from agent.files.profile import pack_unsigned, unpack_unsigned, write_profile
from agent.runtime.pipeline.decision import ReactionRules
from agent.runtime.pipeline.protection import Protection
from enroll.carried import carried, deviates_among, values_at
from enroll.cli import main
from enroll.cohort import build
from enroll.edition import Edition
from enroll.score import session_score
from enroll.sessions import SessionRows, session_rows
from enroll.sources.enrolment import EnrolmentData
from enroll.train import train
from enroll.transfer import others_of, transfer
from tests.enroll.people import events_of, rows_of

OLD = MouseConfiguration("test", name="Old Mouse")
NEW = MouseConfiguration("test", name="New Mouse", cpi=1600)


def scaled(who: int, session: int, actions: int) -> SessionRows:
    """A session of the same hand, every step of the pointer three times as long."""
    batch = events_of(who, session, actions)
    return session_rows(f"user{who}", f"new {session}", [replace(batch, x=batch.x * 3.0, y=batch.y * 3.0)])


@pytest.fixture(scope="module")
def enrolled(owner_sessions: tuple[SessionRows, ...]) -> Profile:
    return train(owner_sessions, "ada", OLD)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Four people under both mice; number 0 is the owner."""
    return build(
        {
            f"person {who}": [
                EnrolmentData(OLD, (rows_of(who, 60, 150),)),
                EnrolmentData(NEW, (scaled(who, 61, 150),)),
            ]
            for who in (1, 2, 3, 5)
        }
    )


@pytest.fixture(scope="module")
def sample() -> tuple[SessionRows, ...]:
    return (scaled(1, 80, 80),)


@pytest.fixture(scope="module")
def moved(enrolled: Profile, sample: tuple[SessionRows, ...]) -> Profile:
    """Carried over by a sample."""
    made = datetime(2026, 5, 1, tzinfo=UTC)
    return transfer(enrolled, NEW, sample=sample, edition=Edition(3, made))


def test_deviates_and_values_undo_each_other() -> None:
    known = np.sort(np.random.default_rng(1).lognormal(size=400))
    told = deviates_among(known, known)
    assert np.allclose(values_at(known, told)[2:-2], known[2:-2])
    assert told[200] == pytest.approx(0.0, abs=0.02)
    assert deviates_among(known, np.array([-1.0, 99.0])) == pytest.approx([-3.0, 3.0], abs=0.2)


def test_what_a_configuration_does_to_others_is_done_to_the_owner() -> None:
    rng = np.random.default_rng(2)
    old = rng.lognormal(size=(4_000, 2))
    new = rng.lognormal(size=(4_000, 2)) * [3.0, 1.0] + [0.0, 5.0]
    levels = np.array([[-1.0, 0.0, 1.0]] * 2)
    told, same = carried(np.array([[0.5, 1.0, 2.0]] * 2), levels, old, new)
    assert np.array_equal(same, levels)
    assert told[0] == pytest.approx([1.5, 3.0, 6.0], rel=0.1)
    assert told[1] == pytest.approx([5.5, 6.0, 7.0], rel=0.1)


def test_a_feature_that_one_configuration_hardly_shows_stays() -> None:
    new = np.full((30, 1), np.nan)
    new[:19] = 7.0
    table = np.array([[1.0, 2.0]]), np.array([[-1.0, 1.0]])
    assert all(map(np.array_equal, carried(*table, np.arange(30.0)[:, None], new), table))


def test_a_feature_that_hardly_changes_stays() -> None:
    rng = np.random.default_rng(3)
    old, new = rng.normal(size=(500, 1)), rng.normal(0.1, 1.0, (500, 1))
    table = np.array([[-1.0, 2.0]]), np.array([[-1.0, 1.0]])
    assert all(map(np.array_equal, carried(*table, old, new, least=0.2), table))
    assert not np.array_equal(carried(*table, old, new)[0], table[0])


def test_values_that_fall_together_stand_once() -> None:
    old, new = np.arange(100.0)[:, None], np.repeat([0.0, 9.0], 50)[:, None]
    knots, levels = carried(
        np.array([[10.0, 20.0, 80.0, 90.0]]), np.array([[-2.0, -1.0, 1.0, 2.0]]), old, new
    )
    assert knots.tolist() == [[0.0, 9.0, 9.0, 9.0]]
    assert levels.tolist() == [[-1.5, 1.5, 1.5, 1.5]]


def test_by_a_cohort_the_owner_is_known_again(enrolled: Profile, cohort: Cohort) -> None:
    moved = transfer(enrolled, NEW, others=others_of(cohort, OLD, NEW, but=0))
    rows = scaled(1, 70, 120).rows
    assert session_score(moved, rows) > session_score(enrolled, rows) + 0.3
    assert session_score(moved, rows) > max(session_score(moved, scaled(w, 71, 120).rows) for w in (7, 9))
    assert (moved.detectors, moved.features) == (enrolled.detectors, enrolled.features)
    assert enrolled_signature(moved).quantum_px == pytest.approx(
        3.0 * enrolled_signature(enrolled).quantum_px, rel=0.2
    )


def test_the_owner_is_none_of_the_others(cohort: Cohort) -> None:
    told = others_of(cohort, OLD, NEW, but=0)
    assert set(told.old.person) == set(told.new.person) == {1, 2, 3}


def test_by_a_sample_the_owner_is_known_again(enrolled: Profile, moved: Profile) -> None:
    rows = scaled(1, 81, 120).rows
    assert session_score(moved, rows) > session_score(enrolled, rows) + 0.3
    assert session_score(moved, rows) > max(session_score(moved, scaled(w, 82, 120).rows) for w in (7, 9))


def test_a_transferred_profile_says_so_and_is_a_sound_one(
    enrolled: Profile, moved: Profile, sample: tuple[SessionRows, ...]
) -> None:
    again = unpack_unsigned(pack_unsigned(moved))
    assert (again.mouse, again.user, again.sequence, again.is_transferred) == (NEW, "ada", 3, True)
    assert again.summary[TRANSFERRED] == "Old Mouse"
    assert again.summary["transferred_profile"] == enrolled.profile_id != again.profile_id
    assert again.summary["transferred_by"] == f"sample of {len(sample[0].rows)} actions"
    assert (again.created, again.expires) == ("2026-05-01T00:00:00+00:00", "2027-05-01T00:00:00+00:00")
    assert again.limits.estimated
    assert not enrolled.is_transferred
    Protection(again, ReactionRules(may_lock=False), known_mouse=False)


def test_what_cannot_be_transferred_is_one_line(
    enrolled: Profile, moved: Profile, cohort: Cohort, sample: tuple[SessionRows, ...]
) -> None:
    others, few = others_of(cohort, OLD, NEW, but=0), [replace(sample[0], rows=sample[0].rows[:40])]
    without = replace(enrolled, arrays={n: a for n, a in enrolled.arrays.items() if "knn" not in n})
    for call, said in (
        (lambda: transfer(enrolled, NEW), "nothing to transfer by"),
        (lambda: transfer(enrolled, OLD, others=others), "is the mouse of the profile"),
        (lambda: transfer(enrolled, NEW, sample=few), "a sample of 40 actions"),
        (lambda: transfer(moved, OLD, sample=sample), "was transferred itself"),
        (lambda: transfer(without, NEW, sample=sample), "no actions are kept"),
        (lambda: others_of(cohort, OLD, replace(NEW, cpi=1)), "fewer than 2 people under New Mouse"),
    ):
        with pytest.raises(SteadyhandError, match=said):
            call()


def test_the_command_carries_over_and_signs(
    enrolled: Profile,
    cohort: Cohort,
    balabit_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key, out, root = tmp_path / "admin.pem", tmp_path / "new.profile", ["--root", str(tmp_path / "root")]
    assert main(["key", str(key)]) == 0
    write_profile(tmp_path / "old.profile", enrolled, load_signing_key(key), Role.ADMINISTRATOR)
    write_cohort(tmp_path / "office.cohort", cohort, load_signing_key(key))
    call = ["transfer", str(tmp_path / "old.profile"), "--public", str(tmp_path / "admin.pub.pem")]
    call += ["--key", str(key), "--out", str(out), "--json", *root]
    by_cohort = ["--cohort", str(tmp_path / "office.cohort"), "--cohort-number", "0"]
    capsys.readouterr()
    assert main([*call, *by_cohort, "--to", NEW.key, "--dry-run"]) == 0
    assert not out.exists()
    assert main([*call, *by_cohort, "--to", NEW.key, "--sequence", "2"]) == 0
    lines = capsys.readouterr().out
    told = json.loads(lines[: lines.index("}") + 1])
    assert (told["mouse"], told[TRANSFERRED], told["rates_are_estimated"]) == ("New Mouse", "Old Mouse", True)
    assert told["transferred_by"].endswith("3 and 3 people")
    assert main(["verify", str(out), "--public", str(tmp_path / "admin.pub.pem"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["origin"], told["mouse"], told["sequence"]) == ("administrator", "New Mouse", 2)
    sample = str(balabit_folder / "training_files" / "user1")
    for more, said in (
        ([], "which mouse?"),
        (by_cohort, "which mouse?"),
        ([*by_cohort, "--to", "2-0"], f"it has these: {OLD.key}, {NEW.key}"),
        (["--sample", sample, "--to", NEW.key], "leave out --to"),
    ):
        assert main([*call, *more]) == 2
        assert said in capsys.readouterr().err
