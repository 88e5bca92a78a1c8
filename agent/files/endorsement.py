"""Endorsements: an administrator's key vouches for another, so that keys change without a visit to every computer.

An endorsement is canonical JSON, a newline, and the base64 of Ed25519 over the JSON. It counts where its signer is
trusted and not revoked. A recovery key, which root installed as ``recovery*.pem``, is revoked by a recovery key alone:
whoever stole the daily key cannot take the last word away.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from agent.files.canonical import canonical
from agent.files.signing import PublicKey, SigningKey

RECOVERY_PREFIX: Final = "recovery"
_KIND: Final = "endorsement"
_FIELDS: Final = frozenset(("kind", "public", "signed_by", "created"))
_KEY_BYTES: Final = 32


def endorse(public: PublicKey, key: SigningKey, created: str) -> str:
    """The statement of `key` that `public` is an administrator's, too."""
    line = canonical({"kind": _KIND, "public": public.raw.hex(), "signed_by": key.key_id, "created": created})
    return line.decode() + "\n" + base64.b64encode(key.sign(line)).decode()


def endorsed_keys(
    endorsements: Iterable[str], trusted: Mapping[str, PublicKey], revoked: Collection[str]
) -> dict[str, PublicKey]:
    """The keys that trusted ones vouch for, directly or one through another, by id; less those that are revoked."""
    known = {key_id: key for key_id, key in trusted.items() if key_id not in revoked}
    waiting = list(endorsements)
    while True:
        added = {
            key.key_id: key
            for text in waiting
            if (key := _vouched(text, known)) is not None and key.key_id not in known
        }
        added = {key_id: key for key_id, key in added.items() if key_id not in revoked}
        if not added:
            return {key_id: key for key_id, key in known.items() if key_id not in trusted}
        known |= added


def revocations(listed: Iterable[str], signed_by: str, recovery: Collection[str]) -> frozenset[str]:
    """The keys that a list revokes: recovery keys only where a recovery key signed it, and never its own signer."""
    return frozenset(
        key_id
        for key_id in listed
        if key_id != signed_by and (key_id not in recovery or signed_by in recovery)
    )


def _vouched(text: str, known: Mapping[str, PublicKey]) -> PublicKey | None:
    """The key that a statement vouches for; None where it is malformed, or not by a known key."""
    line, _, signature = text.partition("\n")
    try:
        content: Any = json.loads(line)
        raw = bytes.fromhex(content["public"])
        sealed = base64.b64decode(signature, validate=True)
        if set(content) != _FIELDS or content["kind"] != _KIND or len(raw) != _KEY_BYTES:
            return None
        signer = known.get(content["signed_by"])
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        return None
    return PublicKey(raw) if signer is not None and signer.verifies(sealed, line.encode()) else None
