"""Merging of two entries that turn out to be one person."""

from __future__ import annotations

import shutil
from dataclasses import replace

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable, private_dir
from enroll.office.opening import OpenOffice
from enroll.office.people import OfficePerson
from enroll.office.removal import remove_derived
from enroll.office.training import cohort_numbers, remove_cohort


def merge(office: OpenOffice, person: OfficePerson, other: OfficePerson) -> OfficePerson:
    """Give `person` the accounts and recordings of `other`, who is no more.

    Profiles of `other` are deleted, and so is the cohort where it has both.

    Raises
    ------
    SteadyhandError
        If both are the same, or something cannot be written.
    """
    if person.person_id == other.person_id:
        raise SteadyhandError(f"{person.person_id} is the same person already", "name two")
    source = office.layout.recordings_dir / other.person_id
    for path in sorted(source.glob("*/*")):
        target = office.layout.recordings_dir / person.person_id / path.parent.name / path.name
        if target.exists():
            raise SteadyhandError(f"{target} is there already", f"compare it with {path}, and delete one")
        private_dir(target.parent)
        with mendable(target, "write"):
            path.rename(target)
    with mendable(source, "delete"):
        shutil.rmtree(source, ignore_errors=not source.exists())
    remove_derived(office.layout, other.person_id)
    if other.person_id in cohort_numbers(office.layout):
        # The cohort has the person under two numbers: nobody may be told from themselves.
        remove_cohort(office.layout)
    merged = replace(person, accounts=(*person.accounts, *other.accounts))
    office.keep_people(office.people.without_person(other.person_id).with_person(merged))
    return merged
