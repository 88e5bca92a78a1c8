"""Cohorts: made, shown, made smaller, and used only where they fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from _fastfeat import FEATURES
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.sketch import WIDTH
from agent.engine.verifier import Verifier, window_stream
from agent.files.cohort import Cohort
from agent.files.paths import Paths
from agent.files.profile import pack_unsigned, unpack_unsigned
from enroll.cli import main
from enroll.cohort import CohortRows, build, cohort_rows, described, evenly, people_of, rows_under, without
from enroll.commands.cohort import load_cohort
from enroll.model import fit_model
from enroll.score import session_score, stream_deviates
from enroll.sessions import SessionRows, session_rows
from enroll.sources.enrolment import EnrolmentData
from enroll.train import train
from tests.enroll.people import events_of, rows_of
from tests.judging import likelihood_of, llrs_of

MOUSE = MouseConfiguration("test", vendor="046d", product="c077")
OTHER_MOUSE = replace(MOUSE, cpi=1600)
PEOPLE = (2, 3, 4, 5)


@pytest.fixture(scope="module")
def others() -> list[SessionRows]:
    return [rows_of(who, 10 + who, 200) for who in PEOPLE]


@pytest.fixture(scope="module")
def cohort(others: list[SessionRows]) -> Cohort:
    mine = replace(MOUSE, serial="0815")
    return build({s.account: [EnrolmentData(mine, (s,))] for s in others})


def test_with_a_cohort_unseen_people_score_lower(
    owner_sessions: tuple[SessionRows, ...], others: list[SessionRows]
) -> None:
    model = fit_model(owner_sessions, cohort=cohort_rows(others))
    assert model.detectors == ("plda", "window", "knn")
    own = [session_score(model, rows_of(1, seed, 80).rows) for seed in (30, 31, 32)]
    unseen = [session_score(model, rows_of(who, 40 + who, 80).rows) for who in (6, 7, 8)]
    assert min(own) > max(unseen)
    # With four other people a single session may lie anywhere; the scale is that of the session in the middle.
    middle = sorted(model.out_of_session, key=np.mean)[1]
    assert abs(middle.mean()) < 0.5
    assert 0.6 < middle.std() < 1.5


def test_the_agent_judges_by_it_as_it_was_calibrated(
    owner_sessions: tuple[SessionRows, ...], cohort: Cohort
) -> None:
    profile = train(owner_sessions, "owner", MOUSE, cohort=cohort)
    assert profile.summary["cohort"] == f"{cohort.cohort_id}: 4 people under this mouse configuration"
    again = unpack_unsigned(pack_unsigned(profile))
    expected = stream_deviates(
        fit_model(owner_sessions, cohort=rows_under(cohort, MOUSE)), rows_of(6, 50, 80).rows
    )
    verifier, stream = Verifier(again), window_stream(again)
    told = [verifier.feed(w) for w in [*stream.feed(events_of(6, 50, 80)), *stream.flush()]]
    llrs = llrs_of(expected, likelihood_of(profile), profile.limits)
    assert np.allclose([j.evidence_llr for j in told if j is not None], llrs, atol=2e-2)


def test_another_mouse_means_own_data_alone_and_the_profile_says_so(
    owner_sessions: tuple[SessionRows, ...], cohort: Cohort
) -> None:
    profile = train(owner_sessions, "owner", OTHER_MOUSE, cohort=cohort)
    assert profile.detectors == ("knn", "window")
    assert "nobody under this mouse configuration; own data alone" in profile.summary["cohort"]


def test_a_cohort_holds_numbers_and_no_names_or_serial_numbers(cohort: Cohort) -> None:
    told = described(cohort)
    assert [len(one["people"]) for one in told["configurations"]] == [4]
    assert told["fits_this_version"]
    assert "0815" not in json.dumps(told)
    assert not any(f"user{who}" in json.dumps(told) for who in PEOPLE)


def test_people_can_be_taken_out(cohort: Cohort) -> None:
    smaller = without(cohort, 2)
    assert smaller.cohort_id != cohort.cohort_id
    assert np.unique(smaller.groups[0].person).tolist() == [0, 1, 3]
    rows = rows_under(cohort, MOUSE, but=0)
    assert rows is not None
    assert rows.people == 3
    with pytest.raises(SteadyhandError, match="nobody is number 9"):
        without(cohort, 9)
    last = without(without(without(smaller, 0), 1), 3)
    assert last.groups == ()


def test_everybody_gives_as_many_actions_in_order_of_time(others: list[SessionRows]) -> None:
    rows = cohort_rows(others)
    many = CohortRows(np.tile(rows.features, (40, 1)), np.tile(rows.kind, 40), np.tile(rows.person, 40))
    kinds = np.unique(rows.kind).tolist()
    people = people_of(many, [0, 1], kinds)
    assert [len(told) for told in people] == [6_000] * 4
    first = many.features[many.person == 0][:, :2]
    assert np.array_equal(people[0][:240], first[:240], equal_nan=True)
    assert np.array_equal(people[0][-240:], first[-240:], equal_nan=True)
    assert len(evenly(people, 100, 0)) == 12_000
    assert len(evenly(people, 8_000, 0)) == 16_000


def test_a_cohort_that_cannot_serve_is_refused(
    owner_sessions: tuple[SessionRows, ...], others: list[SessionRows], cohort: Cohort
) -> None:
    with pytest.raises(SteadyhandError, match="a cohort of 1 person"):
        build({"ann": [EnrolmentData(MOUSE, (others[0],))]})
    with pytest.raises(SteadyhandError, match="a cohort of 1 person"):
        fit_model(owner_sessions, cohort=cohort_rows(others[:1]))
    with pytest.raises(SteadyhandError, match="a cohort of nobody"):
        cohort_rows([])
    older = replace(cohort, features=tuple(FEATURES[:-1]))
    with pytest.raises(SteadyhandError, match="other features"):
        rows_under(older, MOUSE)
    assert not described(older)["fits_this_version"]
    with pytest.raises(SteadyhandError, match="forest learns from a cohort"):
        fit_model(owner_sessions, detectors=["forest"])


def test_rows_without_any_value_are_nobodys(others: list[SessionRows]) -> None:
    rows = cohort_rows(others)
    empty = CohortRows(np.where(rows.person[:, None] == 0, np.nan, rows.features), rows.kind, rows.person)
    kinds = np.unique(rows.kind).tolist()
    whole, left = people_of(rows, [0], kinds), people_of(empty, [0], kinds)
    assert (len(whole), len(left)) == (4, 3)
    assert np.array_equal(left[0], whole[1], equal_nan=True)


def test_any_choice_of_detectors_works(owner_sessions: tuple[SessionRows, ...]) -> None:
    for names in (["window"], ["knn"], ["ocsvm", "gaussian"], ["iforest", "window"]):
        model = fit_model(owner_sessions, detectors=names)
        assert model.detectors == tuple(names)
        own, other = (session_score(model, rows_of(who, 60, 120).rows) for who in (1, 3))
        assert own > other
    with pytest.raises(SteadyhandError, match="tarot"):
        fit_model(owner_sessions, detectors=["tarot"])
    with pytest.raises(SteadyhandError, match="no detector"):
        fit_model(owner_sessions, detectors=[])


def test_the_commands(balabit_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, out, root = str(tmp_path / "admin.pem"), tmp_path / "office.cohort", ["--root", str(tmp_path / "r")]
    public = ["--public", str(tmp_path / "admin.pub.pem")]
    training = balabit_folder / "training_files"
    assert main(["key", key]) == 0
    assert main(["cohort", "build", str(training), "--key", key, "--out", str(out), *root]) == 0
    assert "1  user2" in capsys.readouterr().out
    assert main(["cohort", "inspect", str(out), "--json", *public, *root]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["configurations"][0]["people"]) == {"0", "1"}
    train_it = ["train", str(training / "user1"), "--user", "user1", "--out", str(tmp_path / "p"), *root]
    assert main([*train_it, "--cohort", str(out), *public]) == 0
    assert "2 people under this mouse configuration" in capsys.readouterr().out
    assert main([*train_it, "--cohort", str(out), "--cohort-number", "0", *public]) == 2
    assert "a cohort of 1 person" in capsys.readouterr().err
    smaller = ["--person", "1", "--key", key, "--out", str(tmp_path / "smaller"), *public, *root]
    assert main(["cohort", "remove", str(out), *smaller]) == 0
    assert "train them again" in capsys.readouterr().out
    assert main(["cohort", "inspect", str(tmp_path / "smaller"), *public, *root]) == 0
    assert "1 person" in capsys.readouterr().out
    assert main(["cohort", "build", str(training / "user1"), "--key", key, "--out", str(out), *root]) == 2
    assert "no folder in it" in capsys.readouterr().err


def test_a_cohort_may_hold_sketches_and_says_so(
    balabit_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "admin.pem", tmp_path / "office.cohort"
    assert main(["key", str(key)]) == 0
    source = str(balabit_folder / "training_files")
    common = ["--key", str(key), "--root", str(tmp_path), "--out"]
    assert main(["cohort", "build", source, "--sketches", *common, str(out)]) == 0
    assert "with sketches" in capsys.readouterr().out
    public = ["--public", str(tmp_path / "admin.pub.pem")]
    told = load_cohort(out, tmp_path / "admin.pub.pem", Paths.under(tmp_path))
    group = told.groups[0]
    assert group.sketches is not None
    assert group.sketches.shape == (len(group.kind), WIDTH)
    kept = without(told, 1).groups[0]
    assert kept.sketches is not None
    assert np.array_equal(kept.sketches, group.sketches[group.person != 1])
    rows = rows_under(told, group.mouse, but=0)
    assert rows is not None
    assert rows.sketches is not None
    assert main(["cohort", "inspect", str(out), *public, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["configurations"][0]["sketches"] is True


def test_a_cohort_without_sketches_is_said_to_be_of_no_use_to_who_needs_them(cohort: Cohort) -> None:
    sessions = [session_rows("u", str(s), [events_of(1, s, 150)], sketched=True) for s in range(3)]
    profile = train(sessions, "owner", MOUSE, cohort=cohort, detectors=["shipped", "hybrid"])
    assert profile.detectors == ("plda", "window", "knn", "hybrid")
    assert "it holds no sketches, so hybrid learnt from own data alone" in profile.summary["cohort"]
