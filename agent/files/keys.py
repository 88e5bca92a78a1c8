"""Keys: who may sign what, and what recordings are encrypted with."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from agent.engine.errors import SteadyhandError
from agent.files.administrators import list_administrators, read_administrators
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

# For the status, which says what is not as good as it could be.
RECORDING_KEY_NOTE: Final = (
    "recordings are encrypted with a key in a 0600 file, not in the system's key store"
)

_MOST_KEY_BYTES: Final = 4096
_RECORDING_KEY_BYTES: Final = 32


class Role(Enum):
    """Whose key it is."""

    ADMINISTRATOR = "administrator"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key.

    Attributes
    ----------
    raw : bytes
        Its 32 bytes.
    """

    raw: bytes

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """True where `signature` was made over `data` with this key's private half."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def to_pem(self) -> bytes:
        """As other programs read it (SubjectPublicKeyInfo, PEM)."""
        return Ed25519PublicKey.from_public_bytes(self.raw).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    @classmethod
    def from_pem(cls, pem: bytes, where: str) -> PublicKey:
        """Read what `to_pem` wrote.

        Parameters
        ----------
        where : str
            The file's name, for the error.

        Raises
        ------
        SteadyhandError
            If it is not an Ed25519 public key.
        """
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise SteadyhandError(
                f"{where} is not a public key", "copy it again from the administrator"
            ) from error
        if not isinstance(key, Ed25519PublicKey):
            raise SteadyhandError(f"{where} is a public key of another kind", "use an Ed25519 key")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key. Never shown: its `repr` leaves the secret out."""

    secret: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The half that may be handed on."""
        return PublicKey(self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def key_id(self) -> str:
        """That of the public half."""
        return self.public.key_id

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`, 64 bytes."""
        return self.secret.sign(data)


def create_signing_key(path: Path) -> SigningKey:
    """Make a new key and keep it at `path`, 0600.

    Raises
    ------
    SteadyhandError
        If there is a file already, or it cannot be written.
    """
    if os.path.lexists(path):
        raise SteadyhandError(f"{path} is there already", "choose another name: a key is never overwritten")
    key = SigningKey(Ed25519PrivateKey.generate())
    private_dir(path.parent)
    write_private(path, key.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def load_signing_key(path: Path) -> SigningKey:
    """The key that `create_signing_key` made.

    Raises
    ------
    SteadyhandError
        If it is missing, open to others, somebody else's, or not an Ed25519 private key.
    """
    try:
        key = load_pem_private_key(read_private(path, _MOST_KEY_BYTES), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SteadyhandError(
            f"{path} is not a private key", "bring it back from a backup, or make a new one"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SteadyhandError(f"{path} is a private key of another kind", "use an Ed25519 key")
    return SigningKey(key)


def local_signing_key(paths: Paths) -> SigningKey:
    """This computer's own key, made when first asked for.

    Raises
    ------
    SteadyhandError
        As `create_signing_key` and `load_signing_key`.
    """
    if os.path.lexists(paths.local_key_file):
        return load_signing_key(paths.local_key_file)
    return create_signing_key(paths.local_key_file)


def recording_key(paths: Paths) -> bytes:
    """The 32 bytes that recordings are encrypted with, made when first asked for; kept in a 0600 file.

    Raises
    ------
    SteadyhandError
        If the file is open to others, somebody else's, or of another length.
    """
    path = paths.recording_key_file
    if not os.path.lexists(path):
        private_dir(path.parent)
        write_private(path, secrets.token_bytes(_RECORDING_KEY_BYTES))
    key = read_private(path, _RECORDING_KEY_BYTES)
    if len(key) != _RECORDING_KEY_BYTES:
        raise SteadyhandError(
            f"{path} has {len(key)} bytes, not {_RECORDING_KEY_BYTES}",
            "move it away; recordings made with it are lost",
        )
    return key


@dataclass(frozen=True, slots=True)
class Trust:
    """The public keys that this computer believes, and for what.

    Attributes
    ----------
    keys : mapping of str to (PublicKey, Role)
        By key id.
    problems : tuple of str
        Key files that are not used, and why: a line each, for an alert.
    """

    keys: Mapping[str, tuple[PublicKey, Role]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, *, administrator: PublicKey | None = None, local: PublicKey | None = None) -> Trust:
        """Trust in the keys given. A key that is both is the administrator's."""
        told = ((local, Role.LOCAL), (administrator, Role.ADMINISTRATOR))
        return cls({key.key_id: (key, role) for key, role in told if key is not None})

    def role_of(self, key_id: str) -> Role | None:
        """Whose key it is; None for a stranger's."""
        known = self.keys.get(key_id)
        return known[1] if known else None


def load_trust(paths: Paths, *, local: bool, required_uid: int = 0) -> Trust:
    """The administrator's public keys, and this computer's own where policy allows it.

    Parameters
    ----------
    paths : Paths
    local : bool
        Whether the local key counts: the setting ``enrolment.local``.
    required_uid : int
        Who must own the administrator's keys; anything but root is for tests.

    Returns
    -------
    Trust
        Files that fail a check are left out and named in `problems`.
    """
    keys: dict[str, tuple[PublicKey, Role]] = {}
    problems: list[str] = []
    if local and os.path.lexists(paths.local_key_file):
        try:
            own = load_signing_key(paths.local_key_file).public
            keys[own.key_id] = (own, Role.LOCAL)
        except SteadyhandError as error:
            problems.append(str(error))
    top = paths.administrators_dir
    try:
        files = list_administrators(paths.administrators_keys_dir, top, required_uid, ".pem")
    except SteadyhandError as error:
        files = []
        problems.append(str(error))
    for path in files:
        try:
            key = PublicKey.from_pem(read_administrators(path, top, required_uid, _MOST_KEY_BYTES), str(path))
            keys[key.key_id] = (key, Role.ADMINISTRATOR)
        except SteadyhandError as error:
            problems.append(str(error))
    return Trust(keys, tuple(problems))
