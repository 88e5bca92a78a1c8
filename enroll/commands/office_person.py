"""`steadyhand-enroll office person`: who is who."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from enroll.commands.common import office_here
from enroll.office.merging import merge
from enroll.office.opening import open_for_change
from enroll.office.people import EXEMPT, grouped, joined, new_person, read_people


def _person_add(options: argparse.Namespace) -> str:
    with open_for_change(office_here(options), "office person add", options.why) as office:
        person = new_person(options.account, options.computer, name=options.name, group=options.group)
        office.keep_people(office.people.with_person(person))
        office.note(f"group {person.group}", [person.person_id])
    return f"{person.person_id}  {person.label}"


def _person_join(options: argparse.Namespace) -> str:
    with open_for_change(office_here(options), "office person join", options.why) as office:
        person = joined(office.people.find(options.person), options.account, options.computer)
        office.keep_people(office.people.with_person(person))
        office.note("one account more", [person.person_id])
    return f"{person.person_id}  {person.label}: {quantity(len(person.accounts), 'account')}"


def _person_merge(options: argparse.Namespace) -> str:
    with open_for_change(office_here(options), "office person merge", options.why) as office:
        person, other = office.people.find(options.person), office.people.find(options.other)
        merged = merge(office, person, other)
        office.note(f"took in {other.person_id}", [person.person_id, other.person_id])
    return (
        f"{merged.person_id}  {merged.label}: {quantity(len(merged.accounts), 'account')}; "
        "then office cohort, train and publish"
    )


def _person_rename(options: argparse.Namespace) -> str:
    with open_for_change(office_here(options), "office person rename", options.why) as office:
        person = replace(office.people.find(options.person), name=options.name)
        office.keep_people(office.people.with_person(person))
        office.note("another label", [person.person_id])
    return f"{person.person_id}  {person.label}"


def _person_group(options: argparse.Namespace) -> str:
    with open_for_change(office_here(options), "office person group", options.why) as office:
        person = grouped(office.people.find(options.person), options.group)
        office.keep_people(office.people.with_person(person))
        # Who is exempt may be so for reasons that are nobody's business: the journal names no group then.
        office.note("" if person.group == EXEMPT else f"group {person.group}", [person.person_id])
    return f"{person.person_id}  {person.label}: group {person.group}; publish to have it hold"


def _person_list(options: argparse.Namespace) -> str:
    people = read_people(office_here(options).people_file).by_id.values()
    if options.json:
        rows = [
            {
                "person": p.person_id,
                "name": p.name,
                "group": p.group,
                "accounts": [list(a) for a in p.accounts],
            }
            for p in people
        ]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    lines = [
        f"{person.person_id}  {person.label:<20} {person.group:<10} "
        + ", ".join(f"{account} on {computer}" for account, computer in person.accounts)
        for person in people
    ]
    return visible_lines(lines) or "nobody yet: office person add, or office receive"


PERSON: Final[dict[str, Callable[[argparse.Namespace], str]]] = {
    "add": _person_add,
    "join": _person_join,
    "merge": _person_merge,
    "rename": _person_rename,
    "group": _person_group,
    "list": _person_list,
}
