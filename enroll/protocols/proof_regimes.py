"""What a proof of identity opens: nothing but full trust, or a baseline of the day beside it (the agent's own way)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from _fastfeat import ActionRows
from agent.engine.day_baseline import BaselineStage, DayBaseline, Proof, advance, proven
from agent.engine.sequential_test import TrustState, Verdict, step
from enroll.fold_models import Model
from enroll.protocols.stream_judge import Guard, SequentialRule, detection, first_hit, hits
from enroll.protocols.stream_plan import counted
from enroll.protocols.stream_session import in_sequence
from enroll.score import StreamScore


class ProofRegime(Protocol):
    """How streams are judged between proofs."""

    @property
    def has_baseline(self) -> bool:
        """Whether a proof opens a baseline."""

    def locks(self, rows: ActionRows) -> list[int]:
        """Rows that lock; the owner proves identity before the first and after each."""

    def left_by(self, rows: ActionRows) -> Any:
        """Where the test stands after rows since a proof; None where they lock."""

    def continued(self, lead: ActionRows, state: Any, rows: ActionRows) -> float:
        """Counted actions until `rows` lock, that go on where `lead` left the test; infinite where they do not."""

    def from_proof(self, rows: ActionRows) -> float:
        """Counted actions until `rows` lock that begin right after a proof; infinite where they do not."""


@dataclass(frozen=True, slots=True, eq=False)
class PlainRegime:
    """A proof gives full trust and nothing else."""

    guard: Guard
    rule: SequentialRule
    has_baseline: bool = False

    def locks(self, rows: ActionRows) -> list[int]:
        """As `ProofRegime`."""
        (recording_hits,) = hits(self.guard.score, rows, [self.rule], self.guard.watch)
        return [hit.row for hit in recording_hits]

    def left_by(self, rows: ActionRows) -> TrustState | None:
        """As `ProofRegime`."""
        state, deviates = TrustState(), self.guard.score(rows)
        for i in np.flatnonzero(~np.isnan(deviates)).tolist():
            state = self._step(state, float(deviates[i]), int(rows.start_ns[i]))
        return None if state.verdict is Verdict.INTRUDER else state

    def continued(self, lead: ActionRows, state: TrustState, rows: ActionRows) -> float:
        """As `ProofRegime`."""
        joined = in_sequence((lead, rows))
        deviates, start_ns = self.guard.score(joined)[len(lead) :], joined.start_ns[len(lead) :]
        for i in np.flatnonzero(~np.isnan(deviates)).tolist():
            state = self._step(state, float(deviates[i]), int(start_ns[i]))
            if state.verdict is Verdict.INTRUDER:
                return counted_to(rows, i)
        return math.inf

    def from_proof(self, rows: ActionRows) -> float:
        """As `ProofRegime`."""
        hit = first_hit(self.guard.score(rows), rows, self.rule, self.guard.watch)
        return detection(rows, hit, is_matched=True)[0]

    def _step(self, state: TrustState, deviate: float, start_ns: int) -> TrustState:
        return step(state, deviate, self.rule.likelihood, start_ns, self.rule.limits)


@dataclass(frozen=True, slots=True, eq=False)
class ProvenState:
    """Where the test and the baseline stand."""

    state: TrustState = field(default_factory=TrustState)
    baseline: DayBaseline = field(default_factory=DayBaseline)


@dataclass(frozen=True, slots=True, eq=False)
class BaselineRegime:
    """A proof opens a baseline of the day (`agent.engine.day_baseline`)."""

    model: Model
    rule: SequentialRule
    has_baseline: bool = True

    def locks(self, rows: ActionRows) -> list[int]:
        """As `ProofRegime`."""
        rows_locked: list[int] = []
        before = ProvenState()
        begin = 0
        while begin < len(rows):
            score = StreamScore(self.model, rows[begin:])
            row, before = self._until_lock(score, self._proven(score, before), 0)
            if row is None:
                break
            rows_locked.append(begin + self._number(rows[begin:], row))
            begin = rows_locked[-1] + 1
        return rows_locked

    def left_by(self, rows: ActionRows) -> ProvenState | None:
        """As `ProofRegime`."""
        score = StreamScore(self.model, rows)
        row, state = self._until_lock(score, self._proven(score, ProvenState()), 0)
        return state if row is None else None

    def continued(self, lead: ActionRows, state: ProvenState, rows: ActionRows) -> float:
        """As `ProofRegime`."""
        joined = in_sequence((lead, rows))
        score = StreamScore(self.model, joined)
        first = int(np.isin(lead.kind, list(self.model.kinds)).sum())
        row, _ = self._until_lock(score, state, first)
        return math.inf if row is None else counted_to(rows, self._number(joined, row) - len(lead))

    def from_proof(self, rows: ActionRows) -> float:
        """As `ProofRegime`."""
        score = StreamScore(self.model, rows)
        row, _ = self._until_lock(score, self._proven(score, ProvenState()), 0)
        return math.inf if row is None else counted_to(rows, self._number(rows, row))

    def _proven(self, score: StreamScore, before: ProvenState) -> ProvenState:
        proof = Proof.UNLOCK if before.state.verdict is Verdict.INTRUDER else Proof.LOGIN
        t_ns = int(score.rows.start_ns[0]) if len(score.rows) else 0
        return ProvenState(*proven(proof, t_ns, before.state, before.baseline, score.spread))

    def _until_lock(self, score: StreamScore, now: ProvenState, first: int) -> tuple[int | None, ProvenState]:
        """The judged row that locks, from number `first` on, and where the test stands after it."""
        taken = now.baseline.stage is BaselineStage.TAKEN
        deviates = score.deviates_on(now.baseline) if taken else score.deviates
        likelihood, limits = self.rule.likelihood, self.rule.limits
        for i in range(first, len(score.rows)):
            action = score.action(i, deviates)
            now = ProvenState(*advance(now.state, now.baseline, action, likelihood, limits, score.spread))
            if now.baseline.stage is BaselineStage.TAKEN and not taken:
                taken, deviates = True, score.deviates_on(now.baseline)
            if now.state.verdict is Verdict.INTRUDER:
                return i, now
        return None, now

    def _number(self, rows: ActionRows, judged: int) -> int:
        """Number among all rows of the one that is number `judged` of those that are judged."""
        return int(np.flatnonzero(np.isin(rows.kind, list(self.model.kinds)))[judged])


def counted_to(rows: ActionRows, row: int) -> float:
    """Counted actions up to that row, it included; at least 1."""
    return float(max(1, int(counted(rows[: row + 1]).sum())))
