"""The whole report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.engine.errors import SteadyhandError
from enroll.report import charts
from enroll.report.blocks import bullets, paragraph, section, table
from enroll.report.costs import costs
from enroll.report.fleet import Fleet
from enroll.report.headline import ZERO_EFFORT, headline
from enroll.report.look import CSS
from enroll.report.markup import Markup, element, join
from enroll.report.movements import Drawn, movements, read_movements
from enroll.report.results import Result, SessionsResult, StreamResult, TransferResult, read_result
from enroll.report.scores import Score, belonging, read_scores
from enroll.report.shadow import ShadowFigures, read_shadow, shadow_section
from enroll.report.telling_apart import telling_apart
from enroll.report.trace import Trace, named_features, read_trace
from enroll.report.words import counted, lasting, number, percent
from enroll.sources.keys import NO_KEYS, SourceKeys

_TITLE = "Before locking is switched on"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a report is made from."""

    evaluations: tuple[Result, ...]
    scores: tuple[tuple[Score, ...], ...] = ()
    traces: tuple[Trace, ...] = ()
    movements: tuple[Drawn, ...] = ()
    shadow: ShadowFigures | None = None


def read_inputs(
    evaluation_files: Sequence[Path],
    scores: Sequence[Path] = (),
    owner_trace: Path | None = None,
    intruder_trace: Path | None = None,
    movements: Sequence[tuple[Path | None, bool]] = (),
    keys: SourceKeys = NO_KEYS,
    events: Sequence[Path] = (),
) -> Inputs:
    """Read and check every file.

    Raises
    ------
    SteadyhandError
        If a file is not what it must be, or a table of scores belongs to none of the results.
    """
    evaluations = tuple(read_result(path) for path in evaluation_files)
    tables = tuple(read_scores(path) for path in scores)
    sessions = [r for r in evaluations if isinstance(r, SessionsResult)]
    for path, scored in zip(scores, tables, strict=True):
        if not any(belonging(sessions_result, [scored]) for sessions_result in sessions):
            raise SteadyhandError(
                f"{path}: these scores belong to none of the results",
                "give the --json and the --scores of the same run",
            )
    pairs = ((owner_trace, True), (intruder_trace, False))
    traces = tuple(read_trace(path, is_owner=owner) for path, owner in pairs if path)
    drawn = tuple(read_movements(path, is_owner=owner, keys=keys) for path, owner in movements if path)
    return Inputs(evaluations, tables, traces, drawn, read_shadow(events))


def report(inputs: Inputs, made: datetime, fleet: Fleet) -> str:
    """The report as HTML.

    Parameters
    ----------
    inputs : Inputs
    made : datetime
        Shown as its date.
    fleet : Fleet
        Whom the cost of locking is told for.
    """
    parts = [headline(list(inputs.evaluations), fleet)]
    parts += [costs(r) for r in inputs.evaluations if isinstance(r, StreamResult)]
    if inputs.traces:
        parts.append(_traces(inputs.traces))
    if inputs.shadow is not None:
        parts.append(shadow_section(inputs.shadow))
    if inputs.movements:
        parts.append(movements(inputs.movements))
    for evaluation in inputs.evaluations:
        if isinstance(evaluation, SessionsResult):
            parts.append(telling_apart(evaluation, belonging(evaluation, inputs.scores)))
    parts += [_transfer(r) for r in inputs.evaluations if isinstance(r, TransferResult)]
    parts += [_silent(inputs), _words()]
    under = f"What Steadyhand's verification was measured to do, and not to do. Made on {made:%d %B %Y}."
    body = element(
        "main", element("h1", _TITLE), element("p", under, class_="under"), charts.hatching(), *parts
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{_TITLE} - Steadyhand"),
        # Style text is not escaped by browsers either.
        element("style", Markup(CSS)),
    )
    return join([Markup("<!DOCTYPE html>\n"), element("html", head, element("body", body), lang="en"), "\n"])


def _traces(traces: Sequence[Trace]) -> Markup:
    pictures, named = [], []
    for trace in traces:
        who = "the owner" if trace.is_owner else "an intruder"
        pictures.append(charts.figure(charts.trust(trace), f"While {who} works: {_end(trace)}"))
        features = [f"{name} ({percent(share, 0)})" for name, share in named_features(trace)]
        if features:
            named.append(f"Against {who}: " + "; ".join(features) + ".")
    parts = [element("div", *pictures, class_="pair")]
    if named:
        parts += [
            element("h3", "Which features carry the decision"),
            paragraph(
                "What judgements against the user named most often, and how many of them did. Names are those of the "
                "feature schema; higher and lower compare with the owner's usual values."
            ),
            bullets(named),
        ]
    about = (
        "Trust is 100 with nothing against the user, and 0 at the limit for locking. Examples, not a measure."
    )
    return section("Trust over time", paragraph(about, "under"), *parts)


def _end(trace: Trace) -> str:
    if not trace.locks:
        return f"no lock in {lasting(trace.moments[-1].t_s)}."
    if trace.is_owner:
        return f"{counted(len(trace.locks), 'false lock')} (crosses) in {lasting(trace.moments[-1].t_s)}."
    return f"the screen locks after {lasting(trace.locks[0].t_s)} (cross), and the picture ends."


def _transfer(transfer: TransferResult) -> Markup:
    rows = []
    for t in transfer.tables:
        span = (
            f" ({percent(t.recovered_ci95[0], 0)} to {percent(t.recovered_ci95[1], 0)})"
            if t.recovered_ci95
            else ""
        )
        rows.append(
            (
                t.name,
                f"{t.features_changed} of {t.features}",
                number(t.same_auc),
                number(t.cross_auc),
                number(t.cross_auc_normalised),
                percent(t.recovered_share, 0) + span,
            )
        )
    about = (
        "AUC enrolled and tested under the same mouse configuration, under another one, and under another one with "
        "normalised features. Recovered: how much of what the new mouse costs the normalising gives back (95 % over "
        "people). All of it is out of reach: each configuration was recorded in one go."
    )
    head = ("task", "features that change", "same mouse", "other mouse", "normalised", "recovered")
    parts = [table(about, head, rows)]
    if any(t.groups for t in transfer.tables):
        parts += [element("h3", "By age and sex"), _groups(transfer)]
    return section("When the mouse changes", *parts)


def _groups(transfer: TransferResult) -> Markup:
    areas = {(t.name, g.name): number(g.cross_auc_normalised) for t in transfer.tables for g in t.groups}
    people = {g.name: str(g.people) for t in transfer.tables for g in t.groups}
    rows = [
        (name, people[name], *(areas.get((t.name, name), "-") for t in transfer.tables)) for name in people
    ]
    about = (
        "AUC of each group's owners under another mouse configuration, normalised, by task. With so few people in a "
        "group, differences of some hundredths are chance."
    )
    return table(about, ("owners", "people", *(t.name for t in transfer.tables)), rows)


def _silent(inputs: Inputs) -> Markup:
    kinds = {type(evaluation) for evaluation in inputs.evaluations}
    texts = [
        ZERO_EFFORT,
        "Who the people are: only figures of another mouse can be split by age and sex, and people with a tremor, an "
        "injury or another pointing device than a mouse were not studied on their own.",
        "How errors fall with more hours of enrolment, and how they rise with months between enrolment and use.",
    ]
    missing = (
        (StreamResult, "False locks per week, time until an intruder is found: no stream result was given."),
        (TransferResult, "What a new mouse costs: no transfer result was given."),
        (SessionsResult, "Comparison with published figures: no balabit or sapimouse result was given."),
    )
    texts += [text for kind, text in missing if kind not in kinds]
    return section("What these figures do not say", bullets(texts))


def _words() -> Markup:
    rows = (
        ("false lock", "the screen locks while the owner works"),
        ("active hours", "time between actions at the mouse, pauses over a minute left out"),
        ("FAR, FRR", "share of intruders accepted; share of owners refused (ISO/IEC 19795-1)"),
        ("EER", "the error rate at the limit at which FAR and FRR are the same"),
        ("AUC", "chance that an owner's session scores above an intruder's: 1 is perfect, 0.5 is guessing"),
        ("matched", "recordings whose mice report at similar rates, so that the mouse gives nothing away"),
        ("action", "one movement, click, drag or turn of the wheel"),
        ("95 % interval", "sessions and people drawn anew 1,000 times and more; few people make it wide"),
    )
    return section("Words", table("What the words of this report mean", ("word", "meaning"), rows, text=True))
