"""Excuses: the helpdesk's signed word that nothing is locked at somebody's desk for some hours.

Canonical JSON, a newline, and the base64 of Ed25519 over the JSON. A helpdesk key counts where the administrator's
index names it, and for this alone: it signs no profile, no policy and no index.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.canonical import canonical
from agent.files.paths import Paths
from agent.files.private import read_private, write_private
from agent.files.signing import PublicKey, SigningKey

MOST_EXCUSE_BYTES: Final = 4096
MOST_HOURS: Final = 72.0
_KIND: Final = "excuse"
_FIELDS: Final = frozenset(("kind", "person", "created", "until", "signed_by"))


@dataclass(frozen=True, slots=True)
class Excuse:
    """An excuse.

    Attributes
    ----------
    person : str
        Id of the person.
    created, until : str
        ISO 8601, UTC.
    """

    person: str
    created: str
    until: str

    def holds(self, now: datetime) -> bool:
        """True while it lasts."""
        return datetime.fromisoformat(self.created) <= now + timedelta(
            minutes=5
        ) and now < datetime.fromisoformat(self.until)


def excuse_name(person: str) -> str:
    """The file in the folder."""
    return f"excuses/{person}.excuse"


def sign_excuse(excuse: Excuse, key: SigningKey) -> bytes:
    """The signed file."""
    line = canonical(asdict(excuse) | {"kind": _KIND, "signed_by": key.key_id})
    return line + b"\n" + base64.b64encode(key.sign(line)) + b"\n"


def open_excuse(packed: bytes, where: str, helpdesk_keys: Iterable[str], person: str) -> Excuse:
    """Check an excuse and read it.

    Parameters
    ----------
    packed : bytes
    where : str
        Its name in errors.
    helpdesk_keys : iterable of str
        Raw public keys in hexadecimal.
    person : str
        Whom it must be for.

    Raises
    ------
    SteadyhandError
        If it is not one, not signed by the helpdesk, for somebody else, or longer than 72 hours.
    """
    line, _, signature = packed.partition(b"\n")
    try:
        content = json.loads(line)
        if set(content) != _FIELDS or content["kind"] != _KIND:
            raise ValueError("other fields")
        excuse = Excuse(str(content["person"]), str(content["created"]), str(content["until"]))
        hours = (
            datetime.fromisoformat(excuse.until) - datetime.fromisoformat(excuse.created)
        ).total_seconds() / 3600
        sealed = base64.b64decode(signature.strip(), validate=True)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise SteadyhandError(
            f"{where} is not an excuse ({error})", "sign it again: office excuse"
        ) from error
    keys = (PublicKey(bytes.fromhex(key)) for key in helpdesk_keys)
    if not any(key.verifies(sealed, line) for key in keys):
        raise SteadyhandError(f"{where} is not signed by the helpdesk", "sign it with the helpdesk's key")
    if excuse.person != person:
        raise SteadyhandError(f"{where} is for somebody else", "sign it for this person")
    if not 0 < hours <= MOST_HOURS:
        raise SteadyhandError(f"{where} lasts {hours:g} hours", f"at most {MOST_HOURS:g} hours are possible")
    return excuse


def install_excuse(
    paths: Paths, packed: bytes, where: str, helpdesk_keys: Iterable[str], person: str
) -> Excuse:
    """Check an excuse and keep it.

    Raises
    ------
    SteadyhandError
        As `open_excuse`, or if it cannot be written.
    """
    excuse = open_excuse(packed, where, helpdesk_keys, person)
    write_private(paths.fetched_excuse_file, packed)
    return excuse


def installed_excuse(paths: Paths, helpdesk_keys: Iterable[str], person: str) -> Excuse | None:
    """The excuse that was fetched last; None where there is none, or it does not count."""
    try:
        packed = read_private(paths.fetched_excuse_file, MOST_EXCUSE_BYTES)
        return open_excuse(packed, str(paths.fetched_excuse_file), helpdesk_keys, person)
    except (FileNotFoundError, SteadyhandError):
        return None
