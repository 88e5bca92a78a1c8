"""Policies of an office: one for each group, signed together; and everybody in shadow mode for the time being."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from agent.config.policy import parse_policy
from agent.config.signed_policy import POLICY_NAME, sign_policy
from agent.engine.errors import SteadyhandError
from agent.files.canonical import canonical
from agent.files.private import mendable, write_private, write_public
from agent.files.published_index import PublishedFile
from agent.files.signing import SigningKey
from enroll.clock import utc_text
from enroll.office.layout import OfficeLayout
from enroll.office.opening import OpenOffice
from enroll.office.published import PublishedState, put_file
from enroll.office.training import policy_file

_SHADOW_ALL: Final = "shadow_all"
_SIGN_ANEW: Final = "sign_anew"


def shadow_all_since(layout: OfficeLayout) -> str:
    """Since when everybody is in shadow mode; empty where nobody said so.

    Raises
    ------
    SteadyhandError
        If the office's state is damaged: whether locking is off is not guessed.
    """
    return _read_state(layout)[_SHADOW_ALL]


def set_shadow_all(layout: OfficeLayout, on: bool) -> None:
    """Have the next publication put everybody into shadow mode, or no longer."""
    _write_state(layout, _read_state(layout) | {_SHADOW_ALL: utc_text() if on else ""})


def mark_for_signing(layout: OfficeLayout) -> None:
    """Have the next publication sign every profile anew, as a newer version."""
    _write_state(layout, _read_state(layout) | {_SIGN_ANEW: utc_text()})


def is_marked_for_signing(layout: OfficeLayout) -> bool:
    """True where the next publication signs every profile anew.

    Raises
    ------
    SteadyhandError
        As `shadow_all_since`.
    """
    return bool(_read_state(layout)[_SIGN_ANEW])


def clear_signing_mark(layout: OfficeLayout) -> None:
    """What was marked is signed."""
    _write_state(layout, _read_state(layout) | {_SIGN_ANEW: ""})


def _read_state(layout: OfficeLayout) -> dict[str, str]:
    state = {_SHADOW_ALL: "", _SIGN_ANEW: ""}
    if not layout.state_file.exists():
        return state
    try:
        with mendable(layout.state_file, "read"):
            content = json.loads(layout.state_file.read_bytes())
        return {name: str(content.get(name, "")) for name in state}
    except (ValueError, AttributeError) as error:
        raise SteadyhandError(
            f"{layout.state_file} is damaged ({error})", "delete it, and say office shadow-all if that held"
        ) from error


def _write_state(layout: OfficeLayout, state: dict[str, str]) -> None:
    write_private(layout.state_file, json.dumps(state).encode() + b"\n")


def publish_policies(
    office: OpenOffice, key: SigningKey, before: PublishedState, sequence: int
) -> dict[str, PublishedFile]:
    """The policy of each group. Where none changed, those that stand there stay; else all get the same new version.

    Whoever changes the group gets another policy: it must be newer than the one before, whichever group that was.
    """
    layout = office.layout
    groups = sorted({person.group for person in office.people.by_id.values()} | {"default"})
    contents = {group: _policy_content(layout, group) for group in groups}
    digest = _policies_digest(office, contents)
    state_file = layout.policies_dir / ".published.json"
    state = _policy_state(state_file)
    standing = {group: PublishedFile(**file) for group, file in state.get("files", {}).items()}
    folder = layout.published_dir
    unchanged = (
        state.get("digest") == digest
        and state.get("key") == key.key_id
        and set(standing) == set(groups)
        and all((folder / file.name).exists() for file in standing.values())
        and before.index is not None
        and min(file.sequence for file in standing.values()) >= _newest_policy(before)
    )
    if unchanged:
        return standing
    files = _sign_policies(folder, contents, key, sequence)
    listed = {group: asdict(file) for group, file in files.items()}
    write_private(state_file, json.dumps({"digest": digest, "key": key.key_id, "files": listed}).encode())
    return files


def _sign_policies(
    folder: Path, contents: dict[str, dict[str, Any]], key: SigningKey, sequence: int
) -> dict[str, PublishedFile]:
    """Sign and write the policy of every group; the default one also under the name that older agents ask for."""
    files: dict[str, PublishedFile] = {}
    for group, content in contents.items():
        packed = sign_policy(content, key, sequence, utc_text())
        sha256 = hashlib.sha256(packed).hexdigest()
        files[group] = PublishedFile(f"policies/{sha256}.policy", sha256, sequence)
        put_file(folder, files[group].name, packed)
        if group == "default":
            write_public(folder / POLICY_NAME, packed)
    return files


def _newest_policy(before: PublishedState) -> int:
    """The highest version of a policy that stands published: an office from a backup may know an older one."""
    return max((entry.policy.sequence for entry in before.entries.values() if entry.policy), default=0)


def _policies_digest(office: OpenOffice, contents: dict[str, dict[str, Any]]) -> str:
    """Changes with any policy, and with anybody's group."""
    groups = sorted((person.person_id, person.group) for person in office.people.by_id.values())
    return hashlib.sha256(
        canonical({"policies": contents, "groups": [list(pair) for pair in groups]})
    ).hexdigest()


def _policy_content(layout: OfficeLayout, group: str) -> dict[str, Any]:
    path = policy_file(layout, group)
    with mendable(path, "read"):
        packed = path.read_bytes()
    parse_policy(packed, str(path))
    content: dict[str, Any] = json.loads(packed)
    if shadow_all_since(layout):
        content = content | {"judgement": content.get("judgement", {}) | {"mode": "shadow"}}
    return content


def _policy_state(path: Path) -> dict[str, Any]:
    """What was signed last; nothing where it is missing or damaged: then all is signed again."""
    try:
        state = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
