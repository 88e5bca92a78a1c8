"""Publication: writes what agents may ask for into the published folder, and a signed index of it.

Files come first and bear their hash as a name, the index comes last and replaces the one before: an agent sees the old
publication or the new one, never half of each. Versions go on from what stands in the folder, never below it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.engine.sentence import quantity
from agent.files.accounts import account_of
from agent.files.archive import read_bounded
from agent.files.private import write_private, write_public
from agent.files.profile import PROFILE, open_profile, pack_signed
from agent.files.profiles import SUFFIX, profile_name
from agent.files.published_index import (
    INDEX_NAME,
    IndexEntry,
    PublishedFile,
    PublishedIndex,
    pack_shard,
    shard_name,
    shard_of,
    sign_index,
)
from agent.files.signing import SigningKey
from agent.files.trust import Role
from agent.files.versions import next_version, version_text
from enroll.clock import utc_now, utc_text
from enroll.office.backgrounds import publish_background
from enroll.office.catalogue import CataloguedProfile, read_catalogue, write_catalogue
from enroll.office.opening import OpenOffice
from enroll.office.people import EXEMPT, OfficePerson
from enroll.office.policies import clear_signing_mark, is_marked_for_signing, publish_policies
from enroll.office.published import PublishedState, open_folders, put_file, read_published, remove_others
from enroll.store import ProfileStore


@dataclass(slots=True)
class Publication:
    """What was published.

    Attributes
    ----------
    sequence : int
    people, accounts, profiles : int
    new_profiles : int
        Files that were not there before.
    lines : list of str
        What the administrator should know.
    """

    sequence: int = 0
    people: int = 0
    accounts: int = 0
    profiles: int = 0
    new_profiles: int = 0
    lines: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One line."""
        return (
            f"published {version_text(self.sequence)}: {quantity(self.people, 'person', 'people')} "
            f"with {quantity(self.accounts, 'account')}, "
            f"{quantity(self.profiles, 'profile')}, {self.new_profiles} of them new"
        )


@dataclass(frozen=True, slots=True)
class SharedFiles:
    """Published files that belong to no single person.

    Attributes
    ----------
    policies : dict of str to PublishedFile
        By group.
    background : PublishedFile or None
    """

    policies: dict[str, PublishedFile]
    background: PublishedFile | None


def publish(office: OpenOffice, key: SigningKey) -> Publication:
    """Write the published folder.

    Raises
    ------
    SteadyhandError
        If what stands there, a profile or a policy cannot be read, or something not be written. The index that stood
        there then still holds.
    """
    layout = office.layout
    folder = layout.published_dir
    open_folders(folder)
    before = read_published(folder, office.keyring.once_trusted)
    publication = Publication(next_version(before.sequence, office.keyring.epoch))
    catalogue = _current_catalogue(office, key, before, publication)
    shared = SharedFiles(
        publish_policies(office, key, before, publication.sequence), publish_background(office)
    )
    entries = _publish_profiles(office, catalogue, shared, before, publication)
    index = _write_index(office, key, entries, before, publication)
    write_catalogue(layout.catalogue_file, catalogue)
    after = PublishedState(index, entries)
    # Agents that read the index before still find what it names until the next publication.
    standing = {file.name for file in shared.policies.values()}
    remove_others(folder, after.files() | before.files() | standing)
    return publication


def _current_catalogue(
    office: OpenOffice, key: SigningKey, before: PublishedState, publication: Publication
) -> dict[str, CataloguedProfile]:
    """The office's profiles; newer ones that stand published are taken back first, and revoked signatures replaced."""
    layout, trust = office.layout, office.keyring.once_trusted
    catalogue = read_catalogue(layout.catalogue_file, layout.profiles_dir, trust)
    held = {(profile.person, profile.mouse): profile.sequence for profile in catalogue.values()}
    changed = False
    for entry in before.entries.values():
        for mouse, file in entry.profiles.items():
            if entry.person in office.people.by_id and file.sequence > held.get((entry.person, mouse), 0):
                _take_back(office, file)
                publication.lines.append(
                    f"{entry.person} {mouse}: {version_text(file.sequence)} stood published and was taken back"
                )
                changed = True
    everything = is_marked_for_signing(layout)
    for name, profile in catalogue.items():
        if everything or profile.signed_by not in office.keyring.trust.keys:
            _sign_anew(office, layout.profiles_dir / name, key)
            changed = True
    if everything:
        clear_signing_mark(layout)
    if not changed:
        return catalogue
    return read_catalogue(layout.catalogue_file, layout.profiles_dir, trust)


def _take_back(office: OpenOffice, file: PublishedFile) -> None:
    path = office.layout.published_dir / file.name
    packed = read_bounded(path, PROFILE)
    signed = open_profile(packed, str(path), office.keyring.once_trusted, now=utc_now())
    profile = signed.profile
    present = ProfileStore(office.layout.profiles_dir, office.keyring.once_trusted).at(
        profile.user, profile.mouse.key, transferred=profile.is_transferred
    )
    if present is None or present.profile.sequence < profile.sequence:
        name = profile_name(profile.user, profile.mouse.key, transferred=profile.is_transferred)
        write_private(office.layout.profiles_dir / f"{name}{SUFFIX}", packed)


def _sign_anew(office: OpenOffice, path: Path, key: SigningKey) -> None:
    """Replace the signature of a key that no longer counts, as a newer version."""
    signed = open_profile(
        read_bounded(path, PROFILE), str(path), office.keyring.once_trusted, now=utc_now()
    ).profile
    newer = replace(signed, sequence=next_version(signed.sequence, office.keyring.epoch))
    write_private(path, pack_signed(newer, key, Role.ADMINISTRATOR))


def _publish_profiles(
    office: OpenOffice,
    catalogue: dict[str, CataloguedProfile],
    shared: SharedFiles,
    before: PublishedState,
    publication: Publication,
) -> dict[str, IndexEntry]:
    """Copy profiles that are not there yet; returns the entry of every account."""
    layout = office.layout
    of_person: dict[str, dict[str, PublishedFile]] = {}
    for name, profile in catalogue.items():
        file = PublishedFile(f"profiles/{profile.sha256}{SUFFIX}", profile.sha256, profile.sequence)
        person = office.people.by_id.get(profile.person)
        if person is None or person.group == EXEMPT:
            continue
        target = layout.published_dir / file.name
        if not target.exists():
            write_public(target, read_bounded(layout.profiles_dir / name, PROFILE))
            publication.new_profiles += 1
        of_person.setdefault(profile.person, {})[profile.mouse] = file
        publication.profiles += 1
    entries: dict[str, IndexEntry] = {}
    for person in office.people.by_id.values():
        publication.people += 1
        entry = _entry(person, shared, of_person.get(person.person_id, {}))
        for account in person.accounts:
            entries[account_of(*account).account_id] = entry
            publication.accounts += 1
    return entries


def _entry(person: OfficePerson, shared: SharedFiles, profiles: dict[str, PublishedFile]) -> IndexEntry:
    # Of who is exempt nothing is learnt.
    background = None if person.group == EXEMPT else shared.background
    return IndexEntry(person.person_id, person.group, shared.policies[person.group], profiles, background)


def _write_index(
    office: OpenOffice,
    key: SigningKey,
    entries: dict[str, IndexEntry],
    before: PublishedState,
    publication: Publication,
) -> PublishedIndex:
    """Write the shards that differ from those that stand there, then the index."""
    folder = office.layout.published_dir
    standing = _by_shard(before.entries)
    hashes: dict[str, str] = {}
    for shard, content in _by_shard(entries).items():
        if before.index is not None and content == standing.get(shard):
            hashes[shard] = before.index.shards[shard]
            continue
        packed = pack_shard(content)
        hashes[shard] = hashlib.sha256(packed).hexdigest()
        put_file(folder, shard_name(hashes[shard]), packed)
    index = PublishedIndex(
        publication.sequence,
        utc_text(),
        office.layout.settings.office,
        hashes,
        office.keyring.endorsements,
        office.keyring.revoked,
        office.keyring.helpdesk,
    )
    write_public(folder / INDEX_NAME, sign_index(index, key))
    return index


def _by_shard(entries: dict[str, IndexEntry]) -> dict[str, dict[str, IndexEntry]]:
    shards: dict[str, dict[str, IndexEntry]] = {}
    for account_id, entry in sorted(entries.items()):
        shards.setdefault(shard_of(account_id), {})[account_id] = entry
    return shards
