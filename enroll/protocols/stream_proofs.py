"""Streams around proofs of identity: who proves goes on at once; intruders come after the proof or in the middle.

All at the headline rate. Intruders are matched ones: with another mouse they would be found by the mouse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from _fastfeat import ActionRows
from agent.engine.sequential_test import TrustState, Verdict, step
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
from enroll.protocols.stream_judge import EndCause, Guard, SequentialRule, detection, first_hit, hits
from enroll.protocols.stream_plan import ASKED, HEADLINE, PIECE_ACTIONS, active_steps_s, counted, pieces
from enroll.protocols.stream_session import NO_REST_NS, StreamedSession, in_sequence

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
    state : TrustState
    false_locks : int
        Since the login.
    following : ActionRows
        The owner's own next actions.
    """

    session: str
    rows: ActionRows
    state: TrustState
    false_locks: int
    following: ActionRows


def proof_records(
    guard: Guard, own: Sequence[StreamedSession], others: Sequence[StreamedSession]
) -> list[ProofRecord]:
    """Everything about proofs, of one fold.

    Parameters
    ----------
    guard : Guard
    own : sequence of StreamedSession
        The owner's streamed sessions; those under another mouse are left out.
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
    records: list[ProofRecord] = [proven_session(guard, session, rule) for session in genuine]
    records += [
        whole_intrusion(guard, session, whole, rule)
        for session, whole in zip(matched_others, merged, strict=True)
    ]
    for after in TAILGATE_ACTIONS:
        records += tailgates(guard, genuine, cut, after, rule)
    for after in TAKEOVER_ACTIONS:
        records += takeovers(guard, genuine, cut, after, rule)
    return records


def proven_session(guard: Guard, session: StreamedSession, rule: SequentialRule) -> ProvenSession:
    """The owner proves identity after each lock and goes on with the next action; nothing is dropped.

    A session under another mouse counts until it is found to be so.
    """
    same = matched(guard.intervals_s, session.intervals_s)
    locks, active_s = 0, 0.0
    for rows in session.recordings:
        (ends,) = hits(guard.score, rows, [rule], guard.watch, most_unknown=None if same else 1)
        if not same and ends and ends[-1].sign is EndCause.UNKNOWN_MOUSE:
            rows = rows[: ends.pop().row + 1]
        locks += len(ends)
        active_s += _judged_s(guard, rows, [0, *(hit.row + 1 for hit in ends)])
    return ProvenSession(guard.account, session.name, locks, active_s)


def proofs(guard: Guard, rows: ActionRows, rule: SequentialRule) -> list[int]:
    """Rows before which the owner proved identity: the first, and those after each lock."""
    (locks,) = hits(guard.score, rows, [rule], guard.watch)
    return [0, *(hit.row + 1 for hit in locks)]


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
    guard: Guard,
    genuine: Sequence[StreamedSession],
    cut: Sequence[tuple[str, ActionRows]],
    after: int,
    rule: SequentialRule,
) -> list[Tailgate]:
    """Every piece once, after so many of the owner's actions since a proof; the owner's sessions take turns."""
    if after == 0:
        return [Tailgate(0, guard.account, who, _from_login(guard, rows, rule)) for who, rows in cut]
    hosts = [s for session in genuine if (s := _after_proof(guard, session, after, rule)) is not None]
    if not hosts:
        return []
    return [
        Tailgate(after, guard.account, who, continued(guard, hosts[number % len(hosts)], rows, rule))
        for number, (who, rows) in enumerate(cut)
    ]


def takeovers(
    guard: Guard,
    genuine: Sequence[StreamedSession],
    cut: Sequence[tuple[str, ActionRows]],
    after: int,
    rule: SequentialRule,
) -> list[ProofRecord]:
    """Every piece once, after so many actions of a session of the owner; sessions that are long enough take turns."""
    hosts = [s for session in genuine if (s := _in_session(guard, session, after, rule)) is not None]
    if not hosts:
        return []
    controls = [math.isfinite(continued(guard, host, host.following, rule)) for host in hosts]
    records: list[ProofRecord] = [
        TakenSession(after, guard.account, host.session, host.false_locks) for host in hosts
    ]
    for number, (who, rows) in enumerate(cut):
        host, control = hosts[number % len(hosts)], controls[number % len(hosts)]
        actions = continued(guard, host, rows, rule)
        records.append(Takeover(after, guard.account, who, host.session, actions, control))
    return records


def continued(guard: Guard, host: OwnerStretch, rows: ActionRows, rule: SequentialRule) -> float:
    """Counted actions until the test that the owner's actions left locks; infinite where it does not."""
    lead = host.rows[-_LEAD_ROWS:]
    joined = in_sequence((lead, rows))
    deviates, start_ns = guard.score(joined)[len(lead) :], joined.start_ns[len(lead) :]
    state = host.state
    for i in np.flatnonzero(~np.isnan(deviates)).tolist():
        state = step(state, float(deviates[i]), rule.likelihood, int(start_ns[i]), rule.limits)
        if state.verdict is Verdict.INTRUDER:
            return float(max(1, int(counted(rows[: i + 1]).sum())))
    return math.inf


def _from_login(guard: Guard, rows: ActionRows, rule: SequentialRule) -> float:
    return detection(rows, first_hit(guard.score(rows), rows, rule, guard.watch), is_matched=True)[0]


def _after_proof(
    guard: Guard, session: StreamedSession, after: int, rule: SequentialRule
) -> OwnerStretch | None:
    """The first stretch since a proof that has so many actions without a lock, cut there."""
    for rows in session.recordings:
        begins = proofs(guard, rows, rule)
        for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(rows)], strict=True)):
            stretch = _first_counted(rows[begin:end], after)
            if stretch is None:
                continue
            state = _state_after(guard, stretch, rule)
            # The action that locks is not one after which the owner is still proven.
            if state.verdict is not Verdict.INTRUDER:
                return OwnerStretch(session.name, stretch, state, number, rows[begin + len(stretch) :])
    return None


def _in_session(
    guard: Guard, session: StreamedSession, after: int, rule: SequentialRule
) -> OwnerStretch | None:
    """The session up to so many actions since its login, in the first recording that has a piece more than that."""
    for rows in session.recordings:
        before = _first_counted(rows, after)
        whole = _first_counted(rows, after + PIECE_ACTIONS)
        if before is None or whole is None:
            continue
        begins = [begin for begin in proofs(guard, before, rule) if begin < len(before)]
        stretch = before[begins[-1] :] if begins else before[:0]
        state = _state_after(guard, stretch, rule)
        return OwnerStretch(session.name, stretch, state, len(begins) - 1, whole[len(before) :])
    return None


def _first_counted(rows: ActionRows, actions: int) -> ActionRows | None:
    """The rows up to so many counted actions; None where there are fewer."""
    at = np.flatnonzero(counted(rows))
    return rows[: int(at[actions - 1]) + 1] if len(at) >= actions else None


def _state_after(guard: Guard, rows: ActionRows, rule: SequentialRule) -> TrustState:
    """Where the test stands after the owner's actions since a proof."""
    state, deviates = TrustState(), guard.score(rows)
    for i in np.flatnonzero(~np.isnan(deviates)).tolist():
        state = step(state, float(deviates[i]), rule.likelihood, int(rows.start_ns[i]), rule.limits)
    return state


def _judged_s(guard: Guard, rows: ActionRows, begins: Sequence[int]) -> float:
    """Active time whose actions were judged, each stretch since a proof by itself."""
    stretches = zip(begins, [*begins[1:], len(rows)], strict=True)
    evidence = [guard.score(rows[begin:])[: end - begin] for begin, end in stretches if end > begin]
    is_judged = ~np.isnan(np.concatenate(evidence)) if evidence else np.zeros(0, bool)
    return float(active_steps_s(rows)[is_judged[counted(rows)]].sum())
