"""AUC of trials between people, for any weights of the people: what intervals over people need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

DRAWS: Final = 2_000
SEED: Final = 20_240_607


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Trials of one person's rows against another's enrolment.

    Attributes
    ----------
    owner, tester : ndarray of intp, shape (n,)
        The same person in a genuine trial.
    score : ndarray of float64, shape (n,)
        Higher = more genuine.
    """

    owner: Numbers
    tester: Numbers
    score: Floats

    @classmethod
    def of(cls, owner: int, tester: int, score: Floats) -> Trials:
        """Trials of one pair."""
        return cls(np.full(len(score), owner, np.intp), np.full(len(score), tester, np.intp), score)

    @classmethod
    def concat(cls, parts: Sequence[Trials]) -> Trials:
        """One set from several."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class PeopleAuc:
    """How often genuine trials of each owner beat impostor trials of each pair.

    Attributes
    ----------
    wins : ndarray, shape (people, people, people)
        For genuine trials of a, and impostor trials of tester t against owner o: `[a, o, t]`, ties half.
    genuine : ndarray, shape (people,)
        Genuine trials of each person.
    impostor : ndarray, shape (people, people)
        Impostor trials, `[o, t]`.
    """

    wins: Floats
    genuine: Floats
    impostor: Floats

    @classmethod
    def of(cls, trials: Trials, people: int) -> PeopleAuc:
        """Count."""
        own = trials.owner == trials.tester
        good, who = trials.score[own], trials.owner[own]
        wins, impostor = np.zeros((people, people, people)), np.zeros((people, people))
        bad, pair = trials.score[~own], trials.owner[~own] * people + trials.tester[~own]
        order = np.lexsort((bad, pair))
        starts = np.searchsorted(pair[order], np.arange(people * people + 1))
        for p in np.unique(pair):
            scores = bad[order][starts[p] : starts[p + 1]]
            beaten = np.searchsorted(scores, good, "left") + np.searchsorted(scores, good, "right")
            wins[:, p // people, p % people] = np.bincount(who, beaten / 2.0, minlength=people)
            impostor[p // people, p % people] = len(scores)
        return cls(wins, np.bincount(who, minlength=people).astype(np.float64), impostor)

    def weighted(self, weight: Floats, owners: Floats | None = None) -> float | None:
        """AUC where each person counts so often, in both roles; None without a class.

        Parameters
        ----------
        weight : ndarray, shape (people,)
        owners : ndarray, shape (people,), optional
            Weights as owners, where they differ.
        """
        own = weight if owners is None else owners
        pairs = float(own @ self.genuine) * float(own @ self.impostor @ weight)
        if pairs <= 0.0:
            return None
        return float(np.einsum("aot,a,o,t->", self.wins, own, own, weight, optimize=True)) / pairs

    def auc(self, owners: NDArray[np.bool_] | None = None) -> float | None:
        """AUC over everybody, or over the enrolments of some owners; None without a class."""
        everybody = np.ones(len(self.genuine))
        area = self.weighted(everybody, None if owners is None else owners.astype(np.float64))
        return None if area is None else round(area, 5)


def draws(people: int) -> Iterator[Floats]:
    """Weights of people, drawn as often as there are people with replacement: for intervals over people."""
    rng = np.random.default_rng(SEED)
    for _ in range(DRAWS):
        yield np.bincount(rng.integers(people, size=people), minlength=people).astype(np.float64)
