"""Access request: everything that an office holds of one person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agent.files.recordings import list_recordings
from agent.files.versions import version_text
from enroll.office.journal import Journal
from enroll.office.opening import OpenOffice
from enroll.office.people import OfficePerson
from enroll.office.removal import ELSEWHERE
from enroll.office.training import cohort_numbers, mouse_folders
from enroll.store import ProfileStore


def held_of(office: OpenOffice, person: OfficePerson) -> dict[str, Any]:
    """Everything that is held of a person, plain values; times are UTC.

    Raises
    ------
    SteadyhandError
        If something of it cannot be read: an answer that leaves it out would be wrong.
    """
    layout = office.layout
    number = cohort_numbers(layout).get(person.person_id)
    return {
        "person": person.person_id,
        "name": person.name,
        "group": person.group,
        "accounts": [f"{account} on {computer}" for account, computer in person.accounts],
        "recordings": _recordings(office, person),
        "recordings_deleted_after_days": layout.settings.recordings_keep_days,
        "profiles": _profiles(office, person),
        "in_cohort_as_number": number,
        "journal": [
            {"utc": entry.utc, "who": entry.who, "command": entry.command, "reason": entry.reason}
            for entry in Journal(layout.journal_file).read()
            if person.person_id in entry.people
        ],
        "may_be_held_elsewhere": list(ELSEWHERE),
    }


def about_lines(held: dict[str, Any]) -> list[str]:
    """The same for people."""
    lines = [f"{held['person']}  {held['name']}", f"group      {held['group']}"]
    lines += [f"account    {account}" for account in held["accounts"]]
    lines += [
        f"recordings {r['count']} under mouse {r['mouse']}, {r['bytes']:,} bytes, received {r['first']} to {r['last']}"
        for r in held["recordings"]
    ] or ["recordings none"]
    lines += [
        f"profile    mouse {p['mouse']}, version {p['version']}, made {p['created']}, until {p['expires']}, of "
        f"{p['actions']} actions"
        for p in held["profiles"]
    ] or ["profile    none"]
    number = held["in_cohort_as_number"]
    lines.append(
        f"cohort     {'not in it' if number is None else f'actions without a name, as number {number}'}"
    )
    lines += [
        f"journal    {e['utc']}  {e['who']}  {e['command']}  {e['reason']}".rstrip() for e in held["journal"]
    ]
    return [*lines, *(f"elsewhere  {line}" for line in held["may_be_held_elsewhere"])]


def _recordings(office: OpenOffice, person: OfficePerson) -> list[dict[str, Any]]:
    by_mouse = []
    for folder in mouse_folders(office.layout, person.person_id):
        recordings = list_recordings(folder)
        days = [datetime.fromtimestamp(r.changed_unix_s, UTC).date().isoformat() for r in recordings]
        by_mouse.append(
            {
                "mouse": folder.name,
                "count": len(recordings),
                "bytes": sum(r.size_bytes for r in recordings),
                "first": days[0],
                "last": days[-1],
            }
        )
    return by_mouse


def _profiles(office: OpenOffice, person: OfficePerson) -> list[dict[str, Any]]:
    stored, problems = ProfileStore(office.layout.profiles_dir, office.keyring.once_trusted).read()
    mine = [entry.profile for entry in stored if entry.profile.user == person.person_id]
    return [
        {
            "mouse": profile.mouse.key,
            "version": version_text(profile.sequence),
            "created": profile.created,
            "expires": profile.expires,
            "actions": profile.summary.get("actions", "-"),
            "summary": dict(profile.summary),
        }
        for profile in mine
    ] + [{"mouse": "?", "problem": problem, **_UNREAD} for problem in problems]


_UNREAD = {"version": "?", "created": "?", "expires": "?", "actions": "?", "summary": {}}
