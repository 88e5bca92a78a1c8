"""Feature selection: what tells the owner apart survives, in every session, and noise does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from _fastfeat import FEATURES, SCHEMA
from enroll.cohort import CohortRows, cohort_rows
from enroll.selection import Selection, selected
from enroll.sessions import SessionRows
from tests.enroll.people import rows_of

CANDIDATES = ("duration_s", "path_px", "straightness")


def noisy(session: SessionRows, shift: float, seed: int) -> SessionRows:
    """The session with three features drawn anew: the first lies `shift` away, the others are noise."""
    rng = np.random.default_rng(seed)
    features = session.rows.features.copy()
    for j, name in enumerate(CANDIDATES):
        features[:, FEATURES.index(name)] = rng.normal(shift if j == 0 else 0.0, 1.0, len(features))
    return replace(session, rows=replace(session.rows, features=features))


@pytest.fixture(scope="module")
def own() -> list[SessionRows]:
    return [noisy(rows_of(1, s, 80), 2.0, s) for s in range(3)]


@pytest.fixture(scope="module")
def cohort() -> CohortRows:
    return cohort_rows([noisy(rows_of(who, 0, 120), 0.0, 10 + who) for who in (2, 3)])


def test_what_tells_the_owner_apart_survives_and_noise_does_not(
    own: list[SessionRows], cohort: CohortRows
) -> None:
    told = selected(own, cohort, CANDIDATES)
    assert told.surviving == told.tested == ("duration_s",)
    assert "duration_s" in told.lasso
    assert "duration_s" in told.trees
    assert told == selected(own, cohort, CANDIDATES)


def test_what_speaks_in_one_session_alone_does_not_survive(
    own: list[SessionRows], cohort: CohortRows
) -> None:
    fickle = [own[0], *(noisy(session, 0.0, 30 + i) for i, session in enumerate(own[1:]))]
    assert "duration_s" not in selected(fickle, cohort, CANDIDATES).tested


def test_without_a_cohort_the_sessions_must_agree(own: list[SessionRows]) -> None:
    drifting = [noisy(session, 3.0 * i, 40 + i) for i, session in enumerate(own)]
    assert selected(drifting, None, CANDIDATES).surviving == ("path_px", "straightness")
    assert selected(own, None, CANDIDATES).surviving == CANDIDATES
    assert selected(own[:1], None, CANDIDATES).surviving


def test_what_tells_the_mouse_is_told_apart() -> None:
    mouse = next(f.name for f in SCHEMA if f.configuration_sensitive)
    assert Selection(("duration_s", mouse)).configuration_sensitive == (mouse,)
