"""Signing keys: Ed25519, as PEM files that other programs read as well."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from agent.engine.errors import SteadyhandError
from agent.files.opening import NAMED_FILE, read_checked
from agent.files.private import mendable, private_dir, read_private, write_private

MOST_KEY_BYTES: Final = 4096


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

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """True where `signature` was made over `message` with this key's private half."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
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

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, 64 bytes."""
        return self.secret.sign(message)


def create_signing_key(path: Path, passphrase: bytes | None = None) -> SigningKey:
    """Make a new key and keep it at `path`, 0600, encrypted where there is a passphrase.

    Raises
    ------
    SteadyhandError
        If there is a file already, or it cannot be written.
    """
    key = SigningKey(Ed25519PrivateKey.generate())
    write_new_key(path, key.secret, passphrase)
    return key


def load_signing_key(path: Path, passphrase: bytes | None = None) -> SigningKey:
    """The key that `create_signing_key` made.

    Raises
    ------
    SteadyhandError
        If it is missing, open to others, somebody else's, not an Ed25519 private key, or of another passphrase.
    """
    key = load_private_pem(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise SteadyhandError(f"{path} is a private key of another kind", "use an Ed25519 key")
    return SigningKey(key)


def write_new_key(
    path: Path, key: Ed25519PrivateKey | X25519PrivateKey, passphrase: bytes | None = None
) -> None:
    """Keep a private key at `path`, 0600, encrypted where there is a passphrase.

    Raises
    ------
    SteadyhandError
        If there is a file already, or it cannot be written.
    """
    if os.path.lexists(path):
        raise SteadyhandError(f"{path} is there already", "choose another name: a key is never overwritten")
    if not path.parent.exists():
        private_dir(path.parent)
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))


def has_passphrase(path: Path) -> bool:
    """True where the private key at `path` is encrypted.

    Raises
    ------
    SteadyhandError
        If it cannot be read.
    """
    with mendable(path, "read the key"):
        return b"ENCRYPTED PRIVATE KEY" in read_checked(path, NAMED_FILE, MOST_KEY_BYTES)


def load_private_pem(path: Path, passphrase: bytes | None) -> PrivateKeyTypes:
    """A private key of any kind, from a 0600 file.

    Raises
    ------
    SteadyhandError
        If it is missing, open to others, a public key, not a private key, or of another passphrase.
    """
    with mendable(path, "read the key"):
        if b"BEGIN PUBLIC KEY" in read_checked(path, NAMED_FILE, MOST_KEY_BYTES):
            raise SteadyhandError(
                f"{path} is the public half of a key",
                f"give the secret half, such as {str(path).removesuffix('.pub.pem').removesuffix('.pem')}.pem",
            )
        pem = read_private(path, MOST_KEY_BYTES)
    if b"ENCRYPTED PRIVATE KEY" in pem and not passphrase:
        raise SteadyhandError(
            f"{path} has a passphrase", "give it with --passphrase-file, or type it when asked"
        )
    try:
        return load_pem_private_key(pem, passphrase if b"ENCRYPTED" in pem else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if b"ENCRYPTED PRIVATE KEY" in pem:
            raise SteadyhandError(f"the passphrase does not open {path}", "give the right one") from error
        raise SteadyhandError(
            f"{path} is not a private key", "bring it back from a backup, or make a new one"
        ) from error
