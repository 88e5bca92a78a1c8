"""Removal of a person from an office: what is deleted, what is made again, and what remains elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.private import mendable, write_private
from agent.files.profiles import SUFFIX, profile_name
from agent.files.sealing import SEALED
from agent.files.signing import SigningKey
from enroll.clock import utc_now
from enroll.computers import computers_file, read_computers, write_computers
from enroll.office.layout import OfficeLayout
from enroll.office.opening import OpenOffice
from enroll.office.people import OfficePerson
from enroll.office.publishing import Publication, publish
from enroll.office.training import build_cohort, cohort_numbers

_MOST_SEARCHED_BYTES: Final = 256 << 20


@dataclass(slots=True)
class Removal:
    """What a removal did.

    Attributes
    ----------
    deleted : list of str
        A line for each kind of what is gone.
    remains : list of str
        What only people can delete, elsewhere or here.
    publication : Publication or None
    """

    deleted: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    publication: Publication | None = None


def remove_person(office: OpenOffice, person: OfficePerson, key: SigningKey) -> Removal:
    """Delete everything of a person and publish without them: their agents have no profile from then on.

    The order is such that a call that was cut short can be made again: the entry in the table goes last.

    Raises
    ------
    SteadyhandError
        If something cannot be deleted or written.
    """
    layout = office.layout
    removal = Removal()
    in_cohort = person.person_id in cohort_numbers(layout)
    removal.deleted.append(quantity(_delete_recordings(layout, person.person_id), "recording"))
    removal.deleted.append(f"{quantity(_delete_sealed(layout, person), 'sealed recording')} in the inbox")
    removal.deleted.append(f"{quantity(remove_derived(layout, person.person_id), 'profile')} with figures")
    removal.deleted.append(
        f"{quantity(_forget_computers(layout, person), 'computer')} handing recordings over"
    )
    removal.deleted += [f"report {path.name}" for path in _delete_reports(layout, person)]
    office.keep_people(office.people.without_person(person.person_id))
    if in_cohort:
        numbers = build_cohort(office, key)
        stale = _mark_all_due(layout)
        removal.deleted.append(
            "their actions in the cohort, which was built again of "
            f"{quantity(len(numbers), 'person', 'people')}; due, as resting on it: "
            f"{quantity(stale, 'profile')} (office train)"
        )
    _bury(layout, person.person_id)
    (layout.published_dir / "excuses" / f"{person.person_id}.excuse").unlink(missing_ok=True)
    publish(office, key)
    # Files of the publication before stay for agents that read its index: the second one takes them away.
    removal.publication = publish(office, key)
    removal.remains = [*_traces(layout, person), *ELSEWHERE]
    return removal


def remove_derived(layout: OfficeLayout, person_id: str) -> int:
    """Delete a person's profiles and figures; returns how many files."""
    prefix = profile_name(person_id, "")
    paths = [
        path
        for path in sorted(layout.profiles_dir.glob(f"{prefix}*"))
        if path.suffix in (SUFFIX, ".json") and path.name.startswith(prefix)
    ]
    for path in paths:
        with mendable(path, "delete"):
            path.unlink()
    return sum(path.suffix == SUFFIX for path in paths)


def planned_removal(office: OpenOffice, person: OfficePerson) -> list[str]:
    """What `remove_person` would delete, a line each."""
    layout = office.layout
    recordings = list((layout.recordings_dir / person.person_id).glob("*/*"))
    profiles = list(layout.profiles_dir.glob(f"{profile_name(person.person_id, '')}*{SUFFIX}"))
    cohort = (
        "their actions in the cohort" if person.person_id in cohort_numbers(layout) else "nothing of a cohort"
    )
    return [
        quantity(len(recordings), "recording"),
        f"{quantity(len(profiles), 'profile')} with figures",
        cohort,
    ]


def _delete_recordings(layout: OfficeLayout, person_id: str) -> int:
    folder = layout.recordings_dir / person_id
    count = sum(1 for _ in folder.glob("*/*"))
    if folder.exists():
        with mendable(folder, "delete"):
            shutil.rmtree(folder)
    return count


def _forget_computers(layout: OfficeLayout, person: OfficePerson) -> int:
    file = computers_file(layout.paths)
    computers = read_computers(file)
    left = computers.without_accounts(person.accounts)
    count = len(computers.by_id) - len(left.by_id)
    if count:
        write_computers(file, left)
    return count


def _delete_sealed(layout: OfficeLayout, person: OfficePerson) -> int:
    """What waits in the inbox: a sealed file's name begins with the hash of the account that handed it over."""
    if layout.inbox_dir is None or not layout.inbox_dir.is_dir():
        return 0
    count = 0
    for account, _computer in person.accounts:
        for path in layout.inbox_dir.rglob(f"{profile_name(account, '')}*{SEALED}"):
            with mendable(path, "delete"):
                path.unlink()
            count += 1
    return count


def _delete_reports(layout: OfficeLayout, person: OfficePerson) -> list[Path]:
    """Reports that name the person: they are made anew from what is left."""
    words = _words(person)
    named = [path for path in _files(layout.reports_dir) if _holds(path, words)]
    for path in named:
        with mendable(path, "delete"):
            path.unlink()
    return named


def _mark_all_due(layout: OfficeLayout) -> int:
    """Have every profile that was trained against the cohort be trained again; returns how many."""
    count = 0
    for path in sorted(layout.profiles_dir.glob("*.json")):
        try:
            figures = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise SteadyhandError(
                f"{path} cannot be read ({error})", "delete it: the profile is trained again"
            ) from error
        if not str(figures.get("cohort", "none")).startswith("none"):
            figures.pop("trained_from", None)
            write_private(path, json.dumps(figures, indent=2, ensure_ascii=False).encode() + b"\n")
            count += 1
    return count


def _bury(layout: OfficeLayout, person_id: str) -> None:
    """A line without a name: that somebody with this id left, and when."""
    path = layout.tombstones_file
    lines = path.read_bytes() if path.exists() else b"person,left\n"
    write_private(path, lines + f"{person_id},{utc_now().date().isoformat()}\n".encode())


def _traces(layout: OfficeLayout, person: OfficePerson) -> Iterator[str]:
    """Files of the office that still hold the person's name or accounts: it is looked for, not believed."""
    words = _words(person)
    for path in _files(layout.root):
        if path.stat().st_size <= _MOST_SEARCHED_BYTES and _holds(path, words):
            yield f"{path} still names them: delete or mend it by hand"


def _words(person: OfficePerson) -> list[bytes]:
    """Names to look for; a short local account such as `user` is everybody's."""
    accounts = [account for account, _ in person.accounts if len(account) > 4]
    return [word.encode() for word in (person.name, *accounts) if word]


def _holds(path: Path, words: list[bytes]) -> bool:
    with mendable(path, "read"):
        content = path.read_bytes()
    return any(word in content for word in words)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


ELSEWHERE: Final = (
    "alerts and heartbeats in the SIEM: delete by the account's name there",
    "backups of this office made before today: they hold what was deleted until they are overwritten",
    "their computers: steadyhand recordings --erase, and ~/.local/state/steadyhand",
)
