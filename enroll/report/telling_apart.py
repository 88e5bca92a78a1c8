"""One decision a session: how well people can be told apart, by all and by each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enroll.metrics import auc, error_curve, frr_at_far
from enroll.report import charts, rates
from enroll.report.blocks import paragraph, section, table
from enroll.report.curves import banded_curve
from enroll.report.markup import Markup, element
from enroll.report.results import SessionsResult
from enroll.report.scores import Score, by_account, split
from enroll.report.words import MODES, NAMES, counted, not_measured, number, percent, short, written


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One account's figures; counts are None without single scores."""

    name: str
    auc: float | None
    matched_auc: float | None = None
    genuine: int | None = None
    impostors: int | None = None
    refused: int | None = None
    matched: int | None = None


def telling_apart(sessions: SessionsResult, scores: Sequence[Score] | None) -> Markup:
    """The section about one result, with curves where its single scores were given."""
    mode = written(MODES.get(sessions.mode, sessions.mode))
    name = NAMES.get(sessions.protocol, sessions.protocol)
    title = written("How well people are told apart: {name}, {mode} data", name=name, mode=mode)
    parts = [paragraph(_about(sessions), "under")]
    if sessions.closed_set:
        warning = written(
            "Closed-set: the impostors are among the nine people that the cohort was learnt from, so these figures "
            "flatter. They are here to be compared with the literature, not to decide by."
        )
        parts.append(paragraph(warning, "verdict wait"))
    parts.append(_figures(sessions, scores))
    if scores:
        parts += _pictures(scores)
    return section(title, *parts, *_people_part(people(sessions, scores)))


def _about(sessions: SessionsResult) -> str:
    accounts = counted("{n} account", "{n} accounts", sessions.users)
    if sessions.piece_seconds:
        decision = written(
            "One decision for each of {sessions} sessions of {accounts}, the first {seconds} s of each, all accounts "
            "under one limit.",
            sessions=sessions.sessions,
            accounts=accounts,
            seconds=short(sessions.piece_seconds),
        )
    else:
        decision = written(
            "One decision for each of {sessions} sessions of {accounts}, all accounts under one limit.",
            sessions=sessions.sessions,
            accounts=accounts,
        )
    otherwise = written("The agent decides otherwise: it adds evidence up while people work.")
    return f"{decision} {otherwise}"


def people(sessions: SessionsResult, scores: Sequence[Score] | None) -> list[PersonFigures]:
    """Everybody's figures, worst first; people without an AUC come last."""
    if scores is None:
        figures = [PersonFigures(name, area) for name, area in sessions.auc_per_user.items()]
    else:
        threshold = limit_at_far(scores)
        figures = [_person(name, area, scores, threshold) for name, area in sessions.auc_per_user.items()]
    return sorted(figures, key=lambda p: (p.auc is None, p.auc, p.name))


def limit_at_far(scores: Sequence[Score], most_far: float = 0.01) -> float:
    """The lowest threshold that lets at most so many impostors pass."""
    curve = error_curve(*split(scores))
    return float(curve.thresholds[np.argmax(curve.far <= most_far)])


def _person(name: str, area: float | None, scores: Sequence[Score], threshold: float) -> PersonFigures:
    own = [s for s in scores if s.account == name]
    bad, good = split(own)
    matched = split([s for s in own if s.is_matched])
    return PersonFigures(
        name,
        area,
        auc(*matched) if all(map(len, matched)) else None,
        len(good),
        len(bad),
        int((good < threshold).sum()),
        sum(map(len, matched)),
    )


def _figures(sessions: SessionsResult, scores: Sequence[Score] | None) -> Markup:
    interval = ""
    if sessions.auc_ci95:
        low, high = map(number, sessions.auc_ci95)
        span = written("{low} to {high}", low=low, high=high)
        interval = f" ({span})"
    matched = split([s for s in scores or () if s.is_matched])
    matched_frr = frr_at_far(*matched, 0.01) if all(map(len, matched)) else None
    rows = [
        (written("sessions"), str(sessions.sessions), str(sessions.matched_sessions)),
        (
            written("AUC (95 % over accounts and sessions)"),
            number(sessions.auc) + interval,
            number(sessions.matched_auc),
        ),
        (written("equal error rate"), percent(sessions.eer), percent(sessions.matched_eer)),
        (written("owners refused at FAR 1 %"), percent(sessions.frr_at_far_1pct), percent(matched_frr)),
        (
            written("AUC of the mouse alone, without the hand"),
            number(sessions.device_only_auc),
            not_measured(),
        ),
    ]
    caption = written(
        "Error rates. Matched leaves out sessions whose mouse reports at another rate than the account's: what is left "
        "is told by the hand alone."
    )
    return table(caption, ("", written("all sessions"), written("matched")), rows)


def _pictures(scores: Sequence[Score]) -> list[Markup]:
    matched = [s for s in scores if s.is_matched]
    curves = [(written("all sessions"), banded_curve(by_account(scores)))]
    if all(map(len, split(matched))):
        curves.append((written("matched sessions"), banded_curve(by_account(matched))))
    bad, _ = split(scores)
    legend = [
        ("plain", written("all sessions")),
        ("band", written("95 %, all")),
        ("matched", written("matched sessions")),
    ]
    if len(curves) == 1:
        legend.pop()
    return [
        element(
            "div",
            charts.figure(charts.roc(curves), written("ROC: further up and left is better."), *legend),
            charts.figure(charts.det(curves), _det_caption(len(bad)), *legend),
            class_="pair",
        ),
        _histogram(scores),
    ]


def _det_caption(impostors: int) -> str:
    return written(
        "DET: further down and left is better. With {n} intruders' sessions, none accepted would still only mean a FAR "
        "below {bound} (rule of three).",
        n=impostors,
        bound=percent(rates.most_share(0, impostors)),
    )


def _histogram(scores: Sequence[Score]) -> Markup:
    bad, good = split(scores)
    caption = written(
        "Scores of owners' sessions (above the line) and of intruders' (below). At most 1 in 100 intruders' sessions "
        "lies right of the dashed line; owners' sessions left of it would be refused."
    )
    return charts.figure(
        charts.score_histogram(bad, good, limit_at_far(scores)),
        caption,
        ("genuine", written("{n} owners' sessions", n=len(good))),
        ("impostor", written("{n} intruders' sessions", n=len(bad))),
    )


def _people_part(everybody: list[PersonFigures]) -> list[Markup]:
    known = [(p.name, p.auc, p.matched_auc) for p in everybody if p.auc is not None]
    parts = [element("h3", written("Person by person, worst first"))]
    if not known:
        return [*parts, paragraph(written("No account has sessions of both kinds."), "quiet")]
    perfect = sum(1 for _, area, _ in known if area >= 1.0)
    sentence = written(
        "{part} of {people} ({share}) are never confused with anybody.",
        part=perfect,
        people=counted("{n} person", "{n} people", len(known)),
        share=percent(perfect / len(known), 0),
    )
    counted_people = [p for p in everybody if p.refused is not None and p.genuine]
    if counted_people:
        free = sum(1 for p in counted_people if p.refused == 0)
        sentence += " " + written(
            "At FAR 1 %, {part} of {whole} ({share}) would never have been refused in their own sessions.",
            part=free,
            whole=len(counted_people),
            share=percent(free / len(counted_people), 0),
        )
    legend = [("disc", written("all sessions"))]
    if any(matched is not None for *_, matched in known):
        legend.append(("diamond", written("matched sessions")))
    picture = charts.figure(
        charts.people(known), written("How well each person is told apart from the others."), *legend
    )
    return [*parts, paragraph(sentence), picture, _people_table(everybody)]


def _people_table(everybody: list[PersonFigures]) -> Markup:
    if all(p.genuine is None for p in everybody):
        rows: list[tuple[str, ...]] = [(p.name, number(p.auc)) for p in everybody]
        return table(
            written("AUC by person, worst first"), (written("person"), "AUC"), rows, worst_first=True
        )
    head = (
        written("person"),
        "AUC",
        written("AUC, matched"),
        written("own sessions"),
        written("of them refused at FAR 1 %"),
        written("intruders'"),
        written("matched"),
    )
    rows = [
        (
            p.name,
            number(p.auc),
            number(p.matched_auc),
            str(p.genuine),
            f"{p.refused} ({percent(p.refused / p.genuine, 0)})"
            if p.genuine and p.refused is not None
            else "-",
            str(p.impostors),
            str(p.matched),
        )
        for p in everybody
    ]
    return table(written("Figures by person, worst first"), head, rows, worst_first=True)
