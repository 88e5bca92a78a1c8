"""Table of the overview: a row for each person and mouse, and the filters above it."""

from __future__ import annotations

from datetime import date
from typing import Final

from agent.language.language import mark
from enroll.overview.gathering import Gathered
from enroll.overview.rows import OverviewRow
from enroll.report.markup import Markup, element, join
from enroll.report.words import (
    counted,
    number,
    percent,
    short_day,
    written,
)

COLUMNS: Final = (
    mark("Person"),
    mark("Group"),
    mark("Mouse"),
    mark("Learnt"),
    mark("Expected error"),
    mark("Profile"),
    mark("Ends"),
    mark("Drift"),
    mark("Mode"),
    mark("Agent"),
    mark("Last sign of life"),
    mark("False alarms"),
    mark("Waits for you"),
)
STATES: Final = {
    "transferred": mark("transferred"),
    "expired": mark("expired"),
    "revoked": mark("revoked"),
}
MODES: Final = (mark("shadow"), mark("enforce"))
NOTHING: Final = "\N{EN DASH}"


def filters(gathered: Gathered) -> Markup:
    """What the script filters by; hidden without it."""
    groups = sorted({row.group for row in gathered.rows if row.group})
    modes = sorted({row.mode for row in gathered.rows if row.mode})
    return element(
        "form",
        _labelled(
            written("Name, mouse or note contains"),
            element("input", type="search", id="words", autocomplete="off"),
        ),
        _labelled(written("Group"), _choice("group", groups)),
        _labelled(written("Mode"), _choice("mode", modes)),
        element(
            "label",
            element("input", type="checkbox", id="waits"),
            " " + written("only where something waits"),
            class_="box",
        ),
        element(
            "output",
            counted("{n} row", "{n} rows", len(gathered.rows)),
            id="count",
            aria_live="polite",
            data_rows=written("{fitting} rows"),
            data_some=written("{fitting} rows, {shown} shown"),
        ),
        id="filters",
        hidden="",
    )


def _labelled(words: str, control: Markup) -> Markup:
    return element("label", element("span", words), control)


def _choice(ident: str, words: list[str]) -> Markup:
    options = [element("option", written("all"), value="")]
    return element(
        "select", *options, *(element("option", written(word), value=word) for word in words), id=ident
    )


def person_table(gathered: Gathered) -> Markup:
    """A row for each person and mouse."""
    head = element("tr", *(element("th", written(name), scope="col") for name in COLUMNS))
    table = element(
        "table",
        element("caption", written("One line for each person and mouse")),
        element("thead", head),
        element("tbody", *map(_line, gathered.rows), id="rows"),
    )
    more = element("button", written("Show 200 more"), type="button", id="more", hidden="")
    return join(
        [
            element("div", table, class_="scroll", tabindex="0", role="region", aria_label=written("Table")),
            more,
        ]
    )


def _line(row: OverviewRow) -> Markup:
    cells = (
        row.group,
        row.mouse or NOTHING,
        _learnt(row),
        _error(row),
        _profile(row),
        _day(row.ends),
        NOTHING if row.drift_sd is None else number(row.drift_sd, 2),
        ", ".join(map(written, filter(None, row.mode.split(", ")))) or NOTHING,
        row.agent_version or NOTHING,
        _day(row.last_sign_of_life),
        str(row.false_alarms) if row.last_sign_of_life else NOTHING,
    )
    waits = (
        element("ul", *(element("li", written(words)) for words in row.waits))
        if row.waits
        else Markup(NOTHING)
    )
    return element(
        "tr",
        element("th", row.name, scope="row"),
        *(element("td", cell) for cell in cells),
        element("td", waits, class_="waits" if row.waits else None),
        data_group=row.group,
        data_mode=row.mode,
    )


def _day(iso: str) -> str:
    """A day of the table, as the reader's country writes it in figures."""
    return short_day(date.fromisoformat(iso)) if iso else NOTHING


def _learnt(row: OverviewRow) -> str:
    if row.learnt_hours is None:
        return counted("{n} recording", "{n} recordings", row.recordings) if row.recordings else NOTHING
    hours = written("{hours} h", hours=number(row.learnt_hours, 1))
    if row.enough_hours is not None and row.enough_hours > row.learnt_hours:
        enough = number(row.enough_hours, 0)
        hours = written("{hours} of about {enough} h", hours=number(row.learnt_hours, 1), enough=enough)
    if row.learnt_actions is None:
        return hours
    actions = counted("{n} action", "{n} actions", row.learnt_actions)
    return f"{hours}, {actions}"


def _error(row: OverviewRow) -> str:
    if row.expected_error is None:
        return NOTHING
    share = percent(row.expected_error, 0)
    return written("about {n}", n=share) if row.is_usual_error else share


def _profile(row: OverviewRow) -> str:
    if row.state == "none":
        return written("none")
    parts = [written("version {version}", version=row.version)]
    if row.state != "valid":
        parts.append(written(STATES.get(row.state, row.state)))
    elif row.is_estimate:
        parts.append(written("estimate"))
    return ", ".join(parts)
