"""Continuous use: false locks asked and realised, and how soon intruders are found."""

from __future__ import annotations

from enroll.report import charts, rates
from enroll.report.blocks import paragraph, section, table
from enroll.report.markup import Markup, element
from enroll.report.results import Detection, StreamResult
from enroll.report.words import NOT_MEASURED, counted, lasting, number, one_in, percent, short

PREVALENCES = (0.1, 1.0, 10.0)
NEVER = "more than half never"


def costs(result: StreamResult) -> Markup:
    """The section about one stream result."""
    return section(
        f"What locking costs: hours of work, {result.mode} data",
        paragraph(
            f"{short(result.active_hours)} active hours ({short(result.genuine_actions)} actions) of "
            f"{counted(len(result.false_locks_per_user), 'person', 'people')} at work, and "
            f"{counted(result.every.intrusions, 'intrusion')} by others, as the agent would have judged them "
            f"(sessions: {result.folds}). Limits were set from enrolment data alone.",
            "under",
        ),
        _rates_table(result),
        *_calibration(result),
        _curves(result),
        element("h3", "How soon intruders are found"),
        _detection_table(result),
        element("h3", "Who bears the false locks"),
        *_bearers(result),
        element("h3", "How many locks would be right"),
        *_precision(result),
    )


def _rates_table(result: StreamResult) -> Markup:
    low, high = rates.interval_per_40h(result.false_locks, result.active_hours)
    most = rates.most_per_40h(result.false_locks, result.active_hours)
    rows = [
        ("asked", short(result.asked_per_40h), short(rates.per_week(result.asked_per_40h))),
        (
            "realised",
            number(result.false_locks_per_40h, 2),
            short(rates.per_week(result.false_locks_per_40h)),
        ),
        ("realised, 95 % interval", f"{low:.2f} to {high:.2f}", _span(low, high)),
        ("upper bound (one-sided 95 %)", number(most, 2), short(rates.per_week(most))),
    ]
    caption = (
        f"False locks: {counted(result.false_locks, 'lock')} in {short(result.active_hours)} active hours. "
        f"Actions between two, on average (ANGA): {short(result.anga_actions)}. Without evidence: "
        f"{percent(result.no_evidence_share)} of the time. Sessions exempt as an unknown mouse: "
        f"{result.unknown_configuration_sessions}."
    )
    return table(caption, ("", "per 40 active hours", "per 1,000 people and week"), rows)


def _calibration(result: StreamResult) -> list[Markup]:
    if result.ks_median is None:
        return []
    told = (
        f"Is the owner's scale right on new sessions? Their p-values should be uniform; the largest gap between their "
        f"distribution and that (Kolmogorov-Smirnov) is {number(result.ks_median, 2)} in the median session and "
        f"{number(result.ks_worst, 2)} in the worst. One action's evidence costs {number(result.cllr_action, 2)} bits "
        "(Cllr: 0 says everything, 1 nothing, more than 1 misleads)."
    )
    return [paragraph(told, "under")]


def _curves(result: StreamResult) -> Markup:
    if not result.curve:
        return paragraph("Only one limit was tried: there is no curve.", "quiet")
    counts = [round(p.false_locks_per_40h * result.active_hours / rates.HOURS_ASKED) for p in result.curve]
    bounds = [rates.interval_per_40h(count, result.active_hours) for count in counts]
    pictures = [
        charts.figure(
            charts.asked_and_realised(result, bounds),
            "Realised over asked false locks, with 95 % intervals. Above the dotted line owners are locked out more "
            "often than asked.",
        )
    ]
    if any(p.matched_caught_share is not None for p in result.curve):
        pictures.append(
            charts.figure(
                charts.caught_by_rate(result.curve),
                "What a stricter or looser limit buys: intruders with the owner's kind of mouse caught within 300 "
                "actions.",
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
        for p, (low, high) in zip(result.curve, bounds, strict=True)
    ]
    head = ("asked per 40 h", "realised", "95 % interval", "matched caught", "median actions until found")
    return element(
        "div", element("div", *pictures, class_="pair"), table("The same limits as a table", head, rows)
    )


def _detection_table(result: StreamResult) -> Markup:
    every, matched = result.every, result.matched
    rows = [
        (name, told(every), told(matched))
        for name, told in (
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
    rows.append(("found by behaviour / as an unknown mouse", _ways(result), "by behaviour alone"))
    caption = (
        "Detection. Matched: the intruder's mouse reports at the owner's rate, so only the hand can give "
        "intruders away, as at an unlocked computer with its own mouse: this is the column to decide by."
    )
    return table(caption, ("", "all intrusions", "matched"), rows)


def _bearers(result: StreamResult) -> list[Markup]:
    counts = sorted(
        ((name, n) for name, n in result.false_locks_per_user.items() if n is not None),
        key=lambda pair: (-pair[1], pair[0]),
    )
    if not counts:
        return [paragraph("No figures for single people were given.", "quiet")]
    total = sum(n for _, n in counts)
    free = sum(1 for _, n in counts if n == 0)
    rows = [(name, short(n), percent(n / total, 0) if total else "-") for name, n in counts]
    said = (
        f"{free} of {counted(len(counts), 'person', 'people')} ({percent(free / len(counts), 0)}) had none; "
        f"{counts[0][0]} had the most, {short(counts[0][1])}.{_session(result)} "
        "Where none was seen, a rate is bounded, not zero: over H hours by 3/H."
    )
    return [
        paragraph(said),
        table(
            "False locks by person, worst first",
            ("person", "false locks", "share of all"),
            rows,
            worst_first=total > 0,
        ),
    ]


def _session(result: StreamResult) -> str:
    worst = result.false_locks_worst_session
    return "" if worst is None else f" The worst single session had {counted(worst, 'false lock')}."


def _precision(result: StreamResult) -> list[Markup]:
    weekly = rates.per_week(result.false_locks_per_40h)
    rows = []
    for intrusions in PREVALENCES:
        plain, matched = (
            rates.precision(d.share, intrusions, weekly) for d in (result.every, result.matched)
        )
        rows.append((f"{short(intrusions)} intrusions", _right(plain), _right(matched)))
    said = (
        "Of all locks, the share that hits an intruder depends on how often anybody takes over an unlocked computer. "
        "Nobody knows that for your house, so here are three assumptions."
    )
    head = ("assumed per 1,000 people and week", "locks that are right, all", "matched")
    return [paragraph(said), table("Precision of locks at a stated prevalence", head, rows)]


def _right(share: float | None) -> str:
    if share is None:
        return NOT_MEASURED
    return percent(share) if share >= 0.1 else one_in(share)


def _span(low: float, high: float) -> str:
    return f"{short(rates.per_week(low))} to {short(rates.per_week(high))}"


def _ways(result: StreamResult) -> str:
    return f"{result.caught_by_behaviour} / {result.caught_by_configuration}"


def _pairs(found: Detection) -> str:
    if not found.pairs or found.pairs_never_caught is None:
        return NOT_MEASURED
    return (
        f"{found.pairs_never_caught} of {found.pairs} ({percent(found.pairs_never_caught / found.pairs, 0)})"
    )


def _slow(found: Detection) -> str:
    return "never" if found.actions_p90 is None else counted(round(found.actions_p90), "action")


def _actions(actions: float | None) -> str:
    return NEVER if actions is None else short(round(actions))
