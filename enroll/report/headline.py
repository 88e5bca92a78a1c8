"""The first thing that is read: what switching locking on would cost, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from agent.language.language import mark
from enroll.report import rates
from enroll.report.blocks import bullets, section, tiles
from enroll.report.fleet import Fleet, cost_sentence
from enroll.report.headline_tiles import session_tiles, stream_tiles
from enroll.report.markup import Markup, element
from enroll.report.results import Result, SessionsResult, StreamResult
from enroll.report.words import (
    counted,
    number,
    one_in,
    short,
    written,
)

ZERO_EFFORT = mark(
    "Intruders here are zero-effort: other people at their own work, not attackers who imitate the owner. "
    "Against somebody who tries to move like the owner, nothing here is evidence."
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the figures support: ``good``, ``wait`` or ``bad``, and the reason."""

    kind: str
    title: str
    reason: str


def headline(evaluations: list[Result], fleet: Fleet) -> Markup:
    """The advice, what locking would cost a fleet, the figures that matter most, and what is not known."""
    streams = [r for r in evaluations if isinstance(r, StreamResult)]
    sessions = [r for r in evaluations if isinstance(r, SessionsResult)]
    advice = advise(streams[0]) if streams else _without_stream()
    cost = [element("p", cost_sentence(streams[0], fleet))] if streams else []
    verdict = element(
        "div",
        element("strong", advice.title),
        *cost,
        element("p", advice.reason),
        class_=f"verdict {advice.kind}",
    )
    shown = stream_tiles(streams[0], fleet) if streams else []
    shown += session_tiles(sessions[0]) if sessions else []
    unknown = element("h3", written("What is not known"))
    return section(
        written("In short"),
        verdict,
        tiles(shown),
        unknown,
        bullets(_unknown(streams, sessions)),
        ident="in-short",
    )


def advise(stream: StreamResult) -> Advice:
    """Whether the asked rate of false locks was kept, was not, or cannot be told from so few hours."""
    asked, hours = stream.asked_per_40h, stream.active_hours
    expected = asked * hours / rates.HOURS_ASKED
    chance = rates.chance_of_so_many(stream.false_locks, expected)
    most = rates.most_per_40h(stream.false_locks, hours)
    seen = written(
        "{locks} in {hours} active hours",
        locks=counted("{n} false lock", "{n} false locks", stream.false_locks),
        hours=number(hours, 1),
    )
    if chance < 0.05:
        return _not_kept(stream, seen, chance)
    if most > asked:
        return _not_shown(asked, seen, most)
    reason = written(
        "Asked was {asked}; {seen} mean at most {most} (95 %). Weigh it against the intruders that are found late or "
        "never, below.",
        asked=_rate(asked),
        seen=seen,
        most=_rate(most),
    )
    return Advice("good", written("The asked rate of false locks was kept"), reason)


def _not_kept(stream: StreamResult, seen: str, chance: float) -> Advice:
    reason = written(
        "Asked was {asked}. Seen were {seen}, which is {rate}; if what was asked held, so many would be seen by "
        "chance: {chance}.",
        asked=_rate(stream.asked_per_40h),
        seen=seen,
        rate=_rate(stream.false_locks_per_40h),
        chance=one_in(chance),
    )
    title = written("Leave locking off: owners were locked out more often than asked")
    return Advice("bad", title, reason)


def _not_shown(asked: float, seen: str, most: float) -> Advice:
    reason = written(
        "Seen were {seen}. That fits what was asked ({asked}), but so few hours cannot exclude {most}. To show it "
        "takes {needed} active hours without any.",
        seen=seen,
        asked=_rate(asked),
        most=_rate(most),
        needed=short(rates.hours_needed(asked)),
    )
    title = written("Shadow mode first: the asked rate is neither refuted nor shown")
    return Advice("wait", title, reason)


def _without_stream() -> Advice:
    reason = written(
        "These results judge single sessions: they say how well people can be told apart, but not how often owners "
        "would be locked out in a week, nor how soon an intruder is found. Add the result of steadyhand-enroll "
        "evaluate stream; until then, shadow mode."
    )
    return Advice("wait", written("Not enough to decide on locking"), reason)


def _unknown(streams: list[StreamResult], sessions: list[SessionsResult]) -> list[str]:
    texts = [written(ZERO_EFFORT)]
    if streams:
        hours = streams[0].active_hours
        texts.append(
            written(
                "The rate of false locks rests on {hours} active hours of {people} people. Even without a single false "
                "lock, so many hours could not show a rate below {rate} per 40 hours (rule of three: 3 / hours).",
                hours=number(hours, 1),
                people=len(streams[0].false_locks_per_user),
                rate=short(rates.most_per_40h(0, hours)),
            )
        )
    else:
        texts.append(written("What continuous use costs: no stream result was given."))
    texts.append(
        written(
            "How the figures hold over weeks and months: the sessions are undated. People, their mice and their work "
            "change; shadow mode shows how much."
        )
    )
    if any(r.closed_set for r in sessions):
        texts.append(
            written(
                "The cohort figures are closed-set: the impostors were among the people it was learnt from."
            )
        )
    return texts


def _rate(per_40h: float) -> str:
    return written("{n} per 40 active hours", n=short(float(f"{per_40h:.3g}")))
