"""Arrival: when the receiver has what an agent raised, through sleep, lost networks and a receiver that is down."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from agent.alerts.api import Record
from bench.fleet.agent_life import Raised, draw_identifier
from bench.fleet.happenings import Happening, History, Span

_FOREVER = float("inf")
_LONGEST_WAIT_S = 300.0
_TOOK_NETWORK = frozenset({Happening.SLEEP, Happening.SHUTDOWN, Happening.POWER_LOST, Happening.FREEZE})
_GAVE_NETWORK = frozenset({Happening.POWER_ON, Happening.WAKE, Happening.THAW})


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record at the receiver.

    Attributes
    ----------
    received_s : float
        True time.
    record : Record
    """

    received_s: float
    record: Record


def network_spans(history: History, receiver_down: Sequence[Span], random: Random) -> list[Span]:
    """When alerts get through, in order: awake, on the network, and with a receiver that is up.

    The network goes away up to 1.5 s after a computer begins to fall asleep, up to 5 s after it begins to shut down,
    and is there again 2 to 15 s after a start or wake.
    """
    spans: list[Span] = []
    begin_s: float | None = None
    for turn in history.turns:
        if turn.happening in _TOOK_NETWORK and begin_s is not None:
            linger_s = {Happening.SLEEP: 1.5, Happening.SHUTDOWN: 5.0}.get(turn.happening, 0.0)
            spans.append(Span(begin_s, turn.at_s + random.uniform(0.0, linger_s)))
            begin_s = None
        elif turn.happening in _GAVE_NETWORK and begin_s is None:
            begin_s = turn.at_s + random.uniform(2.0, 15.0)
    if begin_s is not None:
        spans.append(Span(begin_s, _FOREVER))
    for cut in (*history.offline, *receiver_down):
        spans = [part for span in spans for part in _without(span, cut)]
    return spans


def arrivals(
    raised: Iterable[Raised], spans: Sequence[Span], random: Random, *, has_relay: bool
) -> Iterator[Arrived]:
    """The records with the time at which the receiver has them; what never arrives is left out.

    Parameters
    ----------
    raised : iterable of Raised
    spans : sequence of Span
        See `network_spans`.
    random : Random
    has_relay : bool
        The relay's outbox is another account's: who erases the agent's state does not reach it.
    """
    ends = [span.end_s for span in spans]
    stream, sequence = draw_identifier(random), 0
    waiting: list[Arrived] = []
    latest_s = 0.0
    for raise_ in raised:
        if raise_.wipes and not has_relay:
            # What had not arrived when the state was erased never does.
            waiting = [arrived for arrived in waiting if arrived.received_s <= raise_.true_s]
            stream, sequence = draw_identifier(random), 0
        while waiting and waiting[0].received_s <= raise_.true_s:
            yield waiting.pop(0)
        sequence += 1
        latest_s = max(latest_s, _received_s(raise_.true_s, spans, ends, random))
        if latest_s < _FOREVER:
            waiting.append(Arrived(latest_s, Record(stream, sequence, raise_.alert)))
    yield from waiting


def _received_s(raised_s: float, spans: Sequence[Span], ends: Sequence[float], random: Random) -> float:
    takes_s = random.uniform(0.3, 1.2)
    for span in spans[bisect_right(ends, raised_s) :]:
        if span.begin_s <= raised_s:
            if raised_s + takes_s < span.end_s:
                return raised_s + takes_s
            continue
        # The longer it was away, the longer the agent waits until it tries again.
        wait_s = random.uniform(0.0, min(_LONGEST_WAIT_S, span.begin_s - raised_s))
        if span.begin_s + wait_s + takes_s < span.end_s:
            return span.begin_s + wait_s + takes_s
    return _FOREVER


def _without(span: Span, cut: Span) -> list[Span]:
    parts = (Span(span.begin_s, min(span.end_s, cut.begin_s)), Span(max(span.begin_s, cut.end_s), span.end_s))
    if cut.end_s <= span.begin_s or cut.begin_s >= span.end_s:
        return [span]
    return [part for part in parts if part.end_s > part.begin_s]
