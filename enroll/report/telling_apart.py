"""One decision a session: how well people can be told apart, by all and by each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enroll.metrics import auc, error_curve, frr_at_far
from enroll.report import charts, rates
from enroll.report.blocks import paragraph, section, table
from enroll.report.curves import banded_curve
from enroll.report.headline import NAMES
from enroll.report.markup import Markup, element
from enroll.report.results import SessionsResult
from enroll.report.scores import Score, by_account, split
from enroll.report.words import NOT_MEASURED, counted, number, percent


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
    title = f"How well people are told apart: {NAMES.get(sessions.protocol, sessions.protocol)}, {sessions.mode} data"
    piece = f", the first {sessions.piece_seconds:g} s of each" if sessions.piece_seconds else ""
    about = (
        f"One decision for each of {sessions.sessions} sessions of {counted(sessions.users, 'account')}{piece}, all "
        f"accounts under one limit. The agent decides otherwise: it adds evidence up while people work."
    )
    parts = [paragraph(about, "under")]
    if sessions.closed_set:
        parts.append(
            paragraph(
                "Closed-set: the impostors are among the nine people that the cohort was learnt from, so these figures "
                "flatter. They are here to be compared with the literature, not to decide by.",
                "verdict wait",
            )
        )
    parts.append(_figures(sessions, scores))
    if scores:
        parts += _pictures(scores)
    return section(title, *parts, *_people_part(people(sessions, scores)))


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
    interval = f" ({sessions.auc_ci95[0]:.3f} to {sessions.auc_ci95[1]:.3f})" if sessions.auc_ci95 else ""
    matched = split([s for s in scores or () if s.is_matched])
    matched_frr = frr_at_far(*matched, 0.01) if all(map(len, matched)) else None
    rows = [
        ("sessions", str(sessions.sessions), str(sessions.matched_sessions)),
        (
            "AUC (95 % over accounts and sessions)",
            number(sessions.auc) + interval,
            number(sessions.matched_auc),
        ),
        ("equal error rate", percent(sessions.eer), percent(sessions.matched_eer)),
        ("owners refused at FAR 1 %", percent(sessions.frr_at_far_1pct), percent(matched_frr)),
        ("AUC of the mouse alone, without the hand", number(sessions.device_only_auc), NOT_MEASURED),
    ]
    caption = (
        "Error rates. Matched leaves out sessions whose mouse reports at another rate than the account's: what is left "
        "is told by the hand alone."
    )
    return table(caption, ("", "all sessions", "matched"), rows)


def _pictures(scores: Sequence[Score]) -> list[Markup]:
    matched = [s for s in scores if s.is_matched]
    curves = [("all sessions", banded_curve(by_account(scores)))]
    if all(map(len, split(matched))):
        curves.append(("matched sessions", banded_curve(by_account(matched))))
    bad, good = split(scores)
    legend = [("plain", "all sessions"), ("band", "95 %, all"), ("matched", "matched sessions")]
    if len(curves) == 1:
        legend.pop()
    bound = percent(rates.most_share(0, len(bad)))
    return [
        element(
            "div",
            charts.figure(charts.roc(curves), "ROC: further up and left is better.", *legend),
            charts.figure(
                charts.det(curves),
                f"DET: further down and left is better. With {len(bad)} intruders' sessions, none accepted would still "
                f"only mean a FAR below {bound} (rule of three).",
                *legend,
            ),
            class_="pair",
        ),
        charts.figure(
            charts.score_histogram(bad, good, limit_at_far(scores)),
            "Scores of owners' sessions (above the line) and of intruders' (below). At most 1 in 100 intruders' "
            "sessions lies right of the dashed line; owners' sessions left of it would be refused.",
            ("genuine", f"{len(good)} owners' sessions"),
            ("impostor", f"{len(bad)} intruders' sessions"),
        ),
    ]


def _people_part(everybody: list[PersonFigures]) -> list[Markup]:
    known = [(p.name, p.auc, p.matched_auc) for p in everybody if p.auc is not None]
    parts = [element("h3", "Person by person, worst first")]
    if not known:
        return [*parts, paragraph("No account has sessions of both kinds.", "quiet")]
    perfect = sum(1 for _, area, _ in known if area >= 1.0)
    sentence = f"{perfect} of {len(known)} people ({percent(perfect / len(known), 0)}) are never confused with anybody."
    counted_people = [p for p in everybody if p.refused is not None and p.genuine]
    if counted_people:
        free = sum(1 for p in counted_people if p.refused == 0)
        sentence += (
            f" At FAR 1 %, {free} of {len(counted_people)} ({percent(free / len(counted_people), 0)}) would never have "
            f"been refused in their own sessions."
        )
    legend = [("disc", "all sessions")]
    if any(matched is not None for *_, matched in known):
        legend.append(("diamond", "matched sessions"))
    picture = charts.figure(
        charts.people(known), "How well each person is told apart from the others.", *legend
    )
    return [*parts, paragraph(sentence), picture, _people_table(everybody)]


def _people_table(everybody: list[PersonFigures]) -> Markup:
    if all(p.genuine is None for p in everybody):
        rows: list[tuple[str, ...]] = [(p.name, number(p.auc)) for p in everybody]
        return table("AUC by person, worst first", ("person", "AUC"), rows, worst_first=True)
    head = (
        "person",
        "AUC",
        "AUC, matched",
        "own sessions",
        "of them refused at FAR 1 %",
        "intruders'",
        "matched",
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
    return table("Figures by person, worst first", head, rows, worst_first=True)
