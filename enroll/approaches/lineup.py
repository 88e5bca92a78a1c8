"""Every approach fitted to one user, alone and beside the shipped fusion, with what each costs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from _fastfeat import SCHEMA, ActionRows
from agent.engine.detectors import DETECTORS
from agent.engine.errors import SteadyhandError
from agent.engine.fusion import Fusion, scaled
from agent.engine.windowing import WINDOW
from enroll.cohort import cohort_rows
from enroll.fold_models import Model
from enroll.protocols.learning import learn
from enroll.score import session_score, stream_deviates
from enroll.selection import selected
from enroll.sessions import HAND, SessionRows, select, sketches

SELECTED: Final = "selected"
APPROACHES: Final = (SELECTED, "rules", "autoencoder_narrow", "autoencoder", "lstm", "hmm", "image", "hybrid")
SHIPPED: Final = "shipped"
BESIDE: Final = "shipped + "

_TRIED: Final = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cost:
    """What an approach costs for one user.

    Attributes
    ----------
    train_cpu_s : float
        Seconds of processor time, whatever else the machine was doing.
    verdict_ms : float
        Median processor time to score the newest action, ms; the shipped detectors' where the name is theirs.
    profile_kb : float
        Its arrays and its calibration, kB.
    """

    train_cpu_s: float
    verdict_ms: float
    profile_kb: float


@dataclass(frozen=True, slots=True, eq=False)
class Lineup:
    """Models of one user by name: `shipped`, and each approach that could be fitted.

    Attributes
    ----------
    models : mapping of str to Model
    costs : mapping of str to Cost
    left_out : mapping of str to str
        Why an approach could not be fitted.
    surviving : tuple of str
        Features that selection kept, of all that are measured, those of the mouse among them.
    """

    models: Mapping[str, Model]
    costs: Mapping[str, Cost]
    left_out: Mapping[str, str]
    surviving: tuple[str, ...] = ()

    @property
    def variants(self) -> tuple[str, ...]:
        """Each model alone, then the shipped fusion with each approach beside it."""
        return (*self.models, *(BESIDE + name for name in self.models if name != SHIPPED))

    def session_scores(self, rows: ActionRows) -> dict[str, float]:
        """A session's score by every variant."""
        scores = {name: session_score(model, rows) for name, model in self.models.items()}
        return {v: float(self._combined(v, scores)) for v in self.variants}

    def stream(self, rows: ActionRows) -> dict[str, Floats]:
        """Deviates after each action, NaN where its kind is not judged, by every variant."""
        deviates = {}
        for name, model in self.models.items():
            deviates[name] = np.full(len(rows), np.nan)
            deviates[name][np.isin(rows.kind, list(model.kinds))] = stream_deviates(model, rows)
        return {v: np.asarray(self._combined(v, deviates)) for v in self.variants}

    def model(self, variant: str) -> Model:
        """The shipped model or an approach's, or the shipped one with the variant's out-of-session deviates."""
        if variant in self.models:
            return self.models[variant]
        name = variant.removeprefix(BESIDE)
        pairs = zip(self.models[SHIPPED].out_of_session, self.models[name].out_of_session, strict=True)
        own = [{SHIPPED: a, name: b} for a, b in pairs]
        combined = tuple(np.asarray(self._combined(variant, fold)) for fold in own)
        return replace(self.models[SHIPPED], out_of_session=combined)

    def _combined(self, variant: str, by_model: Mapping[str, Floats] | Mapping[str, float]) -> Floats | float:
        """An approach joins with weight 1, as every detector of actions."""
        if variant in self.models:
            return by_model[variant]
        fusion = self.models[SHIPPED]
        weight = float(np.linalg.norm([float(fusion.arrays[f"fusion/{n}"]) for n in fusion.detectors]))
        both = weight * by_model[SHIPPED] + by_model[variant.removeprefix(BESIDE)]
        return both / float(np.hypot(weight, 1.0))


def lineup(
    own: Sequence[SessionRows],
    cohort: Sequence[SessionRows] | None,
    approaches: Sequence[str] = APPROACHES,
) -> Lineup:
    """Fit everything to one user.

    Raises
    ------
    SteadyhandError
        If there is too little to learn from.
    """
    models, costs, left_out = {}, {}, {}
    surviving: tuple[str, ...] = ()
    for name in (SHIPPED, *approaches):
        begun = time.process_time()
        try:
            if name == SELECTED:
                models[name], surviving = _selected(own, cohort)
            else:
                models[name] = learn(own, cohort, None if name == SHIPPED else [name])
        except SteadyhandError as error:
            if name == SHIPPED:
                raise
            left_out[name] = str(error)
            continue
        costs[name] = _cost(models[name], own[0].rows, time.process_time() - begun)
    return Lineup(models, costs, left_out, surviving)


def _selected(
    own: Sequence[SessionRows], cohort: Sequence[SessionRows] | None
) -> tuple[Model, tuple[str, ...]]:
    """The shipped detectors on selected features of the hand; and what survived of all features."""
    everything = [f.name for f in SCHEMA if f.group != "frequency"]
    surviving = selected(own, None if cohort is None else cohort_rows(cohort), everything).surviving
    return learn(own, cohort, None, [name for name in surviving if name in HAND] or HAND), surviving


def _cost(model: Model, rows: ActionRows, train_cpu_s: float) -> Cost:
    fusion = Fusion(model.detectors, model.arrays)
    tried = rows[: WINDOW + _TRIED]
    drawn = sketches(tried, model.kinds)
    seen = scaled(fusion.transform, select(tried, model.features, model.kinds), drawn)
    times = []
    for end in range(min(WINDOW, len(seen.white)), len(seen.white) + 1):
        begun = time.thread_time()
        fusion.newest(seen[max(end - WINDOW, 0) : end])
        times.append(time.thread_time() - begun)
    parts = [n for n in model.detectors if n in DETECTORS or n == "window"]
    size = sum(
        array.nbytes
        for key, array in model.arrays.items()
        if key.split("/")[0] in parts or key in [f"calibration/{n}" for n in parts]
    )
    return Cost(train_cpu_s, 1e3 * float(np.median(times)), size / 1e3)
