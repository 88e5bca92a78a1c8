"""`steadyhand-enroll office`: actions that keep an office whole, and its people's rights."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Final

from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from enroll.clock import utc_now
from enroll.commands.common import office_here
from enroll.office.about import about_lines, held_of
from enroll.office.backup import restore, write_backup
from enroll.office.checking import problems_of
from enroll.office.excusing import excuse, helpdesk_key
from enroll.office.expiry import erase_expired, expired_recordings
from enroll.office.opening import open_for_change
from enroll.office.removal import planned_removal, remove_person


def _leave(options: argparse.Namespace) -> tuple[str, bool]:
    with open_for_change(office_here(options), "office leave", options.why) as office:
        person = office.people.find(options.person)
        if options.dry_run:
            planned = planned_removal(office, person)
            return visible_lines(
                (f"{person.person_id}: would delete", *(f"  {line}" for line in planned))
            ), True
        key = office.signing_key(options.key, options.passphrase_file)
        office.note("begins", [person.person_id])
        removal = remove_person(office, person, key)
        office.note("done", [person.person_id])
    lines = [
        f"{person.person_id} is gone from this office; deleted:",
        *(f"  {line}" for line in removal.deleted),
    ]
    lines += ["what remains:", *(f"  {line}" for line in removal.remains)]
    if removal.publication is not None:
        lines.append(removal.publication.summary())
    return visible_lines(lines), True


def _expire(options: argparse.Namespace) -> tuple[str, bool]:
    with open_for_change(office_here(options), "office expire", options.why) as office:
        days = options.days if options.days is not None else office.layout.settings.recordings_keep_days
        expired = list(expired_recordings(office.layout, days, utc_now()))
        count = sum(len(one_mouse.recordings) for one_mouse in expired)
        if options.dry_run:
            return f"would delete {quantity(count, 'recording')} older than {quantity(days, 'day')}", True
        for one_mouse in expired:
            erase_expired(office.layout, one_mouse)
        office.note(
            f"{quantity(count, 'recording')} older than {quantity(days, 'day')}",
            sorted({e.person for e in expired}),
        )
    return f"deleted {quantity(count, 'recording')} older than {quantity(days, 'day')}", True


def _about(options: argparse.Namespace) -> tuple[str, bool]:
    with open_for_change(office_here(options), "office about", options.why) as office:
        person = office.people.find(options.person)
        held = held_of(office, person)
        office.note("access request", [person.person_id])
    return json.dumps(held, indent=2, ensure_ascii=False) if options.json else visible_lines(
        about_lines(held)
    ), True


def _backup(options: argparse.Namespace) -> tuple[str, bool]:
    with open_for_change(office_here(options), "office backup", options.why) as office:
        office.note(str(options.file))
        count = write_backup(office.layout, options.file)
        keys = office.layout.keys_dir
    elsewhere = "" if office.layout.root in keys.parents else f"; the secret keys in {keys} are not in it"
    return f"{options.file}: {quantity(count, 'file')}{elsewhere}", True


def _restore(options: argparse.Namespace) -> tuple[str, bool]:
    layout, line = restore(options.file, options.folder, options.published, options.why)
    return f"{layout.root} is restored; {line}\npublish, then office check", True


def _check(options: argparse.Namespace) -> tuple[str, bool]:
    problems = problems_of(office_here(options))
    if options.json:
        return json.dumps({"problems": problems}, indent=2, ensure_ascii=False), not problems
    return visible_lines(problems) or "everything is as it must be", not problems


def _excuse(options: argparse.Namespace) -> tuple[str, bool]:
    with open_for_change(office_here(options), "office excuse", options.why) as office:
        person = office.people.find(options.person)
        made = excuse(
            office, person, options.hours, helpdesk_key(office, options.key, options.passphrase_file)
        )
        office.note(f"until {made.until}", [person.person_id])
    return (
        f"{person.person_id} ({person.label}): nothing is locked until {made.until}; "
        "at the desk: steadyhand fetch takes it at once"
    ), True


CARE: Final[dict[str, Callable[[argparse.Namespace], tuple[str, bool]]]] = {
    "leave": _leave,
    "expire": _expire,
    "about": _about,
    "backup": _backup,
    "restore": _restore,
    "check": _check,
    "excuse": _excuse,
}
