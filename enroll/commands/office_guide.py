"""Guide of an office: which step is done, from what its files say, and what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.documents import document_path
from enroll.office.catalogue import read_catalogue
from enroll.office.keyring import RECOVERY, Keyring, read_keyring
from enroll.office.layout import OfficeLayout
from enroll.office.people import EXEMPT, OfficePerson, read_people
from enroll.office.policies import shadow_all_since
from enroll.office.published import read_published
from enroll.office.training import cohort_numbers, figures_of, fingerprint, mouse_folders

_LEAST_PEOPLE = 3


class _Line(NamedTuple):
    what: str
    done: bool
    words: str
    command: str


def office_lines(layout: OfficeLayout) -> Iterator[str]:
    """The steps of an office; one that cannot be looked at says why, and is not done."""
    yield f"office {layout.root}"
    next_is_shown = False
    for number, look in enumerate(_STEPS, 1):
        try:
            line = look(layout)
        except SteadyhandError as error:
            line = _Line(look.__doc__ or "", False, str(error), "steadyhand-enroll office check")
        sign = "done" if line.done else "    " if next_is_shown else "next"
        yield f"{sign}  {number}. {line.what}" + (f" ({line.words})" if line.words else "")
        if not line.done:
            next_is_shown = True
            yield f"           {line.command}"
    yield ""
    guide = document_path("administrator.md")
    yield f"Then watch the alerts in shadow mode for some weeks; {guide} says what to look for."


def _keys(layout: OfficeLayout) -> _Line:
    """Keys"""
    keyring = read_keyring(layout.keyring_file)
    here = [key for key in keyring.keys if key.role == RECOVERY and (layout.keys_dir / key.file).exists()]
    words = (
        f"recovery.pem still lies in {layout.keys_dir}" if here else f"key {keyring.signing().key_id} signs"
    )
    return _Line(
        "Keys, and the recovery key offline",
        not here,
        words,
        f"mv {layout.keys_dir}/recovery.pem SAFE-PLACE/",
    )


def _people(layout: OfficeLayout) -> _Line:
    """People"""
    count = len(_recorded(layout))
    command = "steadyhand-enroll office receive      # or office person add, office import"
    return _Line(
        "Recordings of at least three people",
        count >= _LEAST_PEOPLE,
        quantity(count, "person", "people"),
        command,
    )


def _cohort(layout: OfficeLayout) -> _Line:
    """Cohort"""
    numbers = cohort_numbers(layout)
    missing = [person for person in _recorded(layout) if person.person_id not in numbers]
    words = quantity(len(numbers), "person", "people") + (
        f"; not in it: {len(missing)}" if missing and numbers else ""
    )
    done = bool(numbers) and not missing
    return _Line(
        "A cohort of everybody's actions, to tell people apart",
        done,
        words,
        "steadyhand-enroll office cohort",
    )


def _profiles(layout: OfficeLayout) -> _Line:
    """Profiles"""
    keyring = read_keyring(layout.keyring_file)
    catalogue = read_catalogue(layout.catalogue_file, layout.profiles_dir, keyring.once_trusted)
    have = {(profile.person, profile.mouse) for profile in catalogue.values()}
    wanted = [
        (person.person_id, folder)
        for person in _recorded(layout)
        for folder in mouse_folders(layout, person.person_id)
    ]
    due = [
        person
        for person, folder in wanted
        if (person, folder.name) not in have
        or figures_of(layout, person, folder.name).get("trained_from") != fingerprint(folder)
    ]
    words = f"{len(wanted) - len(due)} of {len(wanted)}" if wanted else ""
    done = bool(wanted) and not due
    return _Line(
        "A profile for each of them under each mouse", done, words, "steadyhand-enroll office train --jobs 2"
    )


def _published(layout: OfficeLayout) -> _Line:
    """Publication"""
    keyring = read_keyring(layout.keyring_file)
    state = read_published(layout.published_dir, keyring.once_trusted)
    behind = _behind(layout, keyring)
    words = f"{state.index.version}" if state.index else ""
    words += (
        f"; {quantity(behind, 'profile is', 'profiles are')} newer than what agents may fetch"
        if behind and state.index
        else ""
    )
    done = state.index is not None and not behind
    return _Line("Published for agents to fetch", done, words, "steadyhand-enroll office publish")


def _shadow(layout: OfficeLayout) -> _Line:
    """Mode"""
    since = shadow_all_since(layout)
    words = f"everybody is in shadow mode since {since}" if since else ""
    return _Line("The policies hold", not since, words, "steadyhand-enroll office shadow-all --end")


def _recorded(layout: OfficeLayout) -> list[OfficePerson]:
    people = read_people(layout.people_file).by_id.values()
    return [person for person in people if person.group != EXEMPT and mouse_folders(layout, person.person_id)]


def _behind(layout: OfficeLayout, keyring: Keyring) -> int:
    state = read_published(layout.published_dir, keyring.once_trusted)
    people = read_people(layout.people_file).by_id
    standing = {file.sha256 for entry in state.entries.values() for file in entry.profiles.values()}
    catalogue = read_catalogue(layout.catalogue_file, layout.profiles_dir, keyring.once_trusted)
    return sum(
        profile.sha256 not in standing
        for profile in catalogue.values()
        if profile.person in people and people[profile.person].group != EXEMPT
    )


_STEPS = (_keys, _people, _cohort, _profiles, _published, _shadow)
