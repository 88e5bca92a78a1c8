"""The whole report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.language.language import ENGLISH, Language, mark
from enroll.report import charts
from enroll.report.blocks import bullets, paragraph, section, table
from enroll.report.costs import costs, reliability_together
from enroll.report.drills import DrillFigures, drills_section, read_drill_events
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
from enroll.report.transfer_section import transfer_section
from enroll.report.words import (
    counted,
    day_in_words,
    language_code,
    lasting,
    percent,
    written,
    written_in,
)
from enroll.sources.keys import NO_KEYS, SourceKeys

_TITLE = mark("Before locking is switched on")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a report is made from."""

    evaluations: tuple[Result, ...]
    scores: tuple[tuple[Score, ...], ...] = ()
    traces: tuple[Trace, ...] = ()
    movements: tuple[Drawn, ...] = ()
    shadow: ShadowFigures | None = None
    drills: DrillFigures | None = None


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
    return Inputs(evaluations, tables, traces, drawn, read_shadow(events), read_drill_events(events))


def report(inputs: Inputs, made: datetime, fleet: Fleet, language: Language = ENGLISH) -> str:
    """The report as HTML.

    Parameters
    ----------
    inputs : Inputs
    made : datetime
        Shown as its date.
    fleet : Fleet
        Whom the cost of locking is told for.
    language : Language
    """
    with written_in(language):
        return _document(_parts(inputs, fleet), made)


def _parts(inputs: Inputs, fleet: Fleet) -> list[Markup]:
    """The sections, in order."""
    parts = [headline(list(inputs.evaluations), fleet)]
    parts += [costs(r, fleet) for r in inputs.evaluations if isinstance(r, StreamResult)]
    parts += reliability_together([r for r in inputs.evaluations if isinstance(r, StreamResult)])
    if inputs.traces:
        parts.append(_traces(inputs.traces))
    if inputs.shadow is not None:
        parts.append(shadow_section(inputs.shadow))
    if inputs.drills is not None:
        parts.append(drills_section(inputs.drills))
    if inputs.movements:
        parts.append(movements(inputs.movements))
    for evaluation in inputs.evaluations:
        if isinstance(evaluation, SessionsResult):
            parts.append(telling_apart(evaluation, belonging(evaluation, inputs.scores)))
    parts += [transfer_section(r) for r in inputs.evaluations if isinstance(r, TransferResult)]
    parts += [_silent(inputs), _words()]
    return parts


def _document(parts: Sequence[Markup], made: datetime) -> str:
    title = written(_TITLE)
    under = written(
        "What Steadyhand's verification was measured to do, and not to do. Made on {day}.",
        day=day_in_words(made.date()),
    )
    body = element(
        "main", element("h1", title), element("p", under, class_="under"), charts.hatching(), *parts
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title} - Steadyhand"),
        # Style text is not escaped by browsers either.
        element("style", Markup(CSS)),
    )
    page = element("html", head, element("body", body), lang=language_code())
    return join([Markup("<!DOCTYPE html>\n"), page, "\n"])


def _traces(traces: Sequence[Trace]) -> Markup:
    pictures, named = [], []
    for trace in traces:
        caption = (
            mark("While the owner works: {end}") if trace.is_owner else mark("While an intruder works: {end}")
        )
        pictures.append(charts.figure(charts.trust(trace), written(caption, end=_end(trace))))
        features = [f"{name} ({percent(share, 0)})" for name, share in named_features(trace)]
        against = (
            mark("Against the owner: {features}.")
            if trace.is_owner
            else mark("Against an intruder: {features}.")
        )
        if features:
            named.append(written(against, features="; ".join(features)))
    parts = [element("div", *pictures, class_="pair")]
    if named:
        explained = written(
            "What judgements against the user named most often, and how many of them did. Names are those of the "
            "feature schema; higher and lower compare with the owner's usual values."
        )
        heading = element("h3", written("Which features carry the decision"))
        parts += [heading, paragraph(explained), bullets(named)]
    about = written(
        "Trust is 100 with nothing against the user, and 0 at the limit for locking. Examples, not a measure."
    )
    return section(written("Trust over time"), paragraph(about, "under"), *parts)


def _end(trace: Trace) -> str:
    whole = lasting(trace.moments[-1].t_s)
    if not trace.locks:
        return written("no lock in {time}.", time=whole)
    if trace.is_owner:
        locks = counted("{n} false lock", "{n} false locks", len(trace.locks))
        return written("{locks} (crosses) in {time}.", locks=locks, time=whole)
    first = lasting(trace.locks[0].t_s)
    return written("the screen locks after {time} (cross), and the picture ends.", time=first)


def _silent(inputs: Inputs) -> Markup:
    kinds = {type(evaluation) for evaluation in inputs.evaluations}
    texts = [
        ZERO_EFFORT,
        mark(
            "Who the people are: only figures of another mouse can be split by age and sex, and people with a tremor, "
            "an injury or another pointing device than a mouse were not studied on their own."
        ),
        mark(
            "How errors fall with more hours of enrolment, and how they rise with months between enrolment and use."
        ),
    ]
    missing = (
        (
            StreamResult,
            mark("False locks per week, time until an intruder is found: no stream result was given."),
        ),
        (TransferResult, mark("What a new mouse costs: no transfer result was given.")),
        (
            SessionsResult,
            mark("Comparison with published figures: no balabit or sapimouse result was given."),
        ),
    )
    texts += [text for kind, text in missing if kind not in kinds]
    return section(written("What these figures do not say"), bullets([written(text) for text in texts]))


_WORDS: Final = (
    (mark("false lock"), mark("the screen locks while the owner works")),
    (mark("active hours"), mark("time between actions at the mouse, pauses over a minute left out")),
    ("FAR, FRR", mark("share of intruders accepted; share of owners refused (ISO/IEC 19795-1)")),
    ("EER", mark("the error rate at the limit at which FAR and FRR are the same")),
    ("AUC", mark("chance that an owner's session scores above an intruder's: 1 is perfect, 0.5 is guessing")),
    (
        mark("matched"),
        mark("recordings whose mice report at similar rates, so that the mouse gives nothing away"),
    ),
    (mark("action"), mark("one movement, click, drag or turn of the wheel")),
    (
        mark("95 % interval"),
        mark("sessions and people drawn anew 1,000 times and more; few people make it wide"),
    ),
)


def _words() -> Markup:
    rows = [(written(word), written(meaning)) for word, meaning in _WORDS]
    caption = written("What the words of this report mean")
    return section(written("Words"), table(caption, (written("word"), written("meaning")), rows, text=True))
