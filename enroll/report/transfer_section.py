"""What a change of the mouse costs: the section about one transfer result."""

from __future__ import annotations

from enroll.report.blocks import section, table
from enroll.report.markup import Markup, element
from enroll.report.results import TransferResult
from enroll.report.words import (
    number,
    percent,
    written,
)


def transfer_section(transfer: TransferResult) -> Markup:
    """The section."""
    rows = [
        (
            t.name,
            written("{part} of {whole}", part=t.features_changed, whole=t.features),
            number(t.same_auc),
            number(t.cross_auc),
            number(t.cross_auc_normalised),
            percent(t.recovered_share, 0) + _span(t.recovered_ci95),
        )
        for t in transfer.tables
    ]
    about = written(
        "AUC enrolled and tested under the same mouse configuration, under another one, and under another one with "
        "normalised features. Recovered: how much of what the new mouse costs the normalising gives back (95 % over "
        "people). All of it is out of reach: each configuration was recorded in one go."
    )
    head = (
        *(written("task"), written("features that change"), written("same mouse"), written("other mouse")),
        *(written("normalised"), written("recovered")),
    )
    parts = [table(about, head, rows)]
    if any(t.groups for t in transfer.tables):
        parts += [element("h3", written("By age and sex")), _groups(transfer)]
    return section(written("When the mouse changes"), *parts)


def _span(ends: tuple[float, float] | None) -> str:
    if not ends:
        return ""
    low, high = (percent(end, 0) for end in ends)
    span = written("{low} to {high}", low=low, high=high)
    return f" ({span})"


def _groups(transfer: TransferResult) -> Markup:
    areas = {(t.name, g.name): number(g.cross_auc_normalised) for t in transfer.tables for g in t.groups}
    people = {g.name: str(g.people) for t in transfer.tables for g in t.groups}
    rows = [
        (name, people[name], *(areas.get((t.name, name), "-") for t in transfer.tables)) for name in people
    ]
    about = written(
        "AUC of each group's owners under another mouse configuration, normalised, by task. With so few people in a "
        "group, differences of some hundredths are chance."
    )
    return table(about, (written("owners"), written("people"), *(t.name for t in transfer.tables)), rows)
