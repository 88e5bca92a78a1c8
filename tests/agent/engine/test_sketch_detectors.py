"""Detectors of sketches at work: in the agent as in a protocol, with words, and with bad input."""

from __future__ import annotations

import numpy as np
import pytest

from agent.demo.synthesis import Screen, office, person, work
from agent.engine.detectors import DETECTORS, detector, hmm, lstm, needs_sketches
from agent.engine.errors import SteadyhandError
from agent.engine.events import EventBatch
from agent.engine.fusion import Fusion, ScaledActions, scaled
from agent.engine.sketch import HEAD, STEPS, WIDTH, Column
from agent.engine.windowing import WINDOW, Window, WindowStream
from enroll.detector_choice import COHORT_DETECTORS, OWN_DETECTORS
from enroll.fold_models import Model
from enroll.model import fit_model
from enroll.score import stream_deviates
from enroll.sessions import session_rows
from tests.agent.engine.sketched import sketches

DESK = office(Screen(0, 0, 1920, 1080))


def events(who: int, seed: int, actions: int) -> EventBatch:
    return EventBatch.concat(work(person(who), DESK, seed, actions=actions))


@pytest.fixture(scope="module")
def model() -> Model:
    sessions = [session_rows("owner", str(seed), [events(1, seed, 120)], sketched=True) for seed in range(3)]
    return fit_model(sessions, detectors=["rules", "knn", "window", "autoencoder"])


def test_the_agent_sees_what_the_protocol_sees(model: Model) -> None:
    told = events(2, 9, 100)
    batch = stream_deviates(model, session_rows("x", "y", [told], sketched=True).rows)
    fusion, held, live = Fusion(model.detectors, model.arrays), None, []
    stream = WindowStream(model.features, model.kinds, WINDOW, sketched=True)
    for item in [*stream.feed(told), *stream.flush()]:
        assert isinstance(item, Window)
        assert item.sketch is not None
        seen = scaled(fusion.transform, item.rows[-1:], item.sketch[None])
        held = seen if held is None else held.then(seen, WINDOW)
        live.append(fusion.newest(held))
    assert len(live) > 80
    assert np.allclose(live, batch, atol=1e-3)


def test_sketches_are_asked_for_by_those_who_need_them() -> None:
    assert not needs_sketches(("knn", "forest", "gmm", "window"))
    assert needs_sketches(("knn", "rules"))
    with pytest.raises(SteadyhandError, match="tarot"):
        needs_sketches(("tarot",))
    with pytest.raises(ValueError, match="not sketched"):
        ScaledActions(np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32)).rows(detector("rules").rows)


def test_every_sketch_is_a_sentence_of_known_tokens() -> None:
    wild = np.concatenate((sketches(20, 1.0, 1, haste=1e4), np.full((1, WIDTH), 1e9, np.float32)))
    told = lstm.tokens_of(np.concatenate((wild, np.zeros((1, WIDTH), np.float32))))
    assert told.shape == (22, lstm.LENGTH)
    assert told.min() >= 0
    assert told.max() < lstm.TOKENS
    assert (told[:, 0] == lstm.BEGIN).all()
    assert ((told == lstm.END).sum(axis=1) == 1).all()
    assert told[-1, :3].tolist() == [lstm.BEGIN, lstm.END, lstm.NOTHING]


def test_a_sentence_is_direction_and_magnitude_in_turn() -> None:
    one = np.zeros((1, WIDTH), np.float32)
    one[0, Column.COUNT], one[0, Column.BUTTON] = 4, 1
    one[0, HEAD], one[0, HEAD + STEPS + 3] = 30.0, -3.0
    rest, right, up = lstm.REST, lstm.FIRST_DIRECTION, lstm.FIRST_DIRECTION + 6
    sizes = [lstm.FIRST_MAGNITUDE + bin_ for bin_ in (4, 1)]
    expected = [lstm.BEGIN, right, sizes[0], rest, up, sizes[1], lstm.CLICK, lstm.END]
    assert lstm.tokens_of(one)[0, :8].tolist() == expected


def test_forward_probabilities_are_those_of_every_path() -> None:
    rng = np.random.default_rng(4)
    arrays = {
        "start": rng.dirichlet(np.ones(2), 1),
        "move": rng.dirichlet(np.ones(2), (1, 2)),
        "say": rng.dirichlet(np.ones(9), (1, 2)),
    }
    one = sketches(1, 0.4, 3)
    one[0, Column.COUNT] = 3
    symbols = hmm.symbols_of(one)[0][0, :3]
    start, move, say = (arrays[name][0] for name in ("start", "move", "say"))
    total = sum(
        start[a] * say[a, symbols[0]] * move[a, b] * say[b, symbols[1]] * move[b, c] * say[c, symbols[2]]
        for a in range(2)
        for b in range(2)
        for c in range(2)
    )
    assert hmm.log_probabilities(arrays, one, 0)[0] == pytest.approx(np.log(total) / 3.0)


def test_without_a_step_there_is_no_surprise() -> None:
    arrays = {"start": np.ones((1, 1)), "move": np.ones((1, 1, 1)), "say": np.full((1, 1, 9), 1 / 9)}
    assert hmm.log_probabilities(arrays, np.zeros((2, WIDTH), np.float32), 0).tolist() == [0.0, 0.0]
    assert hmm.windows(np.empty(0)).shape == (0, 6)


def test_all_of_the_documents_are_there_and_none_is_shipped() -> None:
    asked = {"image", "rules", "autoencoder", "lstm", "hmm", "hybrid"}
    assert asked <= set(DETECTORS)
    assert not asked & {*OWN_DETECTORS, *COHORT_DETECTORS}
