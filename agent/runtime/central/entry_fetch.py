"""Entry client: installs the files that the index names for an account, by the hash that it gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from agent.alerts.api import DeliveryOutcome
from agent.config.signed_policy import MOST_POLICY_BYTES, install_policy, is_numbered
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.background import BACKGROUND, fetched_background_file, install_background
from agent.files.cohort import anonymous
from agent.files.excuse import MOST_EXCUSE_BYTES, excuse_name, install_excuse
from agent.files.keys import load_trust
from agent.files.paths import Paths
from agent.files.private import mendable, private_dir, read_private
from agent.files.profiles import SUFFIX, install_profile, profile_name
from agent.files.published_index import IndexEntry, PublishedFile, PublishedIndex
from agent.files.sequence_numbers import read_marks
from agent.files.versions import version_text
from agent.runtime.central.fetch import FetchReport
from agent.runtime.central.folder import FolderClient

_MOST_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """Who asks.

    Attributes
    ----------
    account, computer : str
    mice : tuple of MouseConfiguration
        Those that are connected.
    now : callable
        Wall clock, with a time zone.
    wants_background : bool
        Whether this computer learns with the folder's background of differences.
    """

    account: str
    computer: str
    mice: tuple[MouseConfiguration, ...]
    now: Callable[[], datetime]
    wants_background: bool = False


@dataclass(frozen=True, slots=True)
class FolderSession:
    """What every step of one look into the folder needs."""

    client: FolderClient
    headers: dict[str, str]
    paths: Paths
    request: FetchRequest
    report: FetchReport


def install_entry(session: FolderSession, entry: IndexEntry, index: PublishedIndex) -> None:
    """Install policy, profiles of the connected mice, background and the helpdesk's excuse; the report says so."""
    _install_policy(session, entry)
    _install_profiles(session, entry)
    _install_background(session, entry)
    _fetch_excuse(session, entry, index)


def _install_policy(session: FolderSession, entry: IndexEntry) -> None:
    report, paths = session.report, session.paths
    if entry.policy is None:
        report.lines.append("policy: the folder has none for this account")
        return
    trust = load_trust(paths, local=False)

    def policy(packed: bytes, where: str) -> str:
        return _version(install_policy(paths, packed, where, trust).sequence)

    report.policy = _fetch_file(
        session,
        entry.policy,
        "policy",
        _sha256(paths.fetched_policy_file) if is_numbered(read_marks(paths)[0]) else "",
        MOST_POLICY_BYTES,
        policy,
    )


def _install_profiles(session: FolderSession, entry: IndexEntry) -> None:
    report, paths = session.report, session.paths
    trust = load_trust(paths, local=False)

    def profile(packed: bytes, where: str) -> str:
        installed = install_profile(paths, packed, where, trust, now=session.request.now())
        return _version(installed.profile.sequence)

    private_dir(paths.profiles_dir)
    _remove_unnamed(paths, entry)
    for what, key, transferred in _wanted(session.request.mice):
        file = entry.profiles.get(f"{key}-transferred" if transferred else key)
        if file is None:
            if not transferred:
                report.lines.append(f"{what}: the folder has no profile of this account for this mouse")
            continue
        path = paths.profiles_dir / (profile_name(entry.person, key, transferred=transferred) + SUFFIX)
        if _fetch_file(session, file, what, _sha256(path), _MOST_BYTES, profile):
            report.profiles.append(report.lines[-1])


def _install_background(session: FolderSession, entry: IndexEntry) -> None:
    """The background that agents learn with; one that is no longer wanted or named goes."""
    report, paths = session.report, session.paths
    path = fetched_background_file(paths)
    if not session.request.wants_background or entry.background is None:
        with mendable(path, "delete"):
            path.unlink(missing_ok=True)
        if session.request.wants_background:
            report.lines.append("background: the folder has none, own data alone are learnt from")
        return
    trust = load_trust(paths, local=False)

    def background(packed: bytes, where: str) -> str:
        people = max(rate.people for rate in install_background(paths, packed, where, trust).classes)
        return f"one of {people} people"

    _fetch_file(session, entry.background, "background", _sha256(path), BACKGROUND.most_bytes, background)


def _fetch_excuse(session: FolderSession, entry: IndexEntry, index: PublishedIndex) -> None:
    """An excuse is small and rare: it is asked for each time, where the helpdesk has a key at all."""
    report = session.report
    if report.trouble or not index.helpdesk_keys:
        return
    name = excuse_name(entry.person)
    answer = session.client.get(f"/{name}", session.headers, MOST_EXCUSE_BYTES)
    if answer.status == HTTPStatus.NOT_FOUND:
        return
    if answer.outcome is not DeliveryOutcome.OK:
        report.trouble = answer.detail
        return
    try:
        excuse = install_excuse(session.paths, answer.body, name, index.helpdesk_keys, entry.person)
    except SteadyhandError as error:
        report.refused.append((True, str(error)))
        report.lines.append(f"excuse: refused, {error}")
        return
    if excuse.holds(session.request.now()):
        report.lines.append(f"excuse: nothing is locked until {excuse.until}")
        report.policy = True  # settings are read again


def _wanted(mice: Iterable[MouseConfiguration]) -> list[tuple[str, str, bool]]:
    """For each mouse its name and key, as it was enrolled and as profiles are transferred to its model."""
    by_key = {mouse.key: mouse for mouse in mice}
    return [
        wanted
        for key, mouse in by_key.items()
        for wanted in (
            (mouse.name or key, key, False),
            (f"{mouse.name or key}, transferred", anonymous(mouse).key, True),
        )
    ]


def _fetch_file(
    session: FolderSession,
    file: PublishedFile,
    what: str,
    sha256_here: str,
    most_bytes: int,
    install: Callable[[bytes, str], str],
) -> bool:
    """True where a new version was installed. What is here already, by its hash, is not asked for."""
    report = session.report
    if report.trouble:
        return False
    if sha256_here == file.sha256:
        report.lines.append(f"{what}: nothing new")
        return False
    answer = session.client.get(f"/{file.name}", session.headers, most_bytes)
    try:
        if answer.status == HTTPStatus.NOT_FOUND:
            raise SteadyhandError(f"{file.name} is named by the index and is not there", "publish again")
        if answer.outcome not in (DeliveryOutcome.OK, DeliveryOutcome.TOO_LARGE):
            report.trouble = answer.detail
            return False
        if hashlib.sha256(answer.body).hexdigest() != file.sha256:
            raise SteadyhandError(f"{file.name} is not the file that the index names", "publish again")
        installed = install(answer.body, f"{file.name} of the folder")
    except SteadyhandError as error:
        report.refused.append((what == "policy", str(error)))
        report.lines.append(f"{what}: refused, {error}")
        return False
    report.lines.append(f"{what}: {installed} was installed")
    return True


def _version(sequence: int) -> str:
    return f"version {version_text(sequence)}"


def _remove_unnamed(paths: Paths, entry: IndexEntry) -> None:
    """Delete this person's profiles that the index no longer names, whichever mouse is connected."""
    named = {f"{profile_name(entry.person, key)}{SUFFIX}" for key in entry.profiles}
    for path in sorted(paths.profiles_dir.glob(f"{profile_name(entry.person, '*')}{SUFFIX}")):
        if path.name not in named:
            with mendable(path, "delete"):
                path.unlink(missing_ok=True)


def remove_profiles(paths: Paths, person: str) -> None:
    """Delete the profiles of somebody whom the index no longer names: this account is not judged by them any more."""
    if not person:
        return
    for path in sorted(paths.profiles_dir.glob(f"{profile_name(person, '*')}{SUFFIX}")):
        with mendable(path, "delete"):
            path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    """Of a private file, in hexadecimal; empty where it is gone or cannot be read."""
    try:
        return hashlib.sha256(read_private(path, _MOST_BYTES)).hexdigest()
    except (OSError, SteadyhandError):
        return ""
