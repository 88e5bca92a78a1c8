"""Fetch client: installs an administrator's signed profiles and policy from a folder that any web server can be.

A profile's name follows from its user and mouse configuration, so that the folder needs no list and tells nobody who
is in it. The server is not believed: what comes passes every check of `install_profile` and `install_policy`, signature
and sequence first.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.alerts.api import DeliveryOutcome
from agent.config.signed_policy import MOST_POLICY_BYTES, POLICY_NAME, install_policy, is_numbered
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.cohort import anonymous
from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.keys import Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.profiles import SUFFIX, install_profile, profile_name
from agent.files.sequence_numbers import read_marks
from agent.runtime.central.folder import AnyFolder, FolderClient

if TYPE_CHECKING:
    pass

_MOST_BYTES: Final = 64 << 20
_MOST_TAG_BYTES: Final = 1 << 20
_MOST_TAG: Final = 256
_TAG: Final = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the administrator's folder, and how it is installed.

    Attributes
    ----------
    name : str
        In the folder.
    what : str
        For people.
    path : Path
        Where it is installed here.
    most_bytes : int
    install : callable
        Checks the bytes and keeps them, given where they come from; returns the sequence.
    is_policy : bool
    transfer_again : bool
        Whether to ask for it though it has not changed.
    """

    name: str
    what: str
    path: Path
    most_bytes: int
    install: Callable[[bytes, str], int]
    is_policy: bool = False
    transfer_again: bool = False


@dataclass(slots=True)
class FetchReport:
    """Outcome of one look into the folder.

    Attributes
    ----------
    lines : list of str
        A line for each file that was asked for.
    profiles : list of str
        A line for each profile that was installed.
    policy : bool
        True if a policy was installed.
    refused : list of (bool, str)
        What failed a check: whether it is the policy, and why. What was there before stays in use.
    trouble : str
        Why the folder cannot be asked; empty where it can.
    absent : str
        That the folder is the right one and names nothing for this account; empty where it does.
    """

    lines: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    policy: bool = False
    refused: list[tuple[bool, str]] = field(default_factory=list)
    trouble: str = ""
    absent: str = ""


def fetch(folder: AnyFolder, paths: Paths, wanted: Iterable[FolderFile]) -> FetchReport:
    """Install what is new. Blocks up to five minutes a file; never raises for what the world does.

    Only what changed is transferred, as long as what was fetched before is still in its place.
    """
    fetched = FetchReport()
    tags = _read_tags(paths.fetched_tags_file)
    try:
        private_dir(paths.state_dir)
        headers = folder.headers()
        with folder.client() as client:
            for file in wanted:
                if not _fetch_file(client, headers, file, tags, fetched):
                    break
                write_private(paths.fetched_tags_file, json.dumps(tags).encode())
    except SteadyhandError as error:
        fetched.trouble = str(error)
    return fetched


def _fetch_file(
    client: FolderClient,
    headers: dict[str, str],
    wanted: FolderFile,
    tags: dict[str, list[str]],
    fetched: FetchReport,
) -> bool:
    """Ask for one file; False where the folder cannot be asked."""
    answer = client.get(f"/{wanted.name}", headers | _tag_here(wanted, tags), wanted.most_bytes)
    if answer.status == HTTPStatus.NOT_MODIFIED:
        fetched.lines.append(f"{wanted.what}: nothing new")
    elif answer.status == HTTPStatus.NOT_FOUND:
        fetched.lines.append(f"{wanted.what}: the folder has none")
    elif answer.outcome not in (DeliveryOutcome.OK, DeliveryOutcome.TOO_LARGE):
        fetched.trouble = answer.detail
    else:
        try:
            if answer.outcome is DeliveryOutcome.TOO_LARGE:
                raise SteadyhandError(answer.detail, "put the right file there")
            sequence = wanted.install(answer.body, f"{wanted.name} of the folder")
        except SteadyhandError as error:
            fetched.refused.append((wanted.is_policy, str(error)))
            fetched.lines.append(f"{wanted.what}: refused, {error}")
            return True
        # Noted only now: what failed a check is asked for again.
        tags[wanted.name] = [answer.tag, hashlib.sha256(answer.body).hexdigest()]
        line = f"{wanted.what}: sequence {sequence} was installed"
        fetched.lines.append(line)
        fetched.policy |= wanted.is_policy
        fetched.profiles += [] if wanted.is_policy else [line]
    return not fetched.trouble


def _tag_here(wanted: FolderFile, tags: dict[str, list[str]]) -> dict[str, str]:
    """The header that asks for changes only, where what was fetched before is in its place."""
    tag, sha256 = tags.get(wanted.name, ["", ""])
    is_here = bool(tag) and not wanted.transfer_again and _sha256(wanted.path) == sha256
    return {"If-None-Match": tag} if is_here else {}


def wanted_here(
    paths: Paths, user: str, mice: Iterable[MouseConfiguration], trust: Trust, now: Callable[[], datetime]
) -> list[FolderFile]:
    """The policy, and for each of these mice a profile of `user`, and one transferred to all mice of its kind."""

    def profile(packed: bytes, where: str) -> int:
        return install_profile(paths, packed, where, trust, now=now()).profile.sequence

    def policy(packed: bytes, where: str) -> int:
        return install_policy(paths, packed, where, trust).sequence

    private_dir(paths.profiles_dir)
    wanted_files = [
        FolderFile(
            POLICY_NAME,
            "policy",
            paths.fetched_policy_file,
            MOST_POLICY_BYTES,
            policy,
            is_policy=True,
            transfer_again=not is_numbered(read_marks(paths)[0]),
        )
    ]
    for key, mouse in {mouse.key: mouse for mouse in mice}.items():
        what = mouse.name or key
        names = {
            f"{what}, transferred": profile_name(user, anonymous(mouse).key, transferred=True) + SUFFIX,
            what: profile_name(user, key) + SUFFIX,
        }
        wanted_files += [
            FolderFile(n, w, paths.profiles_dir / n, _MOST_BYTES, profile) for w, n in names.items()
        ]
    return wanted_files


def _sha256(path: Path) -> str:
    """Of a private file, in hexadecimal; empty where it is gone or cannot be read."""
    try:
        return hashlib.sha256(read_private(path, _MOST_BYTES)).hexdigest()
    except (OSError, SteadyhandError):
        return ""


def _read_tags(file: Path) -> dict[str, list[str]]:
    """Tag and hash of what was installed; none where the file is missing or spoilt: then all is fetched again."""
    try:
        tags = Fields.of(decode_json(read_private(file, _MOST_TAG_BYTES), _MOST_TAG_BYTES))
        return {name: _pair(tags, name) for name in tags.document}
    except FileNotFoundError:
        return {}
    except (OSError, SteadyhandError, ValueError) as error:
        set_aside(file, error)
        return {}


def _pair(tags: Fields, name: str) -> list[str]:
    """Tag and hash; a tag that cannot stand in a header counts as none."""
    tag, sha256 = tags.texts(name, 2, _MOST_TAG)
    return [tag if _TAG.fullmatch(tag) else "", sha256]
