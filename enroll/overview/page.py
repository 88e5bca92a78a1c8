"""Page of the overview: one self-contained HTML file, readable without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from enroll.overview.gathering import Gathered
from enroll.overview.rows import OverviewRow
from enroll.overview.script import SCRIPT
from enroll.overview.style import OVERVIEW_CSS
from enroll.overview.totals import OverviewTotals, hidden_below_five
from enroll.report.blocks import Tile, bullets, paragraph, section, tiles
from enroll.report.markup import Markup, element, join

COLUMNS: Final = (
    "Person",
    "Group",
    "Mouse",
    "Learnt",
    "Expected error",
    "Profile",
    "Ends",
    "Drift",
    "Mode",
    "Agent",
    "Last sign of life",
    "False alarms",
    "Waits for you",
)
_NOTHING: Final = "\N{EN DASH}"
_ABOUT: Final = (
    "Everybody under every mouse, in the order of names and in no other. Days are UTC; a day is all that is shown of "
    "anybody's last sign of life. Nobody is compared with anybody else, and nothing here says how much anybody works."
)
_LEGEND: Final = (
    "Learnt: active hours and mouse actions that the profile rests on, and after how many there usually is enough.",
    "Expected error: share of judgements of 50 actions that would be wrong; the agent decides on many. “About”: what "
    "is usual after so many hours, not measured on this person.",
    "Estimate: too few hours to show the rate of false locks that policy asks for.",
    "Drift: how far one session lies from the next, in standard deviations; above 1 a profile wants more sessions.",
    "False alarms: findings answered with “that was me” in the exported time.",
)


def overview_page(
    gathered: Gathered, totals: OverviewTotals, now: datetime, *, agents_are_known: bool
) -> str:
    """The page as HTML.

    Parameters
    ----------
    gathered : Gathered
    totals : OverviewTotals
    now : datetime
        UTC; shown to the day.
    agents_are_known : bool
        Whether an export of alerts and heartbeats was read.
    """
    day = now.date().isoformat()
    unknown = (
        "" if agents_are_known else " No export of alerts and heartbeats was read: agents are not shown."
    )
    main = element(
        "main",
        element("h1", "Steadyhand: overview"),
        paragraph(f"{day}, UTC. {_ABOUT}{unknown}", "under"),
        section("In all", tiles(_tiles(totals, agents_are_known=agents_are_known))),
        section("Person and mouse", _filters(gathered), bullets(_LEGEND), _table(gathered)),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Steadyhand: overview of {day}"),
        element("style", Markup(OVERVIEW_CSS)),
    )
    body = element("body", main, element("script", Markup(SCRIPT)))
    return join([Markup("<!DOCTYPE html>\n"), element("html", head, body, lang="en"), "\n"])


def _policy() -> str:
    """Nothing is loaded, and this one script and style alone run."""
    return f"default-src 'none'; style-src '{_hash(OVERVIEW_CSS)}'; script-src '{_hash(SCRIPT)}'; base-uri 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tiles(totals: OverviewTotals, *, agents_are_known: bool) -> list[Tile]:
    shown = [
        Tile("People", f"{totals.people:,}", f"{totals.mice} mouse configurations"),
        Tile("With a profile", f"{totals.with_profile:,}", f"{totals.estimates:,} rates are estimates"),
        Tile("Something waits for you", f"{totals.waiting:,}", "people"),
        Tile("Exempt", str(hidden_below_five(totals.exempt)), "not in the table; not told below five"),
    ]
    if agents_are_known:
        shown += [
            Tile(
                "Seen in the last 7 days",
                f"{totals.seen_this_week:,}",
                f"{totals.silent:,} silent for longer, {totals.never_seen:,} not in the export",
            ),
            Tile("Mode", _counts(totals.modes), "people"),
            Tile("Agent version", _counts(totals.agent_versions), "people"),
            Tile("False alarms", f"{totals.false_alarms:,}", "answered with “that was me”"),
        ]
    return shown


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{word} {count:,}" for word, count in counts.items()) or _NOTHING


def _filters(gathered: Gathered) -> Markup:
    groups = sorted({row.group for row in gathered.rows if row.group})
    modes = sorted({row.mode for row in gathered.rows if row.mode})
    return element(
        "form",
        _labelled(
            "Name, mouse or note contains", element("input", type="search", id="words", autocomplete="off")
        ),
        _labelled("Group", _choice("group", groups)),
        _labelled("Mode", _choice("mode", modes)),
        element(
            "label",
            element("input", type="checkbox", id="waits"),
            " only where something waits",
            class_="box",
        ),
        element("output", f"{len(gathered.rows):,} rows", id="count", aria_live="polite"),
        id="filters",
        hidden="",
    )


def _labelled(words: str, control: Markup) -> Markup:
    return element("label", element("span", words), control)


def _choice(ident: str, words: list[str]) -> Markup:
    options = [element("option", "all", value="")]
    return element("select", *options, *(element("option", word, value=word) for word in words), id=ident)


def _table(gathered: Gathered) -> Markup:
    head = element("tr", *(element("th", name, scope="col") for name in COLUMNS))
    table = element(
        "table",
        element("caption", "One line for each person and mouse"),
        element("thead", head),
        element("tbody", *map(_line, gathered.rows), id="rows"),
    )
    more = element("button", "Show 200 more", type="button", id="more", hidden="")
    return join(
        [element("div", table, class_="scroll", tabindex="0", role="region", aria_label="Table"), more]
    )


def _line(row: OverviewRow) -> Markup:
    cells = (
        row.group,
        row.mouse or _NOTHING,
        _learnt(row),
        _error(row),
        _profile(row),
        row.ends or _NOTHING,
        _NOTHING if row.drift_sd is None else f"{row.drift_sd:.2f}",
        row.mode or _NOTHING,
        row.agent_version or _NOTHING,
        row.last_sign_of_life or _NOTHING,
        str(row.false_alarms) if row.last_sign_of_life else _NOTHING,
    )
    waits = element("ul", *(element("li", words) for words in row.waits)) if row.waits else Markup(_NOTHING)
    return element(
        "tr",
        element("th", row.name, scope="row"),
        *(element("td", cell) for cell in cells),
        element("td", waits, class_="waits" if row.waits else None),
        data_group=row.group,
        data_mode=row.mode,
    )


def _learnt(row: OverviewRow) -> str:
    if row.learnt_hours is None:
        return f"{row.recordings} recordings" if row.recordings else _NOTHING
    actions = f", {row.learnt_actions:,} actions" if row.learnt_actions is not None else ""
    more = row.enough_hours is not None and row.enough_hours > row.learnt_hours
    of = f" of about {row.enough_hours:.0f}" if more else ""
    return f"{row.learnt_hours:.1f}{of} h{actions}"


def _error(row: OverviewRow) -> str:
    if row.expected_error is None:
        return _NOTHING
    return f"{'about ' if row.is_usual_error else ''}{row.expected_error:.0%}"


def _profile(row: OverviewRow) -> str:
    if row.state == "none":
        return "none"
    state = "" if row.state == "valid" else f", {row.state}"
    return f"version {row.version}{state}{', estimate' if row.is_estimate and row.state == 'valid' else ''}"
