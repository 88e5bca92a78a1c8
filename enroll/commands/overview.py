"""`steadyhand-enroll overview`: one page and JSON on everybody and every mouse."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.paths import Paths
from agent.files.private import write_private
from enroll.clock import utc_now
from enroll.commands.common import language_of, trust_of
from enroll.office.layout import find_office_or_none
from enroll.overview.events import read_states
from enroll.overview.gathering import Gathered, gather_folders, gather_office
from enroll.overview.page import overview_page
from enroll.overview.totals import OverviewTotals, hidden_below_five, totals_of


def overview_report(options: argparse.Namespace, paths: Paths) -> str:
    """Write the page and the JSON; returns what was written and the totals in words.

    Raises
    ------
    SteadyhandError
        If there is neither an office nor a folder of profiles, or a file cannot be read or written.
    """
    if options.out is None and options.json is None:
        raise SteadyhandError("overview writes nothing", "give --out FILE.html, --json FILE, or both")
    now = utc_now()
    states = read_states(options.events)
    knows = {"agents_are_known": bool(options.events)}
    shown = {**knows, "with_names": not options.ids}
    layout = None if options.profiles else find_office_or_none(Path(), options.office)
    if layout is not None:
        gathered = gather_office(layout, states, now, **shown)
    elif options.profiles:
        trust = trust_of(options.public, paths)
        gathered = gather_folders(options.profiles, options.recordings, trust, states, now, **shown)
    else:
        raise SteadyhandError("no office here", "go into it, or give --office FOLDER or --profiles FOLDER")
    totals = totals_of(gathered.rows, gathered.exempt, now, **knows)
    if options.out:
        page = overview_page(gathered, totals, now, language_of(options.language), **knows)
        write_private(options.out, page.encode())
    return _written(options, gathered, totals, now.isoformat(timespec="seconds"))


def _written(options: argparse.Namespace, gathered: Gathered, totals: OverviewTotals, made: str) -> str:
    document: dict[str, Any] = {
        "made": made,
        "totals": totals.to_json(),
        "rows": [row.to_json() for row in gathered.rows],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    if str(options.json) == "-":
        return text
    if options.json:
        write_private(options.json, text.encode() + b"\n")
    written = " and ".join(str(path) for path in (options.out, options.json) if path)
    return (
        f"{written}: {quantity(totals.people, 'person', 'people')}, "
        f"{totals.with_profile} with a profile, something waits for "
        f"{totals.waiting}; exempt: {hidden_below_five(totals.exempt)}"
    )
