"""The networks as they are fitted: repeatable, better than chance, and the fold out of sight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agent.engine.detectors import DETECTORS, lstm
from agent.engine.errors import SteadyhandError
from enroll import fit as fits
from enroll.model import fit_model
from enroll.sessions import session_rows
from tests.agent.engine.sketched import sketches
from tests.enroll.people import events_of

PATHS = [sketches(n, 0.4, i) for i, n in enumerate((160, 120, 140, 120))]
PEOPLE = [sketches(120, 1.6 + 0.7 * i, 20 + i, haste=2.0) for i in range(4)]


def fitted(name: str, people: Any) -> dict[str, np.ndarray]:
    pytest.importorskip("torch", reason="PyTorch is not installed: make test-deep installs it")
    return fits.fit(name, PATHS, people, seed=0)


@pytest.mark.deep
@pytest.mark.parametrize("people", [None, PEOPLE], ids=["own", "cohort"])
@pytest.mark.parametrize("name", ["lstm", "image"])
def test_the_owner_scores_higher_and_again_the_same(name: str, people: Any) -> None:
    arrays = fitted(name, people)
    near, far = (
        DETECTORS[name].fold_scores(arrays, s) for s in (sketches(60, 0.4, 50), sketches(60, 2.3, 51, 2.0))
    )
    assert (near[8:, None] > far[None, 8:]).mean() > 0.8
    again = fitted(name, people)
    assert all(np.array_equal(again[key], arrays[key]) for key in arrays)


@pytest.mark.deep
@pytest.mark.parametrize("name", ["lstm", "image"])
def test_a_fold_is_judged_by_the_half_that_it_is_not_in(name: str) -> None:
    arrays = fitted(name, None)
    assert arrays["net"].tolist() == [1, 0, 1, 0]
    moved = fits.fit(name, [PATHS[0], sketches(120, 3.0, 9), *PATHS[2:]], None, seed=0)
    trunk = "embedding" if name == "lstm" else "kernel0"
    assert np.array_equal(arrays[trunk][0], moved[trunk][0])
    assert not np.array_equal(arrays[trunk][1], moved[trunk][1])


@pytest.mark.deep
def test_the_language_model_beats_the_commonest_token() -> None:
    arrays = fitted("lstm", None)
    tokens = lstm.tokens_of(sketches(200, 0.4, 77))
    nexts = tokens[:, 1:]
    shares = lstm.log_shares(arrays, lstm.hidden(arrays, tokens, 0), 0)
    nexts = nexts[:, : shares.shape[1]]
    said = nexts != lstm.NOTHING
    right = (shares.argmax(axis=2) == nexts)[said].mean()
    assert right > np.bincount(nexts[said]).max() / said.sum() + 0.1


@pytest.mark.usefixtures("bare")
def test_without_the_library_the_detector_is_named_and_how_to_mend_it() -> None:
    for name in ("lstm", "image"):
        with pytest.raises(
            SteadyhandError, match=rf"{name} is fitted with torch.*not installed.*steadyhand\[deep\]"
        ):
            fits.fit(name, [p[:30] + np.float32(0.001) for p in PATHS], None, seed=5)
    with pytest.raises(SteadyhandError, match="hmm is fitted with hmmlearn"):
        fits.fit("hmm", PATHS, None, seed=5)


@pytest.mark.usefixtures("bare")
def test_without_the_library_the_other_detectors_go_on() -> None:
    sessions = [session_rows("u", str(s), [events_of(1, s, 60)], sketched=True) for s in range(3)]
    with pytest.warns(UserWarning, match="hmm is left out, the others go on: .*hmmlearn"):
        model = fit_model(sessions, detectors=["rules", "hmm"])
    assert model.detectors == ("rules",)
    assert set(model.left_out) == {"hmm"}
    with (
        pytest.warns(UserWarning, match="hmm is left out"),
        pytest.raises(SteadyhandError, match="hmmlearn, which is not installed"),
    ):
        fit_model(sessions, detectors=["hmm"])
    with pytest.warns(UserWarning, match="hmm is left out"):
        hybrid = fit_model(sessions, detectors=["hybrid", "hmm"])
    assert "hybrid/weight/rules" in hybrid.arrays
    assert "hybrid/weight/hmm" not in hybrid.arrays
