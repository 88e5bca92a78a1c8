"""Keyring of an office: which keys sign, who vouched for them, which no longer count, and the epoch.

Holds public halves only. The epoch grows with every new key, and with it every version: the first version of a new key
is newer than any version of an old one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.endorsement import endorse
from agent.files.private import read_private, write_private
from agent.files.signing import PublicKey, SigningKey
from agent.files.trust import Role, Trust

ADMINISTRATOR: Final = "administrator"
RECOVERY: Final = "recovery"
HELPDESK: Final = "helpdesk"
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key.

    Attributes
    ----------
    key_id : str
    role : str
        ``administrator``, ``recovery`` or ``helpdesk``.
    public : str
        Its 32 bytes in hexadecimal.
    file : str
        Name of the secret half in the office's folder of keys; empty where somebody else has it.
    holder : str
        Whose key it is, for people.
    created : str
        ISO 8601, UTC.
    revoked : str
        When and why it no longer counts; empty while it does.
    """

    key_id: str
    role: str
    public: str
    file: str
    holder: str
    created: str
    revoked: str = ""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key that an office ever had.

    Attributes
    ----------
    keys : tuple of KnownKey
        The administrator's key that comes last and is not revoked signs.
    endorsements : tuple of str
        As `agent.files.endorsement` writes them.
    epoch : int
    recordings_key : str
        Public half of the key that opens recordings, in base64, for policy.
    """

    keys: tuple[KnownKey, ...] = ()
    endorsements: tuple[str, ...] = ()
    epoch: int = 1
    recordings_key: str = ""

    def signing(self) -> KnownKey:
        """The key that signs.

        Raises
        ------
        SteadyhandError
            If there is none that counts.
        """
        usable = [key for key in self.keys if key.role == ADMINISTRATOR and not key.revoked and key.file]
        if not usable:
            raise SteadyhandError(
                "no administrator's key of this office counts any more", "make one: office keys replace"
            )
        return usable[-1]

    def of(self, key_id: str) -> KnownKey | None:
        """The key with this id, or an id that begins so; None where there is none or several."""
        fitting = [key for key in self.keys if key.key_id.startswith(key_id)]
        return fitting[0] if len(fitting) == 1 and key_id else None

    @property
    def trust(self) -> Trust:
        """Administrators' and recovery keys that count."""
        publics = [
            PublicKey(bytes.fromhex(key.public))
            for key in self.keys
            if key.role in (ADMINISTRATOR, RECOVERY) and not key.revoked
        ]
        recovery = frozenset(key.key_id for key in self.keys if key.role == RECOVERY)
        return Trust({key.key_id: (key, Role.ADMINISTRATOR) for key in publics}, recovery=recovery)

    @property
    def once_trusted(self) -> Trust:
        """Also keys that were revoked since: to read what they signed, and sign it anew."""
        publics = [PublicKey(bytes.fromhex(key.public)) for key in self.keys if key.role != HELPDESK]
        return Trust({key.key_id: (key, Role.ADMINISTRATOR) for key in publics})

    @property
    def revoked(self) -> tuple[str, ...]:
        """Ids of administrators' keys that no longer count."""
        return tuple(key.key_id for key in self.keys if key.revoked and key.role != HELPDESK)

    @property
    def helpdesk(self) -> tuple[str, ...]:
        """Public keys that may sign excuses, in hexadecimal."""
        return tuple(key.public for key in self.keys if key.role == HELPDESK and not key.revoked)

    def with_key(self, public: PublicKey, role: str, *, file: str, holder: str) -> Keyring:
        """The ring with one key more."""
        if self.of(public.key_id):
            raise SteadyhandError(f"key {public.key_id} is in the keyring already", "see office keys list")
        key = KnownKey(public.key_id, role, public.raw.hex(), file, holder, _now())
        return replace(self, keys=(*self.keys, key))

    def with_endorsement(self, public: PublicKey, by: SigningKey) -> Keyring:
        """The ring with the word of `by` for another key."""
        return replace(self, endorsements=(*self.endorsements, endorse(public, by, _now())))

    def with_revoked(self, key_id: str, why: str) -> Keyring:
        """The ring in which a key no longer counts."""
        ended = f"{_now()} {why}".strip()
        keys = (replace(key, revoked=ended) if key.key_id == key_id else key for key in self.keys)
        return replace(self, keys=tuple(keys))

    def next_epoch(self) -> Keyring:
        """The ring in the epoch after."""
        return replace(self, epoch=self.epoch + 1)


def read_keyring(path: Path) -> Keyring:
    """The keyring of an office.

    Raises
    ------
    SteadyhandError
        If it is missing or damaged: keys are not guessed.
    """
    try:
        packed = read_private(path, _MOST_BYTES)
        content = json.loads(packed)
        keys = tuple(KnownKey(**key) for key in content.pop("keys"))
        return Keyring(keys, tuple(content.pop("endorsements")), **content)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SteadyhandError(
            f"{path} is no keyring ({error})", "bring it back from a backup: office restore"
        ) from error


def write_keyring(path: Path, keyring: Keyring) -> None:
    """Put the keyring in its place, all or nothing.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    write_private(path, json.dumps(asdict(keyring), indent=2).encode() + b"\n")


def keyring_lines(keyring: Keyring) -> Iterable[str]:
    """The keys for people."""
    yield f"epoch {keyring.epoch}"
    for key in keyring.keys:
        state = f"revoked {key.revoked}" if key.revoked else "counts"
        secret = key.file or "secret half elsewhere"
        yield f"{key.key_id}  {key.role:<13}  {key.holder:<16}  {secret:<16}  {state}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
