"""Helpers that several commands share: profiles, keys and folders."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from agent.engine.profile import Profile
from agent.files.keys import PublicKey, Role, Trust, load_trust, local_signing_key
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import SignedProfile, read_profile, write_profile
from agent.language.language import Language, language_named, preferred_language
from enroll.commands.description import name_for_agents
from enroll.office.journal import Journal
from enroll.office.layout import OfficeLayout, find_office, find_office_or_none
from enroll.office.lock import writer_lock
from enroll.office.passphrase import signing_key_at


def language_of(code: str | None) -> Language:
    """The language of that code, else the one of this session."""
    return language_named(code) if code else preferred_language()


def paths_of(options: argparse.Namespace) -> Paths:
    """The folders below `--root`, else those of the office that this folder or the source lies in, else the user's own.

    Whoever names recordings of an office is in its journal from then on.

    Raises
    ------
    SteadyhandError
        If the office cannot be read.
    """
    if options.root:
        return Paths.under(options.root)
    places = (
        Path.cwd(),
        *(getattr(options, name, None) for name in ("source", "folder", "recordings", "profile")),
    )
    for place in places:
        office = find_office_or_none(place) if isinstance(place, Path) and place.exists() else None
        if office is not None:
            _note_opening(office, options, Path(str(place)).resolve())
            return office.paths
    return Paths.of_user()


def _note_opening(office: OfficeLayout, options: argparse.Namespace, place: Path) -> None:
    """A line in the office's journal where `place` lies in its recordings."""
    if office.recordings_dir not in (place, *place.parents):
        return
    people = [part for part in place.relative_to(office.recordings_dir).parts[:1] if part]
    with writer_lock(office.lock_file):
        Journal(office.journal_file).append(options.command, people=people, detail="opens recordings")


def trust_of(public: Path | None, paths: Paths) -> Trust:
    """The keys that are believed: those of this computer, or one that is named."""
    if public is None:
        return load_trust(paths, local=True)
    with mendable(public, "read"):
        pem = public.read_bytes()
    return Trust.of(administrator=PublicKey.from_pem(pem, str(public)))


def read_signed(path: Path, public: Path | None, paths: Paths) -> SignedProfile:
    """A profile whose signature was checked."""
    return read_profile(path, trust_of(public, paths), now=datetime.now(UTC))


def write_signed(options: argparse.Namespace, profile: Profile, paths: Paths) -> None:
    """Sign what was made, as the administrator where there is a key, and keep it."""
    if not options.dry_run:
        role = Role.ADMINISTRATOR if options.key else Role.LOCAL
        key = (
            signing_key_at(options.key, options.passphrase_file) if options.key else local_signing_key(paths)
        )
        out = options.out / name_for_agents(profile) if options.out.is_dir() else options.out
        write_profile(out, profile, key, role)


def office_here(options: argparse.Namespace) -> OfficeLayout:
    """The office that is named, else the one that the current folder lies in.

    Raises
    ------
    SteadyhandError
        If there is none.
    """
    return find_office(Path.cwd(), options.office)
