"""Page of the overview: one self-contained HTML file, readable without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from agent.language.language import ENGLISH, Language, mark
from enroll.overview.gathering import Gathered
from enroll.overview.person_table import NOTHING, filters, person_table
from enroll.overview.rows import LEAST_SHOWN
from enroll.overview.script import SCRIPT
from enroll.overview.style import OVERVIEW_CSS
from enroll.overview.totals import OverviewTotals
from enroll.report.blocks import Tile, bullets, paragraph, section, tiles
from enroll.report.markup import Markup, element, join
from enroll.report.words import (
    counted,
    day_in_words,
    language_code,
    whole,
    written,
    written_in,
)

_ABOUT: Final = mark(
    "Everybody under every mouse, in the order of names and in no other. Days are UTC; a day is all that is shown of "
    "anybody's last sign of life. Nobody is compared with anybody else, and nothing here says how much anybody works."
)
_AGENTS_UNKNOWN: Final = mark("No export of alerts and heartbeats was read: agents are not shown.")
_LEGEND: Final = (
    mark(
        "Learnt: active hours and mouse actions that the profile rests on, and after how many there usually is enough."
    ),
    mark(
        "Expected error: share of judgements of 50 actions that would be wrong; the agent decides on many. “About”: "
        "what is usual after so many hours, not measured on this person."
    ),
    mark("Estimate: too few hours to show the rate of false locks that policy asks for."),
    mark(
        "Drift: how far one session lies from the next, in standard deviations; above 1 a profile wants more sessions."
    ),
    mark("False alarms: findings answered with “that was me” in the exported time."),
)


def overview_page(
    gathered: Gathered,
    totals: OverviewTotals,
    now: datetime,
    language: Language = ENGLISH,
    *,
    agents_are_known: bool,
) -> str:
    """The page as HTML.

    Parameters
    ----------
    gathered : Gathered
    totals : OverviewTotals
    now : datetime
        UTC; shown to the day.
    language : Language
    agents_are_known : bool
        Whether an export of alerts and heartbeats was read.
    """
    with written_in(language):
        return _document(gathered, totals, now, agents_are_known=agents_are_known)


def _document(gathered: Gathered, totals: OverviewTotals, now: datetime, *, agents_are_known: bool) -> str:
    day = day_in_words(now.date())
    as_of = written("{day}, UTC.", day=day)
    unknown = "" if agents_are_known else f" {written(_AGENTS_UNKNOWN)}"
    main = element(
        "main",
        element("h1", written("Steadyhand: overview")),
        paragraph(f"{as_of} {written(_ABOUT)}{unknown}", "under"),
        section(written("In all"), tiles(_tiles(totals, agents_are_known=agents_are_known))),
        section(
            written("Person and mouse"),
            filters(gathered),
            bullets(list(map(written, _LEGEND))),
            person_table(gathered),
        ),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", written("Steadyhand: overview of {day}", day=day)),
        element("style", Markup(OVERVIEW_CSS)),
    )
    body = element("body", main, element("script", Markup(SCRIPT)))
    return join([Markup("<!DOCTYPE html>\n"), element("html", head, body, lang=language_code()), "\n"])


def _policy() -> str:
    """Nothing is loaded, and this one script and style alone run."""
    return f"default-src 'none'; style-src '{_hash(OVERVIEW_CSS)}'; script-src '{_hash(SCRIPT)}'; base-uri 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tiles(totals: OverviewTotals, *, agents_are_known: bool) -> list[Tile]:
    exempt = totals.exempt
    hidden = written("fewer than {n}", n=LEAST_SHOWN) if exempt is None else whole(exempt)
    mice = counted("{n} mouse configuration", "{n} mouse configurations", totals.mice)
    estimates = counted("{n} rate is an estimate", "{n} rates are estimates", totals.estimates)
    shown = [
        Tile(written("People"), whole(totals.people), mice),
        Tile(written("With a profile"), whole(totals.with_profile), estimates),
        Tile(written("Something waits for you"), whole(totals.waiting), written("people")),
        Tile(written("Exempt"), hidden, written("not in the table; not told below five")),
    ]
    return shown + _agent_tiles(totals) if agents_are_known else shown


def _agent_tiles(totals: OverviewTotals) -> list[Tile]:
    silent = written(
        "{silent} silent for longer, {never} not in the export",
        silent=whole(totals.silent),
        never=whole(totals.never_seen),
    )
    return [
        Tile(written("Seen in the last 7 days"), whole(totals.seen_this_week), silent),
        Tile(written("Mode"), _counts(totals.modes), written("people")),
        Tile(written("Agent version"), _counts(totals.agent_versions), written("people")),
        Tile(written("False alarms"), whole(totals.false_alarms), written("answered with “that was me”")),
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{written(word)} {whole(count)}" for word, count in counts.items()) or NOTHING
