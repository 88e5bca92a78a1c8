"""Continuous use: false locks asked and realised, and how soon intruders are found."""

from __future__ import annotations

from enroll.report import charts, rates
from enroll.report.blocks import paragraph, section, table
from enroll.report.markup import Markup, element
from enroll.report.reliability import reliability_diagram, reliability_table
from enroll.report.results import Detection, StreamResult
from enroll.report.words import NOT_MEASURED, counted, lasting, number, one_in, percent, short

PREVALENCES = (0.1, 1.0, 10.0)
NEVER = "more than half never"


def costs(stream: StreamResult) -> Markup:
    """The section about one stream result."""
    return section(
        f"What locking costs: hours of work, {stream.mode} data",
        paragraph(
            f"{short(stream.active_hours)} active hours ({short(stream.genuine_actions)} actions) of "
            f"{counted(len(stream.false_locks_per_user), 'person', 'people')} at work, and "
            f"{counted(stream.every.intrusions, 'intrusion')} by others, as the agent would have judged them "
            f"(sessions: {stream.folds}). Limits were set from enrolment data alone.",
            "under",
        ),
        _rates_table(stream),
        *_calibration(stream),
        _curves(stream),
        element("h3", "How soon intruders are found"),
        _detection_table(stream),
        element("h3", "Who bears the false locks"),
        *_bearers(stream),
        element("h3", "How many locks would be right"),
        *_precision(stream),
    )


def _rates_table(stream: StreamResult) -> Markup:
    low, high = rates.interval_per_40h(stream.false_locks, stream.active_hours)
    most = rates.most_per_40h(stream.false_locks, stream.active_hours)
    rows = [
        ("asked", short(stream.asked_per_40h), short(rates.per_week(stream.asked_per_40h))),
        (
            "realised",
            number(stream.false_locks_per_40h, 2),
            short(rates.per_week(stream.false_locks_per_40h)),
        ),
        ("realised, 95 % interval", f"{low:.2f} to {high:.2f}", _span(low, high)),
        ("upper bound (one-sided 95 %)", number(most, 2), short(rates.per_week(most))),
    ]
    caption = (
        f"False locks: {counted(stream.false_locks, 'lock')} in {short(stream.active_hours)} active hours. "
        f"Actions between two, on average (ANGA): {short(stream.anga_actions)}. Without evidence: "
        f"{percent(stream.no_evidence_share)} of the time. Sessions exempt as an unknown mouse: "
        f"{stream.unknown_configuration_sessions}."
    )
    return table(caption, ("", "per 40 active hours", "per 1,000 people and week"), rows)


def _calibration(stream: StreamResult) -> list[Markup]:
    if stream.ks_median is None:
        return []
    text = (
        f"Is the owner's scale right on new sessions? Their p-values should be uniform; the largest gap between their "
        f"distribution and that (Kolmogorov-Smirnov) is {number(stream.ks_median, 2)} in the median session and "
        f"{number(stream.ks_worst, 2)} in the worst. One action's evidence costs {number(stream.cllr_action, 2)} bits "
        "(Cllr: 0 says everything, 1 nothing, more than 1 misleads)."
    )
    return [paragraph(text, "under")]


def _curves(stream: StreamResult) -> Markup:
    if not stream.curve:
        return paragraph("Only one limit was tried: there is no curve.", "quiet")
    counts = [round(p.false_locks_per_40h * stream.active_hours / rates.HOURS_ASKED) for p in stream.curve]
    bounds = [rates.interval_per_40h(count, stream.active_hours) for count in counts]
    pictures = [
        charts.figure(
            charts.asked_and_realised(stream, bounds),
            "Realised over asked false locks, with 95 % intervals. Above the dotted line owners are locked out more "
            "often than asked.",
        )
    ]
    if any(p.matched_caught_share is not None for p in stream.curve):
        pictures.append(
            charts.figure(
                charts.caught_by_rate(stream.curve),
                "What a stricter or looser limit buys: intruders with the owner's kind of mouse caught within 300 "
                "actions.",
            )
        )
    if any(p.observed is not None for p in stream.reliability):
        pictures.append(
            charts.figure(
                reliability_diagram(stream.reliability),
                "How probable a lock says it is, and how probable it was, with intrusions as rare as policy takes them "
                "to be. Below the dotted line it says too much.",
            )
        )
    rows = [
        (
            short(p.asked_per_40h),
            number(p.false_locks_per_40h, 2),
            f"{low:.2f} to {high:.2f}",
            percent(p.matched_caught_share),
            _actions(p.ania_actions_median),
        )
        for p, (low, high) in zip(stream.curve, bounds, strict=True)
    ]
    head = ("asked per 40 h", "realised", "95 % interval", "matched caught", "median actions until found")
    return element(
        "div",
        element("div", *pictures, class_="pair"),
        table("The same limits as a table", head, rows),
        *([reliability_table(stream.reliability)] if stream.reliability else []),
    )


def _detection_table(stream: StreamResult) -> Markup:
    every, matched = stream.every, stream.matched
    rows = [
        (name, wording(every), wording(matched))
        for name, wording in (
            ("intrusions", lambda d: short(d.intrusions)),
            ("caught", lambda d: f"{d.caught} ({percent(d.share)})"),
            ("median time until found", lambda d: lasting(d.seconds_median, NEVER)),
            ("median actions until found", lambda d: _actions(d.actions_median)),
            ("9 in 10 found within", _slow),
            ("not found after 5 minutes", lambda d: percent(d.undetected_after_5min)),
            ("not found after 15 minutes", lambda d: percent(d.undetected_after_15min)),
            ("owner-intruder pairs never caught", _pairs),
        )
    ]
    rows.append(("found by behaviour / as an unknown mouse", _ways(stream), "by behaviour alone"))
    caption = (
        "Detection. Matched: the intruder's mouse reports at the owner's rate, so only the hand can give "
        "intruders away, as at an unlocked computer with its own mouse: this is the column to decide by."
    )
    return table(caption, ("", "all intrusions", "matched"), rows)


def _bearers(stream: StreamResult) -> list[Markup]:
    counts = sorted(
        ((name, n) for name, n in stream.false_locks_per_user.items() if n is not None),
        key=lambda pair: (-pair[1], pair[0]),
    )
    if not counts:
        return [paragraph("No figures for single people were given.", "quiet")]
    total = sum(n for _, n in counts)
    free = sum(1 for _, n in counts if n == 0)
    rows = [(name, short(n), percent(n / total, 0) if total else "-") for name, n in counts]
    sentence = (
        f"{free} of {counted(len(counts), 'person', 'people')} ({percent(free / len(counts), 0)}) had none; "
        f"{counts[0][0]} had the most, {short(counts[0][1])}.{_session(stream)} "
        "Where none was seen, a rate is bounded, not zero: over H hours by 3/H."
    )
    return [
        paragraph(sentence),
        table(
            "False locks by person, worst first",
            ("person", "false locks", "share of all"),
            rows,
            worst_first=total > 0,
        ),
    ]


def _session(stream: StreamResult) -> str:
    worst = stream.false_locks_worst_session
    return "" if worst is None else f" The worst single session had {counted(worst, 'false lock')}."


def _precision(stream: StreamResult) -> list[Markup]:
    weekly = rates.per_week(stream.false_locks_per_40h)
    rows = []
    for intrusions in PREVALENCES:
        plain, matched = (
            rates.precision(d.share, intrusions, weekly) for d in (stream.every, stream.matched)
        )
        rows.append((f"{short(intrusions)} intrusions", _right(plain), _right(matched)))
    sentence = (
        "Of all locks, the share that hits an intruder depends on how often anybody takes over an unlocked computer. "
        "Nobody knows that for your house, so here are three assumptions."
    )
    head = ("assumed per 1,000 people and week", "locks that are right, all", "matched")
    return [paragraph(sentence), table("Precision of locks at a stated prevalence", head, rows)]


def _right(share: float | None) -> str:
    if share is None:
        return NOT_MEASURED
    return percent(share) if share >= 0.1 else one_in(share)


def _span(low: float, high: float) -> str:
    return f"{short(rates.per_week(low))} to {short(rates.per_week(high))}"


def _ways(stream: StreamResult) -> str:
    return f"{stream.caught_by_behaviour} / {stream.caught_by_configuration}"


def _pairs(detection: Detection) -> str:
    if not detection.pairs or detection.pairs_never_caught is None:
        return NOT_MEASURED
    share = percent(detection.pairs_never_caught / detection.pairs, 0)
    return f"{detection.pairs_never_caught} of {detection.pairs} ({share})"


def _slow(detection: Detection) -> str:
    return "never" if detection.actions_p90 is None else counted(round(detection.actions_p90), "action")


def _actions(actions: float | None) -> str:
    return NEVER if actions is None else short(round(actions))
