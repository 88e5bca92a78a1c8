"""Index client: fetches what the signed index of the administrator's folder names for this account.

"The folder has nothing for this account", "this is not the folder" and "the server refuses" are three outcomes. What
changed is known by the hash in the index, so a server without ETag costs one small request a round and no reload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from agent.alerts.api import DeliveryOutcome
from agent.config.loading import load_configuration
from agent.engine.errors import SteadyhandError
from agent.files.accounts import candidates
from agent.files.background import FOLDER_BACKGROUND
from agent.files.devices import declared_devices
from agent.files.fetched_entry import find_entry, read_entry, read_shards, write_entry
from agent.files.index_trust import checked_index
from agent.files.keys import Role, load_trust
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.published_index import (
    INDEX_NAME,
    MOST_INDEX_BYTES,
    PublishedIndex,
    shard_name,
    shard_of,
)
from agent.files.sequence_numbers import raise_mark, read_marks, write_marks
from agent.files.versions import version_text
from agent.host.select import services
from agent.runtime.central.entry_fetch import FetchRequest, FolderSession, install_entry, remove_profiles
from agent.runtime.central.fetch import FetchReport, fetch, wanted_here
from agent.runtime.central.folder import AnyFolder, FolderClient

_MARK: Final = "index"
_RECOVERY_MARK: Final = "index of a recovery key"


def fetch_published(folder: AnyFolder, paths: Paths, request: FetchRequest) -> FetchReport:
    """Install what is new. Blocks up to five minutes a file; never raises for what the world does.

    A folder without an index, of a time before there was one, is asked for files by their names.
    """
    report = FetchReport()
    try:
        private_dir(paths.state_dir)
        headers = folder.headers()
        with folder.client() as client:
            index = _fetch_index(client, headers, paths, report)
            if index is not None:
                _fetch_named(FolderSession(client, headers, paths, request, report), *index)
                return report
    except SteadyhandError as error:
        report.trouble = str(error)
    return report if report.trouble or report.refused else _fetch_by_name(folder, paths, request)


def fetch_here(
    folder: AnyFolder, paths: Paths, account: str, computer: str, *, now: Callable[[], datetime]
) -> FetchReport:
    """`fetch_published` for the mice that are connected to this computer now.

    Raises
    ------
    SteadyhandError
        Where no mouse can be described: a profile is for one mouse.
    """
    settings = load_configuration(paths).settings
    mice = services(settings.response.lockers, declared=lambda: declared_devices(paths)).mice.connected()
    if not mice:
        raise SteadyhandError("no mouse can be described here", "run it inside the graphical session")
    wants_background = settings.enrolment.background == FOLDER_BACKGROUND
    request = FetchRequest(account, computer, tuple(mice), now, wants_background=wants_background)
    return fetch_published(folder, paths, request)


def _fetch_by_name(folder: AnyFolder, paths: Paths, request: FetchRequest) -> FetchReport:
    trust = load_trust(paths, local=False)
    wanted = wanted_here(paths, request.account, request.mice, trust, request.now)
    report = fetch(folder, paths, wanted)
    if not report.trouble and all(line.endswith(": the folder has none") for line in report.lines):
        report.trouble = (
            f"{folder.url} has neither {INDEX_NAME} nor any file for this account: the address may be wrong, "
            "or nothing was published there"
        )
    return report


def _fetch_index(
    client: FolderClient, headers: dict[str, str], paths: Paths, report: FetchReport
) -> tuple[PublishedIndex, bytes] | None:
    """The index; None where there is none or it is refused, which the report says."""
    known = paths.fetched_index_file.exists()
    answer = client.get(f"/{INDEX_NAME}", headers, MOST_INDEX_BYTES)
    if answer.status == HTTPStatus.NOT_FOUND:
        if known:
            report.trouble = f"{INDEX_NAME} is no longer in the folder: the address may be wrong"
        return None
    if answer.outcome is not DeliveryOutcome.OK:
        report.trouble = answer.detail
        return None
    if not known and not answer.body.startswith(b"{"):
        return None  # a server that answers every address with something
    try:
        index, trust = checked_index(
            answer.body, f"{INDEX_NAME} of the folder", load_trust(paths, local=False)
        )
        _check_sequence(paths, index, is_recovery=index.signed_by in trust.recovery)
    except SteadyhandError as error:
        report.refused.append((True, str(error)))
        report.lines.append(f"index: refused, {error}")
        return None
    return index, answer.body


def _fetch_named(session: FolderSession, index: PublishedIndex, packed: bytes) -> None:
    """Whatever the index names for the account; the report says what it does not."""
    request, report, paths = session.request, session.report, session.paths
    try:
        accounts = candidates(request.account, request.computer)
        shards = _fetch_shards(session, index, {shard_of(account.account_id) for account in accounts})
        if shards is None:
            return
        entry = find_entry(index, shards, request.account, request.computer)
    except (SteadyhandError, ValueError) as error:
        report.refused.append((True, str(error)))
        report.lines.append(f"index: refused, {error}")
        return
    before = read_entry(paths, load_trust(paths, local=False), request.account, request.computer)
    write_entry(paths, packed, shards)
    _raise_mark(paths, index, is_recovery=index.signed_by in load_trust(paths, local=False).recovery)
    label = accounts[0].label
    if entry is None:
        remove_profiles(paths, before.person)
        report.absent = f"the folder has nothing for {label} ({index.version}): ask the administrator"
        report.lines.append(report.absent)
        return
    if before.person and before.person != entry.person:
        remove_profiles(paths, before.person)
    install_entry(session, entry, index)


def _fetch_shards(session: FolderSession, index: PublishedIndex, wanted: set[str]) -> dict[str, str] | None:
    """The shards that the account may be in, those kept here where they are still the same; None in trouble."""
    shards = read_shards(session.paths)
    fetched: dict[str, str] = {}
    for shard in sorted(wanted & set(index.shards)):
        text = shards.get(shard, "")
        if hashlib.sha256(text.encode()).hexdigest() != index.shards[shard]:
            answer = session.client.get(
                f"/{shard_name(index.shards[shard])}", session.headers, MOST_INDEX_BYTES
            )
            if answer.outcome is not DeliveryOutcome.OK:
                session.report.trouble = answer.detail or f"{shard_name(index.shards[shard])} is not there"
                return None
            text = answer.body.decode(errors="replace")
        fetched[shard] = text
    return fetched


def _check_sequence(paths: Paths, index: PublishedIndex, *, is_recovery: bool) -> None:
    """Refuse an index that is older than one that was here.

    A recovery key's index is measured by those of recovery keys alone: whoever stole the daily key must not keep it out
    by a high number.
    """
    marks = read_marks(paths)[0]
    before = marks.get(_RECOVERY_MARK if is_recovery else _MARK, {}).get(Role.ADMINISTRATOR.value, -1)
    if index.sequence < before:
        raise SteadyhandError(
            f"the index is {index.version}, but {version_text(before)} was here before",
            "publish again: an old copy is not taken back",
        )


def _raise_mark(paths: Paths, index: PublishedIndex, *, is_recovery: bool) -> None:
    marks = read_marks(paths)[0]
    if is_recovery:
        marks[_MARK] = {Role.ADMINISTRATOR.value: index.sequence}
    names = (_MARK, _RECOVERY_MARK) if is_recovery else (_MARK,)
    raised = [raise_mark(marks, name, Role.ADMINISTRATOR, index.sequence) for name in names]
    if any(raised):
        write_marks(paths, marks)
