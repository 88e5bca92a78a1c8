"""The first thing that is read: what switching locking on would cost, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from enroll.report import rates
from enroll.report.blocks import Tile, bullets, section, tiles
from enroll.report.fleet import Fleet, cost_sentence
from enroll.report.markup import Markup, element
from enroll.report.results import Detection, Result, SessionsResult, StreamResult
from enroll.report.words import NOT_MEASURED, about, counted, lasting, number, one_in, percent, short

NAMES = {"balabit": "Balabit", "sapimouse": "SapiMouse"}
ZERO_EFFORT = (
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
    shown = _stream_tiles(streams[0]) if streams else []
    shown += _session_tiles(sessions[0]) if sessions else []
    unknown = element("h3", "What is not known")
    return section(
        "In short", verdict, tiles(shown), unknown, bullets(_unknown(streams, sessions)), ident="in-short"
    )


def advise(stream: StreamResult) -> Advice:
    """Whether the asked rate of false locks was kept, was not, or cannot be told from so few hours."""
    asked, hours = stream.asked_per_40h, stream.active_hours
    expected = asked * hours / rates.HOURS_ASKED
    chance = rates.chance_of_so_many(stream.false_locks, expected)
    most = rates.most_per_40h(stream.false_locks, hours)
    seen = f"{counted(stream.false_locks, 'false lock')} in {hours:.1f} active hours"
    if chance < 0.05:
        return Advice(
            "bad",
            "Leave locking off: owners were locked out more often than asked",
            f"Asked was {_rate(asked)}. {_capital(seen)} are {_rate(stream.false_locks_per_40h)}; if what was "
            f"asked held, so many would be seen by chance: {one_in(chance)}.",
        )
    if most > asked:
        return Advice(
            "wait",
            "Shadow mode first: the asked rate is neither refuted nor shown",
            f"{_capital(seen)} fit what was asked ({_rate(asked)}), but so few hours cannot exclude "
            f"{_rate(most)}. To show it takes {short(rates.hours_needed(asked))} active hours without any.",
        )
    return Advice(
        "good",
        "The asked rate of false locks was kept",
        f"Asked was {_rate(asked)}; {seen} mean at most {_rate(most)} (95 %). Weigh it against the "
        f"intruders that are found late or never, below.",
    )


def _without_stream() -> Advice:
    return Advice(
        "wait",
        "Not enough to decide on locking",
        "These results judge single sessions: they say how well people can be told apart, but not how often "
        "owners would be locked out in a week, nor how soon an intruder is found. Add the result of "
        "steadyhand-enroll evaluate stream; until then, shadow mode.",
    )


def _stream_tiles(stream: StreamResult) -> list[Tile]:
    most = rates.per_week(rates.most_per_40h(stream.false_locks, stream.active_hours))
    asked = rates.per_week(stream.asked_per_40h)
    every, matched = stream.every, stream.matched
    return [
        Tile(
            "False locks per 1,000 people and week, 40 active hours each",
            about(rates.per_week(stream.false_locks_per_40h)).replace("about ", "≈ "),
            f"asked: {short(asked)}; with 95 % confidence at most {short(float(f'{most:.2g}'))}",
        ),
        _free_tile(stream),
        Tile(
            "Half of all intrusions are found within",
            lasting(every.seconds_median, "more than all"),
            f"{_actions(every.actions_median)}; same kind of mouse: {_found(matched)}",
        ),
        Tile(
            "Intrusions caught at all",
            percent(every.share, 0),
            f"same kind of mouse as the owner's: {percent(matched.share, 0)}",
        ),
        Tile(
            "Not yet found after 5 minutes",
            percent(every.undetected_after_5min, 0),
            f"after 15 minutes: {percent(every.undetected_after_15min, 0)}{_matched_late(matched)}",
        ),
        Tile(
            "Owner-intruder pairs never caught",
            f"{every.pairs_never_caught} of {every.pairs}",
            "to these intruders, the computer of that owner is open",
        ),
    ]


def _found(matched: Detection) -> str:
    """Time and actions until half are found, where half are."""
    if matched.seconds_median is None:
        return "never half of them"
    return f"{lasting(matched.seconds_median, 'never')}, {_actions(matched.actions_median)}"


def _matched_late(matched: Detection) -> str:
    if matched.undetected_after_5min is None:
        return ""
    late = percent(matched.undetected_after_15min, 0)
    return f"; same kind of mouse: {percent(matched.undetected_after_5min, 0)}, {late}"


def _free_tile(stream: StreamResult) -> Tile:
    counts = {name: n for name, n in stream.false_locks_per_user.items() if n is not None}
    if not counts:
        return Tile("People without any false lock", NOT_MEASURED, "no figures for single people")
    free = sum(1 for n in counts.values() if n == 0)
    worst = max(counts, key=lambda name: counts[name])
    most = f"{worst} had {counted(counts[worst], 'false lock')}" if counts[worst] else "nobody had one"
    return Tile("People without any false lock", f"{free} of {len(counts)}", most)


def _session_tiles(sessions: SessionsResult) -> list[Tile]:
    name = f"{NAMES.get(sessions.protocol, sessions.protocol)}, {sessions.mode} data"
    areas = [(v, k) for k, v in sessions.auc_per_user.items() if v is not None]
    worst = f"{min(areas)[0]:.3f} ({min(areas)[1]})" if areas else NOT_MEASURED
    return [
        Tile(
            f"Owner ranked above intruder (AUC; {name})",
            number(sessions.auc),
            f"same kind of mouse: {number(sessions.matched_auc)}; worst of "
            f"{counted(sessions.users, 'person', 'people')}: {worst}",
        ),
        Tile(
            "Equal error rate of one decision a session",
            percent(sessions.eer),
            f"same kind of mouse: {percent(sessions.matched_eer)}",
        ),
        Tile(
            "Owners refused if 1 in 100 intruders may pass",
            percent(sessions.frr_at_far_1pct, 0),
            "one decision a session (FRR at FAR 1 %)",
        ),
    ]


def _unknown(streams: list[StreamResult], sessions: list[SessionsResult]) -> list[str]:
    texts = [ZERO_EFFORT]
    if streams:
        hours = streams[0].active_hours
        texts.append(
            f"The rate of false locks rests on {hours:.1f} active hours of {len(streams[0].false_locks_per_user)} "
            f"people. Even without a single false lock, so many hours could not show a rate below "
            f"{short(rates.most_per_40h(0, hours))} per 40 hours (rule of three: 3 / hours)."
        )
    else:
        texts.append("What continuous use costs: no stream result was given.")
    texts.append(
        "How the figures hold over weeks and months: the sessions are undated. People, their mice and their "
        "work change; shadow mode shows how much."
    )
    if any(r.closed_set for r in sessions):
        texts.append(
            "The cohort figures are closed-set: the impostors were among the people it was learnt from."
        )
    return texts


def _rate(per_40h: float) -> str:
    return f"{short(float(f'{per_40h:.3g}'))} per 40 active hours"


def _actions(actions: float | None) -> str:
    return "never" if actions is None else counted(round(actions), "action")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
