"""The engine's judgement held against its twin, on arrays drawn at random."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.engine.calibration import Likelihood, deviates, normal_deviates
from agent.engine.day_baseline import BaselineStage, DayBaseline, JudgedAction, advance
from agent.engine.day_stretch import OWN_SPREAD
from agent.engine.detectors import Detector, Rows, windows
from agent.engine.fusion import Fusion, ScaledActions, part, scaled, weights_of
from agent.engine.profile import Limits
from agent.engine.sequential_test import TrustState, Verdict, evidence, step
from tests import twin

DETECTORS = ("plda", "window", "knn")
FOLDS, WHITE, FEATURES, LENGTHS = 3, 2, 3, (4, 9)


def arrays_of(seed: int) -> dict[str, np.ndarray]:
    """A small profile whose parts fit together, of made-up numbers."""
    rng = np.random.default_rng(seed)
    shape = (len(LENGTHS), FOLDS)
    starts = np.array([0, 5, 9, 16], np.int32)
    references = rng.normal(size=(16, WHITE)).astype(np.float32)
    tall = 2 * WHITE
    root = np.stack([[np.linalg.cholesky(_positive(rng, tall)) for _ in range(FOLDS)] for _ in LENGTHS])
    scale = {"lengths": np.array(LENGTHS, np.int32)}
    arrays: dict[str, np.ndarray] = {
        "knn/references": references,
        "knn/lengths": (references**2).sum(axis=1),
        "knn/starts": starts,
        "calibration/knn": np.concatenate(
            [np.sort(rng.normal(size=b - a)) for a, b in pairwise(starts.tolist())]
        ).astype(np.float32),
        "calibration/starts": starts,
        "window/mean": rng.normal(size=(*shape, tall)),
        "window/root": root,
        "plda/mean": rng.normal(size=(*shape, 2 * FEATURES)),
        "plda/project": rng.normal(size=(*shape, 2 * FEATURES, 2)),
        "plda/owner": rng.normal(size=(*shape, 2)),
        "plda/owner_variance": rng.uniform(0.5, 2.0, (*shape, 2)),
        "plda/anybody_variance": rng.uniform(0.5, 4.0, (*shape, 2)),
        "fusion/plda": np.array(1.0),
        "fusion/window": np.array(0.2),
        "fusion/knn": np.array(0.3),
        "fusion/scale": np.array(1.7),
        "transform/knots": np.sort(rng.normal(size=(FEATURES, 5)), axis=1),
        "transform/deviates": np.tile(np.linspace(-2.0, 2.0, 5), (FEATURES, 1)),
        "transform/mean": rng.normal(size=FEATURES).astype(np.float32),
        "transform/components": rng.normal(size=(FEATURES, WHITE)).astype(np.float32),
    }
    for name in ("plda", "window"):
        centred = {"centre": rng.normal(size=len(LENGTHS)), "spread": rng.uniform(0.7, 2.0, len(LENGTHS))}
        arrays |= {f"{name}/{key}": a for key, a in (scale | centred).items()}
    return arrays


def _positive(rng: np.random.Generator, k: int) -> np.ndarray:
    square = rng.normal(size=(k, k))
    return square @ square.T + 0.5 * np.eye(k)


def seen_of(seed: int, n: int) -> ScaledActions:
    rng = np.random.default_rng(seed)
    return ScaledActions(
        rng.normal(size=(n, FEATURES)).astype(np.float32), rng.normal(size=(n, WHITE)).astype(np.float32)
    )


@given(st.lists(st.lists(st.integers(-4, 4), min_size=1, max_size=6), min_size=1, max_size=4), st.data())
def test_calibration_is_the_mid_rank_among_all_folds(folds: list[list[int]], data: st.DataObject) -> None:
    own = [np.sort(np.array(fold, np.float32)) for fold in folds]
    scores = data.draw(st.lists(st.integers(-6, 6), min_size=len(own), max_size=len(own)))
    arrays = {"scores": np.concatenate(own), "starts": np.cumsum([0, *map(len, own)])}
    rows = np.array([scores, [s + 1 for s in scores]], np.float32)
    expected = [twin.calibrated(own, row.tolist()) for row in rows]
    assert deviates(arrays, rows).tolist() == pytest.approx(expected, abs=1e-9)


def test_deviates_keep_their_shape_and_precision() -> None:
    shares = np.array([[0.1, 0.5], [0.0, 1.0]])
    told = normal_deviates(shares)
    assert (told.shape, told.dtype) == ((2, 2), np.float64)
    assert told[1].tolist() == pytest.approx([-5.997807, 5.997807], abs=1e-6)
    assert normal_deviates(np.array([])).dtype == np.float64


@given(st.floats(-5, 5), st.floats(0.1, 3.0), st.floats(0.01, 1.0))
def test_evidence_is_the_ratio_of_two_densities(deviate: float, shift: float, share: float) -> None:
    likelihood = Likelihood(shift, share)
    assert likelihood.llr(deviate) == pytest.approx(twin.evidence(deviate, shift, share), abs=1e-9)
    at = TrustState(level=-0.5)
    expected = twin.evidence(min(max(deviate, -5.0), 5.0) + 0.5, shift, share)
    assert evidence(at, deviate, likelihood) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 14))
def test_the_live_path_is_the_twin(seed: int, n: int) -> None:
    arrays, seen = arrays_of(seed), seen_of(seed + 1, n)
    fusion = Fusion(DETECTORS, arrays)
    expected = twin.fused(arrays, DETECTORS, seen.white, seen.deviates)
    assert fusion.newest(seen) == pytest.approx(expected, abs=2e-4)
    # The knn's rank is 1/17 or more: no near tie of ranks may hide in the tolerance.
    assert fusion.stream(seen, 9)[-1] == pytest.approx(fusion.newest(seen), abs=1e-4)


def test_the_whole_stream_is_the_live_path_action_by_action() -> None:
    arrays, seen = arrays_of(3), seen_of(4, 20)
    fusion = Fusion(DETECTORS, arrays)
    # Windows of at most 9 actions, so what is longer than the longest is never looked at.
    live = [fusion.newest(seen[max(0, i - 8) : i + 1]) for i in range(20)]
    assert fusion.stream(seen, 9).tolist() == pytest.approx(live, abs=1e-4)
    # With at most 5 in a window, those of 4 go on.
    short = [
        twin.fused(arrays, DETECTORS, seen.white[max(0, i - 4) : i + 1], seen.deviates[max(0, i - 4) : i + 1])
        for i in range(20)
    ]
    assert fusion.stream(seen, 5).tolist() == pytest.approx(short, abs=2e-4)


def test_a_session_is_the_weighted_mean_of_actions_and_of_overlapping_windows_without_the_scale() -> None:
    arrays, seen = arrays_of(5), seen_of(6, 21)
    own = {name: part(arrays, name) for name in ("plda", "window")}
    calibration = np.split(arrays["calibration/knn"], [5, 9])
    references = np.split(arrays["knn/references"], [5, 9])
    knn = np.mean([twin.calibrated(calibration, twin.knn_scores(references, row)) for row in seen.white])
    # Windows of 9 with a step of 9 // 8 = 1 action.
    window = np.mean(
        [twin.window_deviate(own["window"], twin.window_scores, seen.white[i : i + 9]) for i in range(13)]
    )
    plda = np.mean(
        [twin.window_deviate(own["plda"], twin.plda_scores, seen.deviates[i : i + 9]) for i in range(13)]
    )
    weights = np.array([1.0, 0.2, 0.3]) / math.sqrt(1.0 + 0.04 + 0.09)
    expected = float(np.array([plda, window, knn]) @ weights)
    assert Fusion(DETECTORS, arrays).session(seen) == pytest.approx(expected, abs=2e-4)


def test_a_session_that_fills_no_window_is_judged_by_its_actions_alone() -> None:
    arrays, seen = arrays_of(5), seen_of(6, 21)[: min(LENGTHS) - 1]
    calibration, references = (
        np.split(arrays[name], [5, 9]) for name in ("calibration/knn", "knn/references")
    )
    knn = [twin.calibrated(calibration, twin.knn_scores(references, row)) for row in seen.white]
    assert Fusion(DETECTORS, arrays).session(seen) == pytest.approx(float(np.mean(knn)), abs=2e-4)
    no_windows = {key: a for key, a in arrays.items() if not key.startswith("knn")}
    assert Fusion(("plda", "window"), no_windows).session(seen) == 0.0


def test_parts_and_weights() -> None:
    arrays = {
        "a/b": np.ones(1),
        "a/c/d": np.ones(2),
        "ab/c": np.ones(3),
        "fusion/x": np.array(3.0),
        "fusion/y": np.array(4.0),
    }
    assert {key: len(array) for key, array in part(arrays, "a").items()} == {"b": 1, "c/d": 2}
    assert weights_of(arrays, ("x", "y")).tolist() == [0.6, 0.8]


def test_actions_on_the_owners_scale() -> None:
    arrays = part(arrays_of(7), "transform")
    rows = np.array([[0.3, np.nan, -9.0], [9.0, 0.1, 0.2]])
    seen = scaled(arrays, rows)
    expected = np.array(
        [
            [np.interp(x, arrays["knots"][j], arrays["deviates"][j]) for j, x in enumerate(row)]
            for row in np.nan_to_num(rows, nan=0.0)
        ]
    )
    expected[0, 1] = 0.0
    assert seen.deviates == pytest.approx(expected, abs=1e-5)
    assert seen.white == pytest.approx((expected - arrays["mean"]) @ arrays["components"], abs=1e-5)
    assert seen.sketches is None
    assert len(seen) == 2
    both = seen.then(scaled(arrays, rows[:1]), 2)
    assert both.deviates.tolist() == [seen.deviates[1].tolist(), seen.deviates[0].tolist()]
    assert both.white.tolist() == [seen.white[1].tolist(), seen.white[0].tolist()]
    drawn = ScaledActions(seen.deviates, seen.white, np.array([[1.0], [2.0]], np.float32))
    assert drawn.then(drawn, 3).sketches == pytest.approx(np.array([[2.0], [1.0], [2.0]]))
    assert drawn[1:].sketches == pytest.approx(np.array([[2.0]]))
    assert seen.then(drawn, 3).sketches is None


@given(
    st.lists(st.floats(-9, 9), max_size=80),
    st.floats(0.5, 2.0),
    st.floats(0.1, 1.0),
    st.floats(1.0, 9.0),
    st.floats(1.0, 4.0),
    st.booleans(),
)
def test_the_sequential_test_is_the_twin(
    stream: list[float], shift: float, share: float, alert: float, ratio: float, holds: bool
) -> None:
    state, slow = TrustState(), twin.Test(shift, share, alert, alert * ratio)
    limits = Limits(alert, alert * ratio, 1.0, False)
    for deviate in stream:
        state = step(state, deviate, Likelihood(shift, share), 0, limits, holds_level=holds)
        slow.step(deviate, holds=holds)
        assert (state.statistic, state.level) == pytest.approx((slow.statistic, slow.level), abs=1e-9)
        near = min(abs(slow.statistic - x) for x in (alert, alert * ratio, alert / 2))
        if near < 1e-6:
            return
        assert (state.verdict is Verdict.INTRUDER) == slow.intruder
        assert (state.verdict is not Verdict.GENUINE) == slow.suspicious


def test_a_days_offset_is_the_twin() -> None:
    arrays, seen = arrays_of(8), seen_of(9, 30)
    fusion, own = Fusion(DETECTORS, arrays), part(arrays, "window")
    vectors = fusion.day_vectors(seen, 9)
    assert len(vectors) == 22
    assert vectors[4] == pytest.approx(twin.window_vector(seen.white[4:13]), abs=1e-6)
    mean = vectors.mean(axis=0)
    offset = fusion.day_offset(mean, 9)
    assert offset is not None
    wanted = 0.7 * (mean - own["mean"][1].mean(axis=0))
    distance = np.mean([math.sqrt(wanted @ (root @ root.T) @ wanted) for root in own["root"][1]])
    wanted = wanted * min(1.0, 5.0 / distance)
    assert offset.vector == pytest.approx(wanted)
    moved = twin.window_deviate(own, twin.window_scores, seen.white[-9:], wanted)
    plain = twin.window_deviate(own, twin.window_scores, seen.white[-9:])
    weight = 0.2 / math.sqrt(1.0 + 0.04 + 0.09) * 1.7
    change = fusion.newest(seen[-9:], offset) - fusion.newest(seen[-9:])
    assert change == pytest.approx(weight * (moved - plain), abs=1e-4)
    assert fusion.stream(seen, 9, offset)[-1] == pytest.approx(fusion.newest(seen[-9:], offset), abs=1e-4)
    # Shorter windows are not moved.
    assert fusion.newest(seen[-5:], offset) == fusion.newest(seen[-5:])
    near = windows.offset_of(own, 1, own["mean"][1].mean(axis=0) + 1e-3)
    assert near.vector == pytest.approx(np.full(4, 0.7e-3))


def test_without_a_window_detector_a_day_has_a_level_alone() -> None:
    arrays = {key: a for key, a in arrays_of(8).items() if not key.startswith("window/")}
    fusion = Fusion(("plda", "knn"), arrays)
    assert len(fusion.day_vectors(seen_of(9, 30), 9)) == 0
    assert fusion.day_offset(np.ones(4), 9) is None
    state, baseline = TrustState(), DayBaseline(BaselineStage.COLLECTING, last_end_ns=0)
    for i in range(200):
        action = JudgedAction(-0.1, i, i)
        state, baseline = advance(
            state, baseline, action, Likelihood(1.2, 0.3), Limits(4.0, 9.0, 1.0, False), OWN_SPREAD
        )
    assert (baseline.stage, baseline.vector) == (BaselineStage.TAKEN, None)
    assert state.level == pytest.approx(-0.1)


def test_rows_are_what_a_detector_takes() -> None:
    drawn = ScaledActions(
        np.ones((2, 3), np.float32), np.zeros((2, 2), np.float32), np.full((2, 4), 7.0, np.float32)
    )
    assert drawn.rows(Rows.DEVIATES).shape == (2, 3)
    assert drawn.rows(Rows.WHITE).shape == (2, 2)
    assert drawn.rows(Rows.SKETCHES).shape == (2, 4)
    assert drawn.rows(Rows.DEVIATES_AND_SKETCHES)[0].tolist() == [1.0] * 3 + [7.0] * 4


def test_a_detector_with_a_context_is_asked_for_the_newest_action_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, ...]] = []

    def fold_scores(own: dict[str, np.ndarray], rows: np.ndarray, *first: int) -> np.ndarray:
        asked.append((len(rows), *first))
        return rows[first[0] if first else 0 :, :1] * np.ones(FOLDS, np.float32)

    monkeypatch.setattr("agent.engine.fusion.detector", lambda name: Detector(fold_scores, context=4))
    arrays = arrays_of(2)
    fusion, seen = Fusion(("knn",), arrays), seen_of(3, 9)
    assert fusion.context == 4
    newest = fusion.newest(seen)
    assert asked == [(4, 3)]
    calibration = np.split(arrays["calibration/knn"], [5, 9])
    assert newest == pytest.approx(1.7 * twin.calibrated(calibration, [float(seen.white[-1, 0])] * FOLDS))
    assert fusion.newest(seen[:2]) == pytest.approx(fusion.stream(seen, 9)[1])
    assert asked[1] == (2, 1)
