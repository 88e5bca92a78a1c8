"""Backgrounds: moments by hand, files that are refused, and whom a model with one tells apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.engine.detectors.differences import fold_scores
from agent.engine.detectors.windows import vectors
from agent.engine.errors import SteadyhandError
from agent.files.background import (
    Background,
    RateClass,
    fetched_background_file,
    read_background,
    write_background,
)
from agent.files.keys import SigningKey, Trust, create_signing_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from enroll.background import learning
from enroll.background.building import build, check_features, described, moments_for
from enroll.background.exclusion import checked, digest_of, shipped_unless_tested
from enroll.background.people import PersonRows, second_moments
from enroll.background.shipped import shipped_background
from enroll.fit.differences import fit, model
from enroll.model import fit_model
from enroll.score import stream_deviates
from enroll.sessions import HAND
from tests.enroll.people import events_of, rows_of

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def made() -> Background:
    people = {f"user{who}": [[events_of(who, number, 130)] for number in range(2)] for who in range(10, 16)}
    return build(people)


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return create_signing_key(tmp_path_factory.mktemp("keys") / "admin.pem")


def trust_in(key: SigningKey) -> Trust:
    return Trust.of(administrator=key.public)


def test_moments_by_hand() -> None:
    """Two features that everybody has on the same scale: ranks are the same for both, means differ by a shift."""
    rows = np.stack([np.linspace(-2.0, 2.0, 90), np.zeros(90)], axis=1)
    shuffled = [rows[RNG.permutation(90)] for _ in range(4)]
    people = [PersonRows(shuffled[0], (shuffled[1],)), PersonRows(shuffled[2], (shuffled[3],))]
    moments = second_moments(people, (30,))[30]
    assert moments.people == 2
    # The second feature is constant: it maps to 0 in every window, of everybody.
    assert moments.own[1, 1] == moments.others[1, 1] == 0.0
    assert (np.linalg.eigvalsh(moments.own) > -1e-9).all()
    far = [people[0], PersonRows(shuffled[2] + 3.0, (shuffled[3] + 3.0,))]
    apart = second_moments(far, (30,))[30]
    assert apart.own[0, 0] == pytest.approx(moments.own[0, 0], rel=0.5)
    # Each lies at the clip of the other's scale, three deviates off.
    assert apart.others[0, 0] > 4.0 > 4.0 * moments.others[0, 0]


def test_who_lies_in_a_direction_in_which_people_differ_scores_lower() -> None:
    same, others = np.diag([1.0, 1.0]), np.diag([9.0, 1.0])
    mean, project = model([RNG.normal(size=(50, 2)) for _ in range(4)], same, others)
    arrays = {"mean": mean[None, None], "project": project[None, None]}
    scores = fold_scores(arrays, 0, np.array([[0.0, 0.0], [0.0, 3.0], [3.0, 0.0]]))[:, 0]
    assert scores[2] < scores[1] - 1.0
    assert scores[2] < scores[0]


def test_directions_in_which_others_do_not_differ_more_count_for_nothing() -> None:
    _, project = model([RNG.normal(size=(400, 2)) for _ in range(4)], np.eye(2), 0.2 * np.eye(2))
    assert np.abs(project).max() == 0.0


def test_too_few_windows_make_no_detector() -> None:
    rows = [RNG.normal(size=(29, 3)).astype(np.float32) for _ in range(3)]
    assert fit(rows, {30: (np.eye(6), np.eye(6))}) == {}


def test_scores_of_unseen_folds_are_standard() -> None:
    folds = [RNG.normal(size=(200, 3)).astype(np.float32) for _ in range(5)]
    arrays = fit(folds, {30: (np.eye(6), 4.0 * np.eye(6))})
    means = []
    for s, fold in enumerate(folds):
        blind = {key: arrays[key][:, s : s + 1] for key in ("mean", "project")}
        scores = fold_scores(blind, 0, vectors(fold, 30, 10))[:, 0]
        means.append((scores.mean() - arrays["centre"][0]) / arrays["spread"][0])
    assert np.median(means) == pytest.approx(0.0, abs=1e-6)


def test_a_stranger_is_told_from_the_owner_by_other_peoples_differences(made: Background) -> None:
    fitted = fit_model([rows_of(1, number, 150) for number in range(4)], background=made)
    assert fitted.detectors == ("differences",)
    own, stranger = (stream_deviates(fitted, rows_of(who, 9, 150).rows) for who in (1, 2))
    assert (own[:29] == 0.0).all()
    assert stranger[60:].mean() < own[60:].mean() - 2.0
    assert sum(array.nbytes for array in fitted.arrays.values()) < 1_000_000


def test_whoever_fills_no_window_gets_the_models_of_own_data(made: Background) -> None:
    fitted = fit_model([rows_of(1, number, 25) for number in range(3)], background=made)
    assert "differences" not in fitted.detectors


def test_the_nearest_class_of_report_rate_is_taken(made: Background) -> None:
    shown = replace(
        made,
        classes=tuple(replace(rate, own=rate.period_ms * np.eye(len(rate.own))) for rate in made.classes),
    )
    for interval_s, period_ms in ((0.0075, 8), (0.016, 16), (0.12, 110), (0.04, 33)):
        assert moments_for(shown, HAND[:2], interval_s)[30][0][0, 0] == period_ms


def test_written_and_read(made: Background, signing: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "office.background"
    write_background(path, made, signing)
    again = read_background(path, trust_in(signing))
    assert (again.features, again.background_id) == (made.features, made.background_id)
    for rate, before in zip(again.classes, made.classes, strict=True):
        assert np.abs(rate.own - before.own).max() <= np.abs(before.own).max() / 65_534 + 1e-12
        assert (rate.others == rate.others.T).all()
    assert described(again)["people"] == 6


def test_another_version_one_person_or_nobodys_signature_is_refused_in_one_line(
    made: Background, signing: SigningKey, tmp_path: Path
) -> None:
    path = tmp_path / "office.background"
    write_background(path, made, signing)
    stranger = create_signing_key(tmp_path / "other.pem")
    with pytest.raises(SteadyhandError, match="does not know"):
        read_background(path, trust_in(stranger))
    with pytest.raises(SteadyhandError, match="does not know"):
        read_background(path, Trust())
    lonely = replace(made, classes=(replace(made.classes[0], people=1),))
    with pytest.raises(SteadyhandError, match="of 1 person"):
        write_background(tmp_path / "lonely", lonely, signing)
    with pytest.raises(SteadyhandError, match="of 1 person"):
        build({"ada": [[events_of(1, 0, 90)], [events_of(1, 1, 90)]]})
    older = replace(made, features=(*HAND[:-1], "another"))
    with pytest.raises(SteadyhandError, match=r"made with other features \(another\)"):
        check_features(older)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(SteadyhandError, match=r"office\.background"):
        read_background(path, trust_in(signing))
    with pytest.raises(SteadyhandError, match="no class of report rate"):
        write_background(tmp_path / "bad", replace(made, classes=()), signing)


def test_a_fetched_background_is_learnt_with_and_what_is_wrong_with_it_is_said(
    made: Background, signing: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "load_trust", lambda paths, *, local: trust_in(signing))
    paths = Paths.under(tmp_path)
    assert "cannot read" in learning.background_of("folder", paths).refused
    private_dir(paths.state_dir)
    write_background(fetched_background_file(paths), made, signing)
    named = learning.background_of("folder", paths)
    assert (named.background is not None, named.refused) == (True, "")
    older = replace(made, features=(*HAND[:-1], "another"))
    write_background(fetched_background_file(paths), older, signing)
    named = learning.background_of("folder", paths)
    assert named.background is None
    assert "made with other features (another)" in named.refused


def test_nobody_is_tested_against_a_background_of_their_own_recordings(
    made: Background, tmp_path: Path
) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.write_text("1")
    theirs.write_text("2")
    held = replace(made, digests=(digest_of(mine),))
    assert checked(held, [theirs]) is held
    with pytest.raises(SteadyhandError, match="mine is in the background"):
        checked(held, [theirs, mine])
    assert shipped_unless_tested([theirs]) is shipped_background()


def test_what_comes_along_fits_this_version_and_holds_no_row() -> None:
    shipped = shipped_background()
    check_features(shipped)
    assert {rate.people for rate in shipped.classes} == {5}
    assert isinstance(shipped.classes[0], RateClass)
    assert len(shipped.digests) == 225


def test_an_enrolment_of_one_window_a_fold_has_no_differences() -> None:
    """From 66 actions on a second window begins: then the scale of the background can be told."""
    features = len(HAND)
    moments = {50: (np.eye(2 * features), 3.0 * np.eye(2 * features))}
    short, long = (RNG.standard_normal((rows, features)).astype(np.float32) for rows in (50, 66))
    assert fit([short, short + 1.0], moments) == {}
    assert fit([long, short], moments) == {}
    assert fit([long, long + 1.0], moments)
