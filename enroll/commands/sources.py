"""Commands on sources: import, export, features, and the check of a recording or table."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, EventBatch
from agent.engine.sentence import quantity
from agent.engine.visible_text import visible, visible_lines
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.undo import undo_on_failure
from enroll.datasets.formats import TimeUnit
from enroll.features import SCHEMAS, write_features
from enroll.progress import progress
from enroll.sources.enrolment import rows_of
from enroll.sources.exporting import export_session
from enroll.sources.importing import ImportOutcome, import_tables, plan_import
from enroll.sources.keys import SourceKeys
from enroll.sources.kinds import kind_of
from enroll.sources.sessions import SourceSession, mouse_of, sessions_at


def import_report(options: argparse.Namespace, paths: Paths) -> str:
    """Import the tables; returns what became of them.

    Raises
    ------
    SteadyhandError
        If a table was not imported; the others are, and each failure is a line on standard error before.
    """
    folder: Path = options.out or paths.recordings_dir
    plans, left_out = plan_import(options.source, folder)
    for path in left_out:
        print(f"left out, as no table of events: {visible(str(path))}", file=sys.stderr)
    if options.dry_run:
        return visible_lines(f"{plan.file.path}  ->  {plan.path}" for plan in plans)
    outcome = import_tables(
        plans,
        recording_key(paths),
        time_unit=unit_of(options),
        shown=lambda every: progress(every, "table", quiet=options.quiet),
    )
    text = f"{_counts(outcome)}; recordings are in {folder}"
    if len(plans) == 1 and outcome.failures:
        raise outcome.failures[0]
    if outcome.failures:
        print(text)
        for failure in outcome.failures:
            print(f"not imported: {failure}", file=sys.stderr)
        raise SteadyhandError(
            f"{len(outcome.failures)} of {len(plans)} tables were not imported",
            "mend these, and run the same command again: it does only what is missing",
        )
    return text


def export_report(options: argparse.Namespace, paths: Paths) -> str:
    """Write recordings as tables; returns what was written.

    Raises
    ------
    SteadyhandError
        If a recording cannot be read, or a table not be written.
    """
    sessions = sessions_at(options.source, SourceKeys.of(paths, options.opening_key))
    if options.dry_run:
        return visible_lines(f"{session.path}  ->  {options.out / session.account}" for session in sessions)
    tables = sum(
        len(export_session(session, options.out))
        for session in progress(sessions, "recording", quiet=options.quiet)
    )
    return f"{quantity(tables, 'table')} of {quantity(len(sessions), 'recording')} in {options.out}, not encrypted"


def features_report(options: argparse.Namespace, paths: Paths) -> str:
    """Write a line for each action; returns how many sessions it was.

    Raises
    ------
    SteadyhandError
        If a session cannot be read, or the table not be written; then nothing is written.
    """
    keys = SourceKeys.of(paths, options.opening_key)
    sessions = sessions_at(options.source, keys, time_unit=unit_of(options))
    out: Path = options.out
    part = out.with_name(f".{out.name}.part")
    with undo_on_failure(lambda: part.unlink(missing_ok=True)):
        with mendable(out, "write"), part.open("w", encoding="utf-8", newline="") as file:
            write_features(file, progress(sessions, "session", quiet=options.quiet), SCHEMAS[options.schema])
        with mendable(out, "write"):
            os.replace(part, out)
    return f"{out}: {quantity(len(sessions), 'session')}"


def is_source(path: Path) -> bool:
    """Whether `verify` is given recordings or tables, and not a profile."""
    if path.is_dir():
        return True
    return path.is_file() and kind_of(path) is not None


def verified_source(options: argparse.Namespace, paths: Paths) -> dict[str, Any]:
    """What recordings or tables hold, once every check was passed.

    Raises
    ------
    SteadyhandError
        If one cannot be read, was damaged, or has a clock that no mouse has.
    """
    sessions = sessions_at(options.profile, SourceKeys.of(paths, options.opening_key))
    counted = [_counted(session) for session in progress(sessions, "session", quiet=options.quiet)]
    mice = {mouse_of(session).key: mouse_of(session) for session in sessions}
    people = sorted({session.account for session in sessions})
    named = {key: mouse.name or mouse.capture for key, mouse in mice.items()}
    as_text = not options.json
    return {
        "valid": True,
        "people": ", ".join(people) if as_text else people,
        "mice": ", ".join(f"{name} ({key})" for key, name in named.items()) if as_text else named,
        "sessions": len(sessions),
        **{name: sum(counts[name] for counts in counted) for name in ("events", "actions", "breaks")},
        "active_hours": round(sum(counts["active_s"] for counts in counted) / 3600.0, 2),
    }


def unit_of(options: argparse.Namespace) -> TimeUnit | None:
    """What ``--time-unit`` says."""
    word: str | None = getattr(options, "time_unit", None)
    return TimeUnit[word.upper()] if word else None


def _counted(session: SourceSession) -> dict[str, Any]:
    entries = list(session)
    rows = rows_of(session, session.account, entries)
    return {
        "events": sum(len(entry) for entry in entries if isinstance(entry, EventBatch)),
        "actions": len(rows.rows),
        "breaks": sum(isinstance(entry, Boundary) for entry in entries),
        "active_s": rows.active_s,
    }


def _counts(outcome: ImportOutcome) -> str:
    there = f", {outcome.there_already} there already" if outcome.there_already else ""
    return (
        f"{quantity(outcome.imported, 'table')} imported{there}: "
        f"{quantity(outcome.events, 'event', form=',')}, {quantity(outcome.actions, 'action', form=',')}, "
        f"{outcome.active_s / 3600.0:.1f} active hours"
    )
