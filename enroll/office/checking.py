"""Check of an office: whether everything in it is whole, and private where it must be."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.private import HAS_OWNERS
from agent.files.published_index import INDEX_NAME
from agent.files.versions import version_text
from enroll.office.catalogue import read_catalogue
from enroll.office.journal import Journal
from enroll.office.keyring import RECOVERY, Keyring, read_keyring
from enroll.office.layout import OfficeLayout
from enroll.office.lock import read_holder
from enroll.office.people import EXEMPT, People, read_people
from enroll.office.policies import shadow_all_since
from enroll.office.published import read_published
from enroll.office.training import asked_of


def problems_of(layout: OfficeLayout) -> list[str]:
    """A line for everything that is not as it must be; each part is looked at, whatever is wrong with another."""
    problems: list[str] = []
    for look in (_modes, _keys, _people, _journal, _published, _lock):
        try:
            problems += look(layout)
        except SteadyhandError as error:
            problems.append(str(error))
    return problems


def _modes(layout: OfficeLayout) -> Iterator[str]:
    """Public files are readable by everybody, all others by their owner alone."""
    if not HAS_OWNERS:
        return
    published = layout.published_dir
    for path in sorted((*layout.root.rglob("*"), *published.rglob("*"))):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if _is_inside(path, published):
            wanted = 0o755 if path.is_dir() else 0o644
            if mode & wanted != wanted or mode & 0o022:
                yield f"{path} is {mode:o}: chmod {wanted:o}, or the web server cannot hand it out"
        elif mode & 0o077 and (path.is_dir() or layout.keys_dir == path.parent or _is_open(path.parent)):
            yield f"{path} is open to others: chmod {700 if path.is_dir() else 600} {path}"
    for folder in published.parents:
        if folder.is_dir() and not folder.stat().st_mode & 0o001:
            yield f"no web server comes through {folder}: chmod o+x {folder}, or office init --published elsewhere"


def _is_open(folder: Path) -> bool:
    """True where others come through: a file in a closed folder may be as an editor left it."""
    return bool(folder.stat().st_mode & 0o011)


def _is_inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _keys(layout: OfficeLayout) -> Iterator[str]:
    keyring = read_keyring(layout.keyring_file)
    known = keyring.signing()
    if not (layout.keys_dir / known.file).exists():
        yield f"the signing key {known.key_id} is not in {layout.keys_dir}: put it there, or name it with --key"
    for key in keyring.keys:
        if key.role == RECOVERY and not key.revoked and (layout.keys_dir / key.file).exists():
            yield f"the recovery key lies in {layout.keys_dir}: move it to a safe place offline"
    if not any(key.role == RECOVERY and not key.revoked for key in keyring.keys):
        yield "no recovery key counts: a lost key means a visit to every computer"


def _people(layout: OfficeLayout) -> Iterator[str]:
    people = read_people(layout.people_file)
    for group in sorted({person.group for person in people.by_id.values()} | {"default"}):
        asked_of(layout, group)
    for folder in sorted(layout.recordings_dir.glob("*")):
        if folder.name not in people.by_id:
            yield f"{folder}: recordings of nobody in people.csv; delete them, or bring the line back"
    for person in people.by_id.values():
        if not person.accounts:
            yield f"{person.person_id} has no account"


def _journal(layout: OfficeLayout) -> Iterator[str]:
    if not Journal(layout.journal_file).read():
        yield f"{layout.journal_file} is empty or gone"


def _published(layout: OfficeLayout) -> Iterator[str]:
    keyring = read_keyring(layout.keyring_file)
    since = shadow_all_since(layout)
    if since:
        yield f"everybody is in shadow mode since {since}: office shadow-all --end"
    state = read_published(layout.published_dir, keyring.once_trusted)
    if state.index is None:
        yield f"nothing is published yet: {layout.published_dir / INDEX_NAME} is not there"
        return
    if state.index.signed_by not in keyring.trust.keys:
        yield "what stands published is signed by a key that no longer counts: office publish"
    for name in sorted(state.files()):
        if not (layout.published_dir / name).exists():
            yield f"{layout.published_dir / name} is named by the index and is not there: office publish"
    yield from _behind(layout, keyring)


def _behind(layout: OfficeLayout, keyring: Keyring) -> Iterator[str]:
    """Profiles that differ from those that stand published."""
    state = read_published(layout.published_dir, keyring.once_trusted)
    people = read_people(layout.people_file)
    standing = {
        (entry.person, mouse): file.sequence
        for entry in state.entries.values()
        for mouse, file in entry.profiles.items()
    }
    catalogue = read_catalogue(layout.catalogue_file, layout.profiles_dir, keyring.once_trusted)
    for profile in catalogue.values():
        published = standing.pop((profile.person, profile.mouse), 0)
        if _may_be_judged(people, profile.person) and published != profile.sequence:
            which = "newer" if profile.sequence > published else "older"
            yield (
                f"{profile.person} under {profile.mouse}: the office has {version_text(profile.sequence)}, {which} "
                f"than what is published ({version_text(published) if published else 'nothing'}): office publish"
            )
    for person, mouse in standing:
        yield f"{person} under {mouse}: published, and not in the office: office publish takes it back"


def _may_be_judged(people: People, person_id: str) -> bool:
    person = people.by_id.get(person_id)
    return person is not None and person.group != EXEMPT


def _lock(layout: OfficeLayout) -> Iterator[str]:
    holder = read_holder(layout.lock_file)
    if holder is None:
        return
    state = "which is gone: the next command takes the lock" if holder.is_gone() else "which may be at work"
    yield f"process {holder.process} on {holder.host} holds the lock since {holder.since}, {state}"
