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
class Person:
    """One account's figures; counts are None without single scores."""

    name: str
    auc: float | None
    matched_auc: float | None = None
    genuine: int | None = None
    impostors: int | None = None
    refused: int | None = None
    matched: int | None = None


def telling_apart(result: SessionsResult, scores: Sequence[Score] | None) -> Markup:
    """The section about one result, with curves where its single scores were given."""
    title = (
        f"How well people are told apart: {NAMES.get(result.protocol, result.protocol)}, {result.mode} data"
    )
    piece = f", the first {result.piece_seconds:g} s of each" if result.piece_seconds else ""
    about = (
        f"One decision for each of {result.sessions} sessions of {counted(result.users, 'account')}{piece}, all "
        f"accounts under one limit. The agent decides otherwise: it adds evidence up while people work."
    )
    parts = [paragraph(about, "under")]
    if result.closed_set:
        parts.append(
            paragraph(
                "Closed-set: the impostors are among the nine people that the cohort was learnt from, so these figures "
                "flatter. They are here to be compared with the literature, not to decide by.",
                "verdict wait",
            )
        )
    parts.append(_figures(result, scores))
    if scores:
        parts += _pictures(scores)
    return section(title, *parts, *_people_part(people(result, scores)))


def people(result: SessionsResult, scores: Sequence[Score] | None) -> list[Person]:
    """Everybody's figures, worst first; people without an AUC come last."""
    if scores is None:
        told = [Person(name, value) for name, value in result.auc_per_user.items()]
    else:
        threshold = limit_at_far(scores)
        told = [_person(name, value, scores, threshold) for name, value in result.auc_per_user.items()]
    return sorted(told, key=lambda p: (p.auc is None, p.auc, p.name))


def limit_at_far(scores: Sequence[Score], most_far: float = 0.01) -> float:
    """The lowest threshold that lets at most so many impostors pass."""
    curve = error_curve(*split(scores))
    return float(curve.thresholds[np.argmax(curve.far <= most_far)])


def _person(name: str, value: float | None, scores: Sequence[Score], threshold: float) -> Person:
    own = [s for s in scores if s.account == name]
    bad, good = split(own)
    matched = split([s for s in own if s.is_matched])
    return Person(
        name,
        value,
        auc(*matched) if all(map(len, matched)) else None,
        len(good),
        len(bad),
        int((good < threshold).sum()),
        sum(map(len, matched)),
    )


def _figures(result: SessionsResult, scores: Sequence[Score] | None) -> Markup:
    interval = f" ({result.auc_ci95[0]:.3f} to {result.auc_ci95[1]:.3f})" if result.auc_ci95 else ""
    matched = split([s for s in scores or () if s.is_matched])
    matched_frr = frr_at_far(*matched, 0.01) if all(map(len, matched)) else None
    rows = [
        ("sessions", str(result.sessions), str(result.matched_sessions)),
        ("AUC (95 % over accounts and sessions)", number(result.auc) + interval, number(result.matched_auc)),
        ("equal error rate", percent(result.eer), percent(result.matched_eer)),
        ("owners refused at FAR 1 %", percent(result.frr_at_far_1pct), percent(matched_frr)),
        ("AUC of the mouse alone, without the hand", number(result.device_only_auc), NOT_MEASURED),
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


def _people_part(told: list[Person]) -> list[Markup]:
    known = [(p.name, p.auc, p.matched_auc) for p in told if p.auc is not None]
    parts = [element("h3", "Person by person, worst first")]
    if not known:
        return [*parts, paragraph("No account has sessions of both kinds.", "quiet")]
    perfect = sum(1 for _, value, _ in known if value >= 1.0)
    said = f"{perfect} of {len(known)} people ({percent(perfect / len(known), 0)}) are never confused with anybody."
    counted_people = [p for p in told if p.refused is not None and p.genuine]
    if counted_people:
        free = sum(1 for p in counted_people if p.refused == 0)
        said += (
            f" At FAR 1 %, {free} of {len(counted_people)} ({percent(free / len(counted_people), 0)}) would never have "
            f"been refused in their own sessions."
        )
    legend = [("disc", "all sessions")]
    if any(matched is not None for *_, matched in known):
        legend.append(("diamond", "matched sessions"))
    picture = charts.figure(
        charts.people(known), "How well each person is told apart from the others.", *legend
    )
    return [*parts, paragraph(said), picture, _people_table(told)]


def _people_table(told: list[Person]) -> Markup:
    if all(p.genuine is None for p in told):
        rows: list[tuple[str, ...]] = [(p.name, number(p.auc)) for p in told]
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
        for p in told
    ]
    return table("Figures by person, worst first", head, rows, worst_first=True)
