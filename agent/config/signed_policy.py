"""A policy that the administrator signed: how it reaches a computer whose root folders nobody writes to.

Two lines of text: canonical JSON, and the base64 of Ed25519 over the first line's bytes. Only an administrator's key
counts. It lies in the user's state folder, where the user can delete it but nobody can change it, and is checked anew
each time it is read. Root's own files stand above it, key by key.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.config.sections import parse_sections
from agent.engine.errors import SteadyhandError
from agent.files.canonical import canonical
from agent.files.decode import decode_json
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.sequence_numbers import Marks, raise_mark, read_marks, write_marks

POLICY_NAME: Final = "steadyhand.policy"
MOST_POLICY_BYTES: Final = 1 << 20
_KIND: Final = "policy"
_SCHEMA: Final = 1
_KEYS: Final = {"kind": str, "schema": int, "signed_by": str, "sequence": int, "created": str, "policy": dict}
_REFETCH: Final = "sign it again with steadyhand-enroll policy"


@dataclass(frozen=True, slots=True)
class SignedPolicy:
    """A policy that passed every check.

    Attributes
    ----------
    settings : mapping
        By ``section.key``, parsed.
    sequence : int
        Grows with every version.
    created : str
        ISO 8601, for people.
    """

    settings: Mapping[str, Any]
    sequence: int
    created: str


def sign_policy(sections: Mapping[str, Any], key: SigningKey, sequence: int, created: str) -> bytes:
    """A policy, nested in sections as its file has them, as the signed file.

    Raises
    ------
    SteadyhandError
        If it has an unknown key or a bad value: what no computer would take is not signed.
    """
    parse_sections(sections, "the policy")
    line = canonical(
        {
            "kind": _KIND,
            "schema": _SCHEMA,
            "signed_by": key.key_id,
            "sequence": sequence,
            "created": created,
            "policy": dict(sections),
        }
    )
    return line + b"\n" + base64.b64encode(key.sign(line)) + b"\n"


def open_policy(content: bytes, where: str, trust: Trust) -> SignedPolicy:
    """Check a signed policy and read it.

    Raises
    ------
    SteadyhandError
        If it is not one, not signed by an administrator whom `trust` knows, or has an unknown key or bad value. The
        signature is checked before anything that it says is believed.
    """
    line, _, rest = content.partition(b"\n")
    header = _parse(line, where)
    known = trust.keys.get(header["signed_by"])
    if known is None or known[1] is not Role.ADMINISTRATOR:
        raise SteadyhandError(
            f"{where} is signed by key {header['signed_by'][:20]!r}, which is no administrator's on this computer",
            "put that public key into the administrator's folder of keys, if it is the administrator's",
        )
    if not known[0].verifies(_signature(rest), line):
        raise SteadyhandError(
            f"{where}: its signature does not fit, it was changed after it was signed", _REFETCH
        )
    if header["schema"] > _SCHEMA:
        raise SteadyhandError(f"{where} was made by a newer Steadyhand", "update Steadyhand on this computer")
    return SignedPolicy(parse_sections(header["policy"], where), header["sequence"], header["created"])


def install_policy(paths: Paths, content: bytes, where: str, trust: Trust) -> SignedPolicy:
    """Check a policy and keep it, in the place of an older one.

    Raises
    ------
    SteadyhandError
        If it fails a check, or is older than one that was here.
    """
    policy = open_policy(content, where, trust)
    marks, _ = read_marks(paths)
    _check_sequence(policy, _mark(marks), where)
    private_dir(paths.fetched_policy_file.parent)
    write_private(paths.fetched_policy_file, content)
    if raise_mark(marks, _KIND, Role.ADMINISTRATOR, policy.sequence):
        write_marks(paths, marks)
    return policy


def is_numbered(marks: Marks) -> bool:
    """True where the sequence of a policy is remembered: without, a policy that is here is not used."""
    return _mark(marks) >= 0


def installed_policy(paths: Paths, trust: Trust, marks: Marks) -> SignedPolicy | None:
    """The policy that was fetched; None where none ever was.

    Parameters
    ----------
    paths : Paths
    trust : Trust
    marks : Marks
        As `read_marks` gives them.

    Raises
    ------
    SteadyhandError
        If it fails a check, is older than one that was here, is gone, or its sequence was forgotten.
    """
    path = paths.fetched_policy_file
    before = _mark(marks)
    if not os.path.lexists(path):
        if before < 0:
            return None
        raise SteadyhandError(f"{path} is gone", "it is fetched again from the administrator's folder")
    policy = open_policy(read_private(path, MOST_POLICY_BYTES), str(path), trust)
    if before < 0:
        raise SteadyhandError(
            f"{path} is version {policy.sequence}, and which versions were here before was deleted",
            "it is fetched again from the administrator's folder",
        )
    _check_sequence(policy, before, str(path))
    return policy


def _mark(marks: Mapping[str, Mapping[str, int]]) -> int:
    return marks.get(_KIND, {}).get(Role.ADMINISTRATOR.value, -1)


def _check_sequence(policy: SignedPolicy, before: int, where: str) -> None:
    if policy.sequence < before:
        raise SteadyhandError(
            f"{where} is version {policy.sequence}, but version {before} was here before",
            "sign the policy again with a higher sequence",
        )


def _parse(line: bytes, where: str) -> dict[str, Any]:
    """The first line with its outermost keys checked; only the canonical form is accepted."""
    try:
        header = decode_json(line, MOST_POLICY_BYTES)
        same = canonical(header) == line
    except ValueError as error:
        raise SteadyhandError(f"{where} is not a signed policy", _REFETCH) from error
    if not same or not isinstance(header, dict) or set(header) != set(_KEYS) or header["kind"] != _KIND:
        raise SteadyhandError(f"{where} is not a signed policy in canonical form", _REFETCH)
    if any(type(header[name]) is not kind for name, kind in _KEYS.items()) or header["sequence"] < 0:
        raise SteadyhandError(f"{where} has a value of another type", _REFETCH)
    return header


def _signature(rest: bytes) -> bytes:
    try:
        return base64.b64decode(rest.strip(), validate=True)
    except binascii.Error:
        return b""
