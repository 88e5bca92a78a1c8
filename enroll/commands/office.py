"""`steadyhand-enroll office`: what each action does, printed for people."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from enroll.backends import worker_pool
from enroll.commands.common import office_here
from enroll.commands.office_care import CARE
from enroll.commands.office_person import PERSON
from enroll.commands.receiving import sealed_files
from enroll.computers import AdmissionDesk, computers_file
from enroll.office.founding import OPENING_FILE, found_office
from enroll.office.journal import Journal
from enroll.office.keyring import keyring_lines, read_keyring
from enroll.office.layout import new_settings
from enroll.office.opening import OpenOffice, open_for_change
from enroll.office.passphrase import new_passphrase, opening_key_at
from enroll.office.people import read_people
from enroll.office.policies import set_shadow_all, shadow_all_since
from enroll.office.publishing import publish
from enroll.office.receiving import Reception, clear_scratch, import_tables, receive_sealed
from enroll.office.training import build_cohort, plan_training, train_people
from enroll.progress import ProgressReport, progress

_Report = tuple[str, bool]


def office_report(options: argparse.Namespace) -> _Report:
    """Do what the action asks; returns what is to be printed, and whether all went well.

    Raises
    ------
    SteadyhandError
        If the office is not there, somebody else writes it, or something cannot be read or written.
    """
    if options.action == "init":
        return _init(options), True
    if options.action == "person":
        return PERSON[options.person_action](options), True
    return _ACTIONS[options.action](options)


def _init(options: argparse.Namespace) -> str:
    passphrase = None if options.no_passphrase else new_passphrase(options.passphrase_file)
    settings = new_settings(
        keys_dir=options.keys,
        published_dir=options.published,
        inbox_dir=options.inbox,
        recordings_keep_days=options.keep_days,
    )
    layout = found_office(options.folder, settings, passphrase)
    keyring = read_keyring(layout.keyring_file)
    return visible_lines(
        (
            f"{layout.root} is an office",
            f"move {layout.keys_dir / 'recovery.pem'} to a safe place offline: it is the way back if a key is lost",
            f"install {layout.root / 'install'}/*.pem into /etc/steadyhand/keys on every computer",
            f"policy: central.recordings_key = {keyring.recordings_key}",
            f"the web server hands out {layout.published_dir}",
        )
    )


def _receive(options: argparse.Namespace) -> _Report:
    layout = office_here(options)
    folder = options.folder or layout.inbox_dir
    if folder is None:
        raise SteadyhandError("which folder do agents hand over to?", "name it: office receive FOLDER")
    opening = opening_key_at(options.opening_key or layout.keys_dir / OPENING_FILE, options.passphrase_file)
    with open_for_change(layout, "office receive", options.why) as office:
        clear_scratch(layout.recordings_dir)
        files = sealed_files(folder)
        office.note(f"opens {quantity(len(files), 'recording')}")
        desk = AdmissionDesk(computers_file(layout.paths), takes_unsigned=options.unsigned)
        reception = receive_sealed(
            office, progress(files, "recording", quiet=options.quiet), opening, desk.admits
        )
        desk.save()
        reception.problems += desk.lines()
        if folder == layout.inbox_dir:
            reception.delete_received()
        office.note(f"{reception.received} new", sorted(reception.people))
    return _reception_text(reception), not reception.problems


def _reception_text(reception: Reception) -> str:
    lines = [*reception.problems]
    lines += [
        f"new: {person.person_id}, account {person.label}; if that is somebody known: office person merge PERSON "
        f"{person.person_id}"
        for person in reception.new_people
    ]
    known = f", {quantity(reception.known, 'was', 'were')} here already" if reception.known else ""
    lines.append(
        f"{quantity(reception.received, 'recording')} of {quantity(len(reception.people), 'person', 'people')}{known}"
    )
    return visible_lines(lines)


def _import(options: argparse.Namespace) -> _Report:
    with open_for_change(office_here(options), "office import", options.why) as office:
        clear_scratch(office.layout.recordings_dir)
        person = office.people.find(options.person)
        reception = import_tables(office, options.source, person)
        office.note(quantity(reception.received, "table"), [person.person_id])
    return _reception_text(reception), True


def _cohort(options: argparse.Namespace) -> _Report:
    with open_for_change(office_here(options), "office cohort", options.why) as office:
        key = office.signing_key(options.key, options.passphrase_file)
        office.note("opens recordings")
        numbers = build_cohort(office, key)
        office.note(quantity(len(numbers), "person", "people"))
    return f"the cohort holds {len(numbers)} people" if numbers else "fewer than two people: no cohort", True


def train_office(options: argparse.Namespace) -> tuple[str, bool]:
    """Make the profiles that are due; returns what is to be printed, and whether all were made."""
    if options.jobs == 0:
        raise SteadyhandError("--jobs 0", "use 1 or more, or -1 for all cores")
    with open_for_change(office_here(options), "office train", options.why) as office:
        key = office.signing_key(options.key, options.passphrase_file)
        only = office.people.find(options.person) if options.person else None
        plan = plan_training(office, only)
        office.note("opens recordings", sorted({user.name for user in plan.due}))
        with (
            ProgressReport("profile", len(plan.due), quiet=options.quiet) as steps,
            worker_pool(options.backend, options.jobs, options.scheduler) as pool,
        ):
            failed = train_people(office, plan, key, pool, steps.step)
        trained = len(plan.due) - len(failed)
        office.note(f"{trained} trained, {len(failed)} failed")
    if options.json:
        report = {"trained": trained, "current": plan.current, "failed": {f.key: f.why for f in failed}}
        return json.dumps(report, indent=2, ensure_ascii=False), not failed
    lines = [
        f"{quantity(trained, 'profile')} trained, {quantity(plan.current, 'was', 'were')} current, {len(failed)} failed"
    ]
    lines += [f"  {_label(office, failure.user)} under {failure.mouse}: {failure.why}" for failure in failed]
    return visible_lines(lines), not failed


def _label(office: OpenOffice, person_id: str) -> str:
    person = office.people.by_id.get(person_id)
    return f"{person_id} ({person.label})" if person else person_id


def _publish(options: argparse.Namespace) -> _Report:
    with open_for_change(office_here(options), "office publish", options.why) as office:
        publication = publish(office, office.signing_key(options.key, options.passphrase_file))
        office.note(publication.summary())
    since = shadow_all_since(office.layout)
    shadow = [f"everybody is in shadow mode since {since}: office shadow-all --end"] if since else []
    return visible_lines([*publication.lines, *shadow, publication.summary()]), True


def _shadow_all(options: argparse.Namespace) -> _Report:
    with open_for_change(office_here(options), "office shadow-all", options.why) as office:
        key = office.signing_key(options.key, options.passphrase_file)
        set_shadow_all(office.layout, not options.end)
        publication = publish(office, key)
        office.note(f"{'ended' if options.end else 'everybody'}; {publication.summary()}")
    what = "the policies hold again" if options.end else "everybody is in shadow mode"
    return f"{what} as soon as their agent has asked\n{publication.summary()}", True


def _journal(options: argparse.Namespace) -> _Report:
    layout = office_here(options)
    wanted = read_people(layout.people_file).find(options.person).person_id if options.person else ""
    lines = [
        "  ".join(
            filter(None, (entry.utc, entry.who, entry.command, entry.detail, entry.reason, *entry.people))
        )
        for entry in Journal(layout.journal_file).read()
        if not wanted or wanted in entry.people
    ]
    return visible_lines(lines) or "nothing yet", True


def _keys(options: argparse.Namespace) -> _Report:
    if options.keys_action == "list":
        return visible_lines(keyring_lines(read_keyring(office_here(options).keyring_file))), True
    from enroll.office.key_changes import KEY_CHANGES

    with open_for_change(office_here(options), f"office keys {options.keys_action}", options.why) as office:
        return KEY_CHANGES[options.keys_action](office, options), True


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], _Report]]] = {
    "receive": _receive,
    "import": _import,
    "cohort": _cohort,
    "train": train_office,
    "publish": _publish,
    "shadow-all": _shadow_all,
    "journal": _journal,
    "keys": _keys,
    **CARE,
}
