"""Continuous use: false locks asked and realised, and how soon intruders are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.language.language import mark
from enroll.report import charts, rate_charts, rates
from enroll.report.blocks import paragraph, section, table
from enroll.report.cost_bearers import bearers, locks_that_are_right
from enroll.report.fleet import Fleet
from enroll.report.markup import Markup, element
from enroll.report.reliability import pooled, reliability_diagram, reliability_table
from enroll.report.results import Detection, StreamResult
from enroll.report.words import (
    FOLDS,
    MODES,
    counted,
    lasting,
    not_measured,
    number,
    percent,
    short,
    written,
)

NEVER = mark("more than half never")
_SAYS = mark(
    "How probable a lock says it is, and how probable it was, with intrusions as rare as policy takes them to be. "
    "Below the dotted line it says too much."
)


def costs(stream: StreamResult, fleet: Fleet) -> Markup:
    """The section about one stream result, and what it means for `fleet`."""
    mode = written(MODES.get(stream.mode, stream.mode))
    people = counted("{n} person", "{n} people", len(stream.false_locks_per_user))
    who = {"hours": short(stream.active_hours), "people": people}
    about = written(
        "{hours} active hours ({actions} actions) of {people} at work, and {intrusions} by others, as the agent would "
        "have judged them (sessions: {folds}). Limits were set from enrolment data alone.",
        actions=short(stream.genuine_actions),
        **who,
        intrusions=counted("{n} intrusion", "{n} intrusions", stream.every.intrusions),
        folds=written(FOLDS.get(stream.folds, stream.folds)),
    )
    return section(
        written("What locking costs: {hours} hours of work of {people}, {mode} data", mode=mode, **who),
        paragraph(about, "under"),
        _rates_table(stream, fleet),
        *_calibration(stream),
        _curves(stream),
        element("h3", written("How soon intruders are found")),
        _detection_table(stream),
        element("h3", written("Who bears the false locks")),
        *bearers(stream),
        element("h3", written("How many locks would be right")),
        *locks_that_are_right(stream),
    )


def reliability_together(streams: Sequence[StreamResult]) -> list[Markup]:
    """The section on how probable a lock was over all results together, for each mode that has two of them or more.

    Results by own data and with a cohort share their sessions, and those of the same people do: neither are pooled.
    """
    modes = dict.fromkeys(stream.mode for stream in streams)
    return [part for mode in modes for part in _together([s for s in streams if s.mode == mode])]


def _together(streams: Sequence[StreamResult]) -> list[Markup]:
    measured = _of_different_people([stream for stream in streams if stream.reliability])
    points = pooled([stream.reliability for stream in measured])
    if len(measured) < 2 or not points:
        return []
    about = written(
        "The counts of {n} results together ({mode} data, nobody twice), weighted to the prior. Points on the line are "
        "as probable as they say; the bars are 95 % intervals.",
        n=len(measured),
        mode=written(MODES.get(measured[0].mode, measured[0].mode)),
    )
    drawn = []
    if any(point.observed is not None for point in points):
        drawn = [element("div", charts.figure(reliability_diagram(points), written(_SAYS)), class_="single")]
    title = written("How probable a lock was, all results together")
    return [section(title, paragraph(about, "under"), *drawn, reliability_table(points))]


def _of_different_people(streams: Sequence[StreamResult]) -> list[StreamResult]:
    """One result for each group of people, that with the most hours; two data sets may both have a "user12"."""
    longest: dict[frozenset[str], StreamResult] = {}
    for stream in sorted(streams, key=lambda s: s.active_hours):
        longest[frozenset(stream.false_locks_per_user)] = stream
    return list(longest.values())


def _rates_table(stream: StreamResult, fleet: Fleet) -> Markup:
    low, high = rates.interval_per_40h(stream.false_locks, stream.active_hours)
    most = rates.most_per_40h(stream.false_locks, stream.active_hours)
    rates_by_name = (
        (written("asked"), short(stream.asked_per_40h), stream.asked_per_40h),
        (written("realised"), number(stream.false_locks_per_40h, 2), stream.false_locks_per_40h),
    )
    span = written("{low} to {high}", low=short(fleet.per_week(low)), high=short(fleet.per_week(high)))
    rows = [
        *((name, rate, short(fleet.per_week(per_40h))) for name, rate, per_40h in rates_by_name),
        (written("realised, 95 % interval"), _interval(low, high), span),
        (written("upper bound (one-sided 95 %)"), number(most, 2), short(fleet.per_week(most))),
    ]
    caption = written(
        "False locks: {locks} in {hours} active hours. Actions between two, on average (ANGA): {anga}. Without "
        "evidence: {share} of the time. Sessions exempt as an unknown mouse: {sessions}.",
        locks=counted("{n} lock", "{n} locks", stream.false_locks),
        hours=short(stream.active_hours),
        anga=short(stream.anga_actions),
        share=percent(stream.no_evidence_share),
        sessions=stream.unknown_configuration_sessions,
    )
    weekly = written("a week of {people}, {hours} active hours each", **fleet.named())
    return table(caption, ("", written("per 40 active hours"), weekly), rows)


def _interval(low: float, high: float) -> str:
    return written("{low} to {high}", low=number(low, 2), high=number(high, 2))


def _calibration(stream: StreamResult) -> list[Markup]:
    if stream.ks_median is None:
        return []
    text = written(
        "Is the owner's scale right on new sessions? Their p-values should be uniform; the largest gap between their "
        "distribution and that (Kolmogorov-Smirnov) is {median} in the median session and {worst} in the worst. One "
        "action's evidence costs {bits} bits (Cllr: 0 says everything, 1 nothing, more than 1 misleads).",
        median=number(stream.ks_median, 2),
        worst=number(stream.ks_worst, 2),
        bits=number(stream.cllr_action, 2),
    )
    return [paragraph(text, "under")]


def _curves(stream: StreamResult) -> Markup:
    if not stream.curve:
        return paragraph(written("Only one limit was tried: there is no curve."), "quiet")
    counts = [round(p.false_locks_per_40h * stream.active_hours / rates.HOURS_ASKED) for p in stream.curve]
    bounds = [rates.interval_per_40h(count, stream.active_hours) for count in counts]
    return element(
        "div",
        element("div", *_curve_pictures(stream, bounds), class_="pair"),
        _curve_table(stream, bounds),
        *([reliability_table(stream.reliability)] if stream.reliability else []),
    )


def _curve_pictures(stream: StreamResult, bounds: Sequence[tuple[float, float]]) -> list[Markup]:
    asked = written(
        "Realised over asked false locks, with 95 % intervals. Above the dotted line owners are locked out more often "
        "than asked."
    )
    pictures = [charts.figure(rate_charts.asked_and_realised(stream, bounds), asked)]
    if any(p.matched_caught_share is not None for p in stream.curve):
        buys = written(
            "What a stricter or looser limit buys: intruders with the owner's kind of mouse caught within 300 actions."
        )
        pictures.append(charts.figure(rate_charts.caught_by_rate(stream.curve), buys))
    if any(p.observed is not None for p in stream.reliability):
        pictures.append(charts.figure(reliability_diagram(stream.reliability), written(_SAYS)))
    return pictures


def _curve_table(stream: StreamResult, bounds: Sequence[tuple[float, float]]) -> Markup:
    rows = [
        (
            short(p.asked_per_40h),
            number(p.false_locks_per_40h, 2),
            _interval(low, high),
            percent(p.matched_caught_share),
            _actions(p.ania_actions_median),
        )
        for p, (low, high) in zip(stream.curve, bounds, strict=True)
    ]
    head = (
        written("asked per 40 h"),
        written("realised"),
        written("95 % interval"),
        written("matched caught"),
        written("median actions until found"),
    )
    return table(written("The same limits as a table"), head, rows)


def _detection_table(stream: StreamResult) -> Markup:
    every, matched = stream.every, stream.matched
    rows = [(name, wording(every), wording(matched)) for name, wording in _detection_rows()]
    ways = f"{stream.caught_by_behaviour} / {stream.caught_by_configuration}"
    rows.append((written("found by behaviour / as an unknown mouse"), ways, written("by behaviour alone")))
    caption = written(
        "Detection. Matched: the intruder's mouse reports at the owner's rate, so only the hand can give intruders "
        "away, as at an unlocked computer with its own mouse: this is the column to decide by."
    )
    return table(caption, ("", written("all intrusions"), written("matched")), rows)


def _detection_rows() -> tuple[tuple[str, Callable[[Detection], str]], ...]:
    """Each row's name, and how its figure is written."""
    return (
        (written("intrusions"), lambda d: short(d.intrusions)),
        (written("caught"), lambda d: f"{d.caught} ({percent(d.share)})"),
        (written("median time until found"), lambda d: lasting(d.seconds_median, NEVER)),
        (written("median actions until found"), lambda d: _actions(d.actions_median)),
        (written("9 in 10 found within"), _slow),
        (written("not found after 5 minutes"), lambda d: percent(d.undetected_after_5min)),
        (written("not found after 15 minutes"), lambda d: percent(d.undetected_after_15min)),
        (written("owner-intruder pairs never caught"), _pairs),
    )


def _pairs(detection: Detection) -> str:
    if not detection.pairs or detection.pairs_never_caught is None:
        return not_measured()
    return written(
        "{part} of {whole} ({share})",
        part=detection.pairs_never_caught,
        whole=detection.pairs,
        share=percent(detection.pairs_never_caught / detection.pairs, 0),
    )


def _slow(detection: Detection) -> str:
    if detection.actions_p90 is None:
        return written("never")
    return counted("{n} action", "{n} actions", round(detection.actions_p90))


def _actions(actions: float | None) -> str:
    return written(NEVER) if actions is None else short(round(actions))
