"""Signed index of the administrator's folder: who may ask for what, with the hash and version of every file.

``steadyhand.index`` is two lines of text: canonical JSON, and the base64 of Ed25519 over the first line's bytes. It
names the hash of each shard, ``index/SHA256.json`` (canonical JSON). A shard has the accounts whose ids begin with the
same two digits: a change of one account re-makes one shard, whatever the number of accounts. The shard names the
files, and the hash of each. So the signature covers everything: a server that holds old or foreign files is noticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.canonical import canonical
from agent.files.signing import SigningKey
from agent.files.trust import Role, Trust
from agent.files.versions import version_text

INDEX_NAME: Final = "steadyhand.index"
MOST_INDEX_BYTES: Final = 4 << 20
SHARD_DIGITS: Final = 2
_KIND: Final = "index"
_SCHEMA: Final = 1
_KEYS: Final = {
    "kind": str,
    "schema": int,
    "signed_by": str,
    "sequence": int,
    "created": str,
    "office": str,
    "shards": dict,
    "endorsements": list,
    "revoked_keys": list,
    "helpdesk_keys": list,
}
_REPUBLISH: Final = "publish again with steadyhand-enroll office publish"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FILE: Final = re.compile(r"[a-z]+/[0-9a-f]{64}\.[a-z]+")


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file that the index names.

    Attributes
    ----------
    name : str
        Relative to the folder; holds the hash, so that a name never means two contents.
    sha256 : str
        Of its bytes, in hexadecimal.
    sequence : int
        Of what is in it.
    """

    name: str
    sha256: str
    sequence: int


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What one account may ask for.

    Attributes
    ----------
    person : str
        Random id of the person, the `user` of their profiles.
    group : str
        ``pilot``, ``exempt`` or the name of a wave.
    policy : PublishedFile or None
    profiles : mapping of str to PublishedFile
        By the key of the mouse configuration; a transferred one ends in ``-transferred``.
    background : PublishedFile or None
        How people differ, for agents that learn by themselves.
    """

    person: str
    group: str
    policy: PublishedFile | None = None
    profiles: Mapping[str, PublishedFile] = field(default_factory=dict)
    background: PublishedFile | None = None


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """An index whose signature was checked.

    Attributes
    ----------
    sequence : int
        Epoch of the key in the upper bits, publication in the lower 32: grows with every publication.
    created : str
        ISO 8601, UTC.
    office : str
        Random id of the office that published it.
    shards : mapping of str to str
        SHA-256 of each shard, by the first digits of the accounts in it.
    endorsements : tuple of str
        Statements of administrators that another key is an administrator's, too (`agent.files.endorsement`).
    revoked_keys : tuple of str
        Ids of keys whose signatures no longer count.
    helpdesk_keys : tuple of str
        Raw public keys in hexadecimal that may sign excuses and nothing else.
    signed_by : str
        Id of the key.
    """

    sequence: int
    created: str
    office: str
    shards: Mapping[str, str]
    endorsements: tuple[str, ...] = ()
    revoked_keys: tuple[str, ...] = ()
    helpdesk_keys: tuple[str, ...] = ()
    signed_by: str = ""

    @property
    def version(self) -> str:
        """Epoch and publication for people."""
        return version_text(self.sequence)


def shard_of(account_id: str) -> str:
    """The shard that an account is in."""
    return account_id[:SHARD_DIGITS]


def shard_name(sha256: str) -> str:
    """The shard's file, relative to the folder: whoever has the index before still finds the shards that it names."""
    return f"index/{sha256}.json"


def sign_index(index: PublishedIndex, key: SigningKey) -> bytes:
    """The signed file; who signs it is the key's own id, whatever `index.signed_by` says."""
    content = asdict(index) | {"kind": _KIND, "schema": _SCHEMA, "signed_by": key.key_id}
    line = canonical(content)
    return line + b"\n" + base64.b64encode(key.sign(line)) + b"\n"


def open_index(packed: bytes, where: str, trust: Trust) -> PublishedIndex:
    """Check a signed index and read it.

    Raises
    ------
    SteadyhandError
        If it is not one, or not signed by an administrator whom `trust` knows.
    """
    line, _, rest = packed.partition(b"\n")
    content = _parse(line, where)
    signer = trust.keys.get(content["signed_by"])
    if signer is None or signer[1] is not Role.ADMINISTRATOR:
        raise SteadyhandError(
            f"{where} is signed by key {content['signed_by'][:20]!r}, which is no administrator's on this computer",
            "put that public key into the administrator's folder of keys, if it is the administrator's",
        )
    if not signer[0].verifies(_signature(rest), line):
        raise SteadyhandError(f"{where}: its signature does not fit, it was changed", _REPUBLISH)
    if content["schema"] > _SCHEMA:
        raise SteadyhandError(f"{where} was made by a newer Steadyhand", "update Steadyhand on this computer")
    return unverified_index(packed, where)


def unverified_index(packed: bytes, where: str) -> PublishedIndex:
    """Read an index without a look at its signature: only for what is verified by other means.

    Raises
    ------
    SteadyhandError
        If it is not an index.
    """
    content = _parse(packed.partition(b"\n")[0], where)
    return PublishedIndex(
        content["sequence"],
        content["created"],
        content["office"],
        content["shards"],
        tuple(content["endorsements"]),
        tuple(content["revoked_keys"]),
        tuple(content["helpdesk_keys"]),
        content["signed_by"],
    )


def pack_shard(entries: Mapping[str, IndexEntry]) -> bytes:
    """The shard's file: entries by account id."""
    return canonical({account_id: _entry_content(entry) for account_id, entry in entries.items()})


def _entry_content(entry: IndexEntry) -> dict[str, Any]:
    # Agents of before do not look for it; without one, shards are as they were.
    background = {} if entry.background is None else {"background": asdict(entry.background)}
    policy = None if entry.policy is None else asdict(entry.policy)
    profiles = {mouse: asdict(file) for mouse, file in entry.profiles.items()}
    return background | {"person": entry.person, "group": entry.group, "policy": policy, "profiles": profiles}


def open_shard(packed: bytes, sha256: str, where: str) -> dict[str, IndexEntry]:
    """Check a shard against the hash that the index names, and read it.

    Raises
    ------
    SteadyhandError
        If it is another file, or not a shard.
    """
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise SteadyhandError(f"{where} is not the file that the index names", _REPUBLISH)
    try:
        return {str(account): _entry(entry) for account, entry in json.loads(packed).items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SteadyhandError(f"{where} is not a part of an index ({error})", _REPUBLISH) from error


def _entry(content: dict[str, Any]) -> IndexEntry:
    policy, background = content["policy"], content.get("background")
    return IndexEntry(
        str(content["person"]),
        str(content["group"]),
        None if policy is None else _file(policy),
        {str(mouse): _file(file) for mouse, file in content["profiles"].items()},
        None if background is None else _file(background),
    )


def _file(content: dict[str, Any]) -> PublishedFile:
    name, sha256, sequence = content["name"], content["sha256"], content["sequence"]
    if not _FILE.fullmatch(name) or not _SHA256.fullmatch(sha256) or type(sequence) is not int:
        raise ValueError(f"{str(name)[:80]!r} is no file of the folder")
    return PublishedFile(name, sha256, sequence)


def _parse(line: bytes, where: str) -> dict[str, Any]:
    """The first line with its keys checked; only the canonical form is accepted."""
    try:
        content = json.loads(line)
        same = canonical(content) == line
    except (ValueError, RecursionError) as error:
        raise SteadyhandError(f"{where} is not an index", _REPUBLISH) from error
    if not same or not isinstance(content, dict) or set(content) != set(_KEYS) or content["kind"] != _KIND:
        raise SteadyhandError(f"{where} is not an index in canonical form", _REPUBLISH)
    if any(type(content[name]) is not kind for name, kind in _KEYS.items()) or content["sequence"] < 0:
        raise SteadyhandError(f"{where} has a value of another type", _REPUBLISH)
    texts = [text for name in ("endorsements", "revoked_keys", "helpdesk_keys") for text in content[name]]
    hashes = [text for pair in content["shards"].items() for text in pair]
    if not all(isinstance(text, str) for text in (*texts, *hashes)):
        raise SteadyhandError(f"{where} has a value of another type", _REPUBLISH)
    return content


def _signature(rest: bytes) -> bytes:
    try:
        return base64.b64decode(rest.strip(), validate=True)
    except binascii.Error:
        return b""
