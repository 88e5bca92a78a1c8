"""Feature selection: features that separate one person from others and are stable over sessions.

Broad generation, then selection: a statistical test as filter, and two embedded methods (LASSO, decision trees), each
made session by session, so that a feature that speaks in one session alone does not survive. Without a cohort there is
nobody to be told from: then a feature survives if the owner's sessions agree on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import Lasso

from _fastfeat import SCHEMA, ActionKind
from agent.engine.transform import gaussianise
from enroll.cohort import CohortRows, evenly, people_of
from enroll.fit import transform
from enroll.sessions import HAND, SessionRows, select

LEVEL: Final = 0.01
STABLE_SHARE: Final = 0.5
# On deviates and classes of ±1: a feature must explain more than so much that the others do not.
PENALTY: Final = 0.02
# Of a feature's variance at most so much may lie between the owner's sessions.
MOST_BETWEEN: Final = 0.05

_MOST_ROWS: Final = 1_500
_LEAST_ROWS: Final = 40
_TREES: Final = 60
_PIECES: Final = 4
_SENSITIVE: Final = frozenset(f.name for f in SCHEMA if f.configuration_sensitive)

Floats = NDArray[np.float64]
Votes = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selection:
    """Selected features.

    Attributes
    ----------
    surviving : tuple of str
        In the schema's order.
    tested, lasso, trees : tuple of str
        What each method chose in at least half of the sessions; empty without a cohort.
    """

    surviving: tuple[str, ...]
    tested: tuple[str, ...] = ()
    lasso: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()

    @property
    def configuration_sensitive(self) -> tuple[str, ...]:
        """Surviving features that depend on the mouse as well as the hand."""
        return tuple(name for name in self.surviving if name in _SENSITIVE)


def selected(
    own: Sequence[SessionRows],
    cohort: CohortRows | None = None,
    candidates: Sequence[str] = HAND,
    *,
    seed: int = 0,
) -> Selection:
    """Select features for one user, from enrolment and cohort alone.

    Parameters
    ----------
    own : sequence of SessionRows
        The enrolment; a single session is cut in four.
    cohort : CohortRows, optional
        Other people's actions under the same mouse configuration.
    candidates : sequence of str
        What is chosen from; by default what tells the hand.
    seed : int
    """
    kinds = [int(kind) for kind in ActionKind]
    tables = [t for s in own if len(t := select(s.rows, candidates, kinds)) >= _LEAST_ROWS]
    if len(tables) < 2:
        whole = np.concatenate([select(s.rows, candidates, kinds) for s in own])
        tables = [t for t in np.array_split(whole, _PIECES) if len(t)]
    usable = transform.usable(np.concatenate(tables))
    names = tuple(n for n, keep in zip(candidates, usable, strict=True) if keep)
    scale = transform.fit(np.concatenate(tables)[:, usable])
    sessions = [gaussianise(scale, t[:, usable]).astype(np.float64) for t in tables]
    if cohort is None:
        return Selection(_named(names, _agreeing(sessions)))
    from_columns = [f.name for f in SCHEMA]
    columns = [from_columns.index(n) for n in names]
    crowd = evenly(people_of(cohort, columns, kinds), sum(map(len, tables)), seed)
    others = gaussianise(scale, crowd).astype(np.float64)
    tested, lasso, trees = _against(sessions, others, seed)
    chosen = tested & (lasso | trees)
    if not chosen.any():
        chosen = tested | lasso | trees
    by_vote = [_named(names, votes) for votes in (chosen if chosen.any() else ~chosen, tested, lasso, trees)]
    return Selection(*by_vote)


def _agreeing(sessions: Sequence[Floats]) -> Votes:
    """Features of whose variance little lies between sessions; all where that would leave none."""
    whole = np.concatenate(sessions)
    middle = whole.mean(axis=0)
    between = sum(len(s) * (s.mean(axis=0) - middle) ** 2 for s in sessions) / len(whole)
    votes: Votes = between <= MOST_BETWEEN * np.maximum(whole.var(axis=0), 1e-12)
    return votes if votes.any() else ~votes


def _against(sessions: Sequence[Floats], others: Floats, seed: int) -> tuple[Votes, Votes, Votes]:
    """By test, LASSO and trees: what was chosen in at least half of the sessions, each against the cohort."""
    rng = np.random.default_rng(seed)
    crowd = others[rng.permutation(len(others))[:_MOST_ROWS]]
    rounds = []
    for number, session in enumerate(sessions):
        rows = session[rng.permutation(len(session))[:_MOST_ROWS]]
        both, classes = np.concatenate((crowd, rows)), np.repeat([0, 1], [len(crowd), len(rows)])
        p = np.asarray(mannwhitneyu(rows, crowd, axis=0).pvalue)
        share = np.where(classes == 1, 0.5 / len(rows), 0.5 / len(crowd)) * len(classes)
        lasso = Lasso(alpha=PENALTY).fit(both, 2.0 * classes - 1.0, sample_weight=share)
        forest = ExtraTreesClassifier(
            _TREES, min_samples_leaf=5, class_weight="balanced", random_state=seed + number
        ).fit(both, classes)
        weight = forest.feature_importances_
        rounds.append((p < LEVEL / both.shape[1], lasso.coef_ != 0.0, weight > weight.mean()))
    tested, lassoed, grown = (np.mean(votes, axis=0) >= STABLE_SHARE for votes in zip(*rounds, strict=True))
    return tested, lassoed, grown


def _named(names: Sequence[str], votes: Votes) -> tuple[str, ...]:
    return tuple(n for n, chosen in zip(names, votes, strict=True) if chosen)
