"""Training: what is learnt, what is refused, and the child that does it for the agent."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from _fastfeat import SCHEMA
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import TRANSFERRED
from agent.engine.verifier import Verifier, window_stream
from agent.files.paths import Paths
from agent.files.profile import pack_unsigned, unpack_unsigned
from agent.files.stream import Session, write_stream
from enroll.child import train_child
from enroll.model import fit_model
from enroll.score import session_score
from enroll.sessions import SessionRows, session_rows
from enroll.sources.enrolment import enrolment_of
from enroll.train import train
from tests.enroll.people import events_of, rows_of

NOBODY = Paths.under(Path("/nonexistent"))
MOUSE = MouseConfiguration("test", vendor="046d", product="c077")


def test_a_profile_is_valid_and_says_what_it_rests_on(owner_sessions: tuple[SessionRows, ...]) -> None:
    profile = train(owner_sessions, "owner", MOUSE)
    again = unpack_unsigned(pack_unsigned(profile))
    assert (again.user, again.mouse, again.detectors) == ("owner", MOUSE, ("knn", "window"))
    assert again.limits.estimated
    assert again.summary["sessions"] == 3
    assert again.summary["actions"] == sum(map(len, fit_model(owner_sessions).out_of_session))
    for name, array in profile.arrays.items():
        assert np.array_equal(again.arrays[name], array), name


def test_the_mouse_itself_is_no_feature(owner_sessions: tuple[SessionRows, ...]) -> None:
    sensitive = {f.name for f in SCHEMA if f.configuration_sensitive}
    assert sensitive.isdisjoint(train(owner_sessions, "owner", MOUSE).features)


def test_training_twice_gives_the_same_model(owner_sessions: tuple[SessionRows, ...]) -> None:
    one, other = (train(owner_sessions, "owner", MOUSE) for _ in range(2))
    assert one.limits == other.limits
    assert all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)
    assert one.profile_id != other.profile_id


def test_out_of_session_deviates_are_centred_and_of_unit_size(
    owner_sessions: tuple[SessionRows, ...],
) -> None:
    pooled = np.concatenate(fit_model(owner_sessions).out_of_session)
    assert abs(pooled.mean()) < 0.4
    assert 0.7 < pooled.std() < 1.4


def test_another_person_scores_lower(owner_sessions: tuple[SessionRows, ...]) -> None:
    model = fit_model(owner_sessions)
    own = [session_score(model, rows_of(1, seed, 80).rows) for seed in (30, 31, 32)]
    others = [session_score(model, rows_of(who, 40 + who, 80).rows) for who in (2, 3, 5)]
    assert min(own) > max(others)
    assert session_score(model, rows_of(1, 33, 80).rows[:0]) == 0.0


def test_one_session_is_cut_and_the_profile_says_so() -> None:
    profile = train([rows_of(1, 0, 250)], "owner", MOUSE)
    assert profile.summary["across_sessions"] is False
    assert profile.limits.estimated


def test_many_short_sessions_are_grouped() -> None:
    whole = rows_of(1, 0, 250)
    parts = [
        SessionRows("o", str(i), whole.rows[a : a + 12], whole.intervals_s)
        for i, a in enumerate(range(0, len(whole.rows) - 12, 12))
    ]
    told = fit_model(parts).out_of_session
    assert 2 <= len(told) <= 10
    assert min(map(len, told)) >= 20


def test_too_little_is_refused() -> None:
    with pytest.raises(SteadyhandError, match=r"a: too few actions \(5\): record at least 50"):
        fit_model([SessionRows("a", "b", rows_of(1, 0, 30).rows[:5], np.empty(0))])
    with pytest.raises(SteadyhandError, match=r"the recording: too few actions \(0\)"):
        fit_model([])


def stream_of(*sessions: int, mouse: MouseConfiguration = MOUSE) -> list[object]:
    items: list[object] = []
    for seed in sessions:
        events = events_of(1, seed, 150)
        items += [Session(mouse, 0, 1_700_000_000_000_000_000), events]
    return items


def ask(**changes: object) -> bytes:
    request = {"user": "ann", "sequence": 3, "false_locks_per_40h": 2.0, "false_alerts_per_40h": 4.0}
    return json.dumps(request | changes).encode() + b"\n"


def pipe(request: bytes, items: list[object]) -> io.BytesIO:
    source = io.BytesIO()
    source.write(request)
    write_stream(source, items)  # type: ignore[arg-type]
    source.seek(0)
    return source


def test_the_child_turns_recordings_into_an_unsigned_profile() -> None:
    out = io.BytesIO()
    train_child(pipe(ask(), stream_of(0, 1)), out, NOBODY)
    profile = unpack_unsigned(out.getvalue())
    assert (profile.user, profile.sequence, profile.mouse.key) == ("ann", 3, MOUSE.key)
    assert profile.limits.asked_per_40h == 2.0
    assert profile.summary["sessions"] == 2


@pytest.mark.parametrize(
    ("request_line", "what"),
    [
        (b"\n", "request"),
        (b'{"user": 3}\n', "request"),
        (ask(false_locks_per_40h=0), "request"),
        (ask(root=1), "request"),
        (ask(transfer=True), "request"),
        (ask(background=3), "request"),
        (ask(transfer=1, on_file=[9]), "request"),
        (ask(transfer=True, on_file=[9]) + b"not a zip", "the profile that was handed over"),
    ],
)
def test_the_child_refuses_a_malformed_request(request_line: bytes, what: str) -> None:
    with pytest.raises(SteadyhandError, match=what):
        train_child(pipe(request_line, stream_of(0)), io.BytesIO(), NOBODY)


def test_the_child_carries_a_profile_over(owner_sessions: tuple[SessionRows, ...]) -> None:
    enrolled = train(owner_sessions, "ann", MouseConfiguration("old", name="Old Mouse"))
    carried, out = pack_unsigned(enrolled), io.BytesIO()
    train_child(pipe(ask(transfer=True, on_file=[len(carried)]) + carried, stream_of(0)), out, NOBODY)
    told = unpack_unsigned(out.getvalue())
    assert (told.user, told.sequence, told.mouse.key, told.is_transferred) == ("ann", 3, MOUSE.key, True)
    assert told.summary[TRANSFERRED] == "Old Mouse"
    assert told.limits.asked_per_40h == 2.0


def test_the_child_learns_with_the_background_that_is_named() -> None:
    out = io.BytesIO()
    train_child(pipe(ask(background="shipped"), stream_of(0, 1, 2)), out, NOBODY)
    profile = unpack_unsigned(out.getvalue())
    assert (profile.detectors, len(profile.summary["background"])) == (("differences",), 36)
    # Actions stay, so that it can be carried over to another mouse.
    carried, moved = pack_unsigned(replace(profile, mouse=MouseConfiguration("old"))), io.BytesIO()
    train_child(pipe(ask(transfer=True, on_file=[len(carried)]) + carried, stream_of(3)), moved, NOBODY)
    assert unpack_unsigned(moved.getvalue()).is_transferred


@pytest.mark.parametrize("name", ["no-such.background", ""])
def test_a_background_that_is_refused_leaves_own_models_and_is_told(name: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    train_child(pipe(ask(background=str(tmp_path / name)), stream_of(0, 1)), out, NOBODY)
    profile = unpack_unsigned(out.getvalue())
    assert profile.detectors == ("knn", "window")
    assert profile.summary["background"].startswith("none: ")
    assert str(tmp_path) in profile.summary["background"]


def test_the_child_refuses_a_stream_that_is_cut_short_or_empty() -> None:
    source = pipe(ask(), stream_of(0))
    with pytest.raises(SteadyhandError, match="cut short"):
        train_child(io.BytesIO(source.getvalue()[:-7]), io.BytesIO(), NOBODY)
    with pytest.raises(SteadyhandError, match="nothing was recorded"):
        train_child(io.BytesIO(ask()), io.BytesIO(), NOBODY)


def test_sessions_end_where_the_screen_was_locked_and_mice_are_not_mixed() -> None:
    first, second = events_of(1, 0, 60), events_of(1, 1, 60)
    items = [Session(MOUSE, 0, 0), first, Boundary(int(first.t_ns[-1]), Cause.SCREEN_LOCKED), second]
    assert len(enrolment_of(items, "ann").sessions) == 2
    with pytest.raises(SteadyhandError, match="2 mice"):
        enrolment_of([*items, *stream_of(2, mouse=MouseConfiguration("other"))], "ann")  # type: ignore[list-item]


def test_others_beside_the_shipped_detectors() -> None:
    sessions = [session_rows("u", str(s), [events_of(1, s, 120)], sketched=True) for s in range(3)]
    profile = train(sessions, "owner", MOUSE, detectors=["shipped", "rules", "autoencoder", "knn"])
    assert profile.detectors == ("knn", "window", "rules", "autoencoder")
    verifier, stream = Verifier(profile), window_stream(profile)
    told = [verifier.feed(w) for w in stream.feed(events_of(1, 9, 40))]
    assert len(told) > 20
    assert all(one is not None and np.isfinite(one.evidence_llr) for one in told)


@pytest.mark.parametrize(
    ("detectors", "what"),
    [(["shipped", "tarot"], "tarot"), (["plda"], "plda learns from a cohort"), ([], "no detector")],
)
def test_detectors_that_cannot_be_are_refused(detectors: list[str], what: str) -> None:
    with pytest.raises(SteadyhandError, match=what):
        train([rows_of(1, 0, 60)], "owner", MOUSE, detectors=detectors)
