"""Streams around proofs of identity: who proves goes on at once; intruders come after the proof or in the middle.

All at the headline rate. Intruders are matched ones: with another mouse they would be found by the mouse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from _fastfeat import ActionRows
from agent.engine.windowing import WINDOW
from enroll.protocols.device import matched
from enroll.protocols.proof_records import (
    ProofRecord,
    ProvenSession,
    Tailgate,
    TakenSession,
    Takeover,
    WholeIntrusion,
)
from enroll.protocols.proof_regimes import BaselineRegime, PlainRegime, ProofRegime
from enroll.protocols.stream_judge import EndCause, Guard, SequentialRule, detection, first_hit, hits
from enroll.protocols.stream_plan import ASKED, HEADLINE, PIECE_ACTIONS, active_steps_s, counted, pieces
from enroll.protocols.stream_session import NO_REST_NS, StreamedSession

TAILGATE_ACTIONS: Final = (0, 30, 100, 400)
TAKEOVER_ACTIONS: Final = (200, 400, 800)

# Of the owner's last rows so many are looked at for the windows that an intruder's first actions share with them.
_LEAD_ROWS: Final = 2 * WINDOW


@dataclass(frozen=True, slots=True, eq=False)
class OwnerStretch:
    """The owner's actions since the last proof, and where they left the test.

    Attributes
    ----------
    session : str
    rows : ActionRows
    state : Any
        Of the regime.
    false_locks : int
        Since the login.
    following : ActionRows
        The owner's own next actions.
    """

    session: str
    rows: ActionRows
    state: Any
    false_locks: int
    following: ActionRows

    def until_lock(self, regime: ProofRegime, rows: ActionRows) -> float:
        """Counted actions of somebody who goes on here until the lock; infinite where there is none."""
        return regime.continued(self.rows[-_LEAD_ROWS:], self.state, rows)


Pieces = Sequence[tuple[str, ActionRows]]


def proof_records(
    guard: Guard, own: Sequence[StreamedSession], others: Sequence[StreamedSession]
) -> list[ProofRecord]:
    """Everything about proofs, of one fold: with baselines where the guard has a model, and without.

    Parameters
    ----------
    guard : Guard
    own : sequence of StreamedSession
        The owner's streamed sessions; intruders come into those under the enrolled mouse alone.
    others : sequence of StreamedSession
        Intruders' sessions; the matched ones are streamed.
    """
    rule = guard.rules[ASKED.index(HEADLINE)]
    genuine = [s for s in own if matched(guard.intervals_s, s.intervals_s)]
    matched_others = [s for s in others if matched(guard.intervals_s, s.intervals_s)]
    merged = [s.merged(NO_REST_NS).rows for s in matched_others]
    cut = [
        (s.account, rows) for s, whole in zip(matched_others, merged, strict=True) for rows in pieces(whole)
    ]
    records: list[ProofRecord] = [
        whole_intrusion(guard, session, whole, rule)
        for session, whole in zip(matched_others, merged, strict=True)
    ]
    regimes: list[ProofRegime] = [PlainRegime(guard, rule)]
    if guard.model is not None:
        regimes.append(BaselineRegime(guard.model, rule))
    for regime in regimes:
        records += [proven_session(guard, session, regime, rule) for session in own]
        for after in TAILGATE_ACTIONS:
            records += tailgates(guard.account, genuine, cut, after, regime)
        for after in TAKEOVER_ACTIONS:
            records += takeovers(guard.account, genuine, cut, after, regime)
    return records


def proven_session(
    guard: Guard, session: StreamedSession, regime: ProofRegime, rule: SequentialRule
) -> ProvenSession:
    """The owner proves identity after each lock and goes on with the next action; nothing is dropped.

    A session under another mouse counts until it is found to be so.
    """
    same = matched(guard.intervals_s, session.intervals_s)
    locks, active_s = 0, 0.0
    for rows in session.recordings:
        if not same:
            (ends,) = hits(guard.score, rows, [rule], guard.watch, most_unknown=1)
            if ends and ends[-1].sign is EndCause.UNKNOWN_MOUSE:
                rows = rows[: ends[-1].row + 1]
        locked = regime.locks(rows)
        if not same:
            # The action that shows the other mouse is no false lock.
            locked = [row for row in locked if row < len(rows) - 1]
        locks += len(locked)
        active_s += _judged_s(guard, rows, [0, *(row + 1 for row in locked)])
    return ProvenSession(guard.account, session.name, locks, active_s, regime.has_baseline)


def whole_intrusion(
    guard: Guard, session: StreamedSession, rows: ActionRows, rule: SequentialRule
) -> WholeIntrusion:
    """A whole session from the login on, until the lock or its end."""
    hit = first_hit(guard.score(rows), rows, rule, guard.watch)
    actions, seconds = detection(rows, hit, is_matched=True)
    is_caught = math.isfinite(actions)
    if not is_caught:
        actions = float(counted(rows).sum())
        seconds = float(rows.end_ns[-1] - rows.start_ns[0]) / 1e9 if len(rows) else 0.0
    return WholeIntrusion(guard.account, session.account, session.name, actions, seconds, is_caught)


def tailgates(
    account: str, genuine: Sequence[StreamedSession], cut: Pieces, after: int, regime: ProofRegime
) -> list[Tailgate]:
    """Every piece once, after so many of the owner's actions since a proof; the owner's sessions take turns."""
    if after == 0:
        at_once = [(who, regime.from_proof(rows)) for who, rows in cut]
    else:
        hosts = [s for session in genuine if (s := _after_proof(session, after, regime)) is not None]
        at_once = [
            (who, hosts[number % len(hosts)].until_lock(regime, rows))
            for number, (who, rows) in enumerate(cut if hosts else ())
        ]
    return [Tailgate(after, account, who, actions, regime.has_baseline) for who, actions in at_once]


def takeovers(
    account: str, genuine: Sequence[StreamedSession], cut: Pieces, after: int, regime: ProofRegime
) -> list[ProofRecord]:
    """Every piece once, after so many actions of a session of the owner; sessions that are long enough take turns."""
    hosts = [s for session in genuine if (s := _in_session(session, after, regime)) is not None]
    controls = [math.isfinite(host.until_lock(regime, host.following)) for host in hosts]
    has_baseline = regime.has_baseline
    records: list[ProofRecord] = [
        TakenSession(after, account, host.session, host.false_locks, has_baseline) for host in hosts
    ]
    for number, (who, rows) in enumerate(cut if hosts else ()):
        host, control = hosts[number % len(hosts)], controls[number % len(hosts)]
        actions = host.until_lock(regime, rows)
        records.append(Takeover(after, account, who, host.session, actions, control, has_baseline))
    return records


def _after_proof(session: StreamedSession, after: int, regime: ProofRegime) -> OwnerStretch | None:
    """The first stretch since a proof that has so many actions without a lock, cut there."""
    for rows in session.recordings:
        begins = [0, *(row + 1 for row in regime.locks(rows))]
        for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(rows)], strict=True)):
            stretch = _first_counted(rows[begin:end], after)
            state = None if stretch is None else regime.left_by(stretch)
            # The action that locks is not one after which the owner is still proven.
            if stretch is not None and state is not None:
                return OwnerStretch(session.name, stretch, state, number, rows[begin + len(stretch) :])
    return None


def _in_session(session: StreamedSession, after: int, regime: ProofRegime) -> OwnerStretch | None:
    """The session up to so many actions since its login, in the first recording that has a piece more than that."""
    for rows in session.recordings:
        before, whole = _first_counted(rows, after), _first_counted(rows, after + PIECE_ACTIONS)
        if before is None or whole is None:
            continue
        locked = regime.locks(before)
        stretch = before[locked[-1] + 1 :] if locked else before
        state = regime.left_by(stretch)
        if state is not None:
            return OwnerStretch(session.name, stretch, state, len(locked), whole[len(before) :])
    return None


def _first_counted(rows: ActionRows, actions: int) -> ActionRows | None:
    """The rows up to so many counted actions; None where there are fewer."""
    at = np.flatnonzero(counted(rows))
    return rows[: int(at[actions - 1]) + 1] if len(at) >= actions else None


def _judged_s(guard: Guard, rows: ActionRows, begins: Sequence[int]) -> float:
    """Active time whose actions were judged, each stretch since a proof by itself."""
    stretches = zip(begins, [*begins[1:], len(rows)], strict=True)
    evidence = [guard.score(rows[begin:])[: end - begin] for begin, end in stretches if end > begin]
    is_judged = ~np.isnan(np.concatenate(evidence)) if evidence else np.zeros(0, bool)
    return float(active_steps_s(rows)[is_judged[counted(rows)]].sum())
