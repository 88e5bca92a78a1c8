"""Recordings sealed for the administrator: whoever keeps them on the way cannot open them.

==========  =============================================================================================
``SHSEAL``  8 bytes that name the format
key         a fresh X25519 public key, 32 bytes
nonce       12 random bytes
content     AES-256-GCM; the key is HKDF-SHA-256 of what X25519 gives with the administrator's public key
==========  =============================================================================================

The content is the computer's public key (Ed25519, 32 bytes) and its signature (64), then a line of JSON that says whose
it is, then the frames of `agent.files.stream`. The signature is over the administrator's public key, the line and the
frames: sealing needs no secret, and only an admitted computer's signature says where a recording comes from. Version 1
had neither key nor signature.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json
from agent.files.signing import PublicKey, SigningKey, load_private_pem, write_new_key
from agent.files.stream import Item, read_stream, write_stream

SEALED: Final = ".sealed"
MOST_SEALED_BYTES: Final = 64 << 20
SEALED_MAGIC: Final = b"SHSEAL\x00"
"""Begins every version."""
_UNSIGNED: Final = SEALED_MAGIC + b"\x01"
_SIGNED: Final = SEALED_MAGIC + b"\x02"
_SIGNATURE_BYTES: Final = 64
_SIGNED_FOR: Final = b"steadyhand sealed recording 2\x00"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_HEAD_BYTES: Final = len(_SIGNED) + _KEY_BYTES + _NONCE_BYTES
_MOST_ORIGIN: Final = 4096
_MOST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose recording it is.

    Attributes
    ----------
    user, host : str
        As the agent says: worth what the admission of `computer` is worth.
    name : str
        Of the recording's file.
    computer : PublicKey or None
        Whose signature it bears; None for one that nobody signed.
    """

    user: str
    host: str
    name: str
    computer: PublicKey | None = None


def seal(origin: Origin, items: Iterable[Item], public: str, key: SigningKey | None) -> bytes:
    """A recording for the holder of the private half of `public` (32 bytes in base64) alone.

    Parameters
    ----------
    origin : Origin
        Without `computer`, which follows from the key.
    items : iterable
    public : str
    key : SigningKey or None
        The computer's; None leaves it unsigned, as agents of earlier versions did.
    """
    content = io.BytesIO()
    line = {"user": origin.user, "host": origin.host, "name": origin.name}
    content.write(json.dumps(line).encode() + b"\n")
    write_stream(content, items)
    receiver, plain = base64.b64decode(public), content.getvalue()
    if key is not None:
        plain = key.public.raw + key.sign(_SIGNED_FOR + receiver + plain) + plain
    return _encrypted(plain, receiver, _UNSIGNED if key is None else _SIGNED)


def _encrypted(plain: bytes, receiver: bytes, magic: bytes) -> bytes:
    fresh = X25519PrivateKey.generate()
    mine = fresh.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = _derive(fresh.exchange(X25519PublicKey.from_public_bytes(receiver)), mine + receiver)
    nonce = os.urandom(_NONCE_BYTES)
    return magic + mine + nonce + AESGCM(key).encrypt(nonce, plain, magic)


def unseal(sealed: bytes, key: X25519PrivateKey, where: str) -> tuple[Origin, list[Item]]:
    """What `seal` was given.

    Raises
    ------
    SteadyhandError
        If it is not a sealed recording, was sealed for somebody else, was changed, or its signature does not fit.
    """
    view = memoryview(sealed)
    magic = bytes(view[: len(_SIGNED)])
    mine, nonce = (
        bytes(view[len(magic) :][:_KEY_BYTES]),
        bytes(view[_HEAD_BYTES - _NONCE_BYTES : _HEAD_BYTES]),
    )
    if magic not in (_UNSIGNED, _SIGNED) or len(sealed) <= _HEAD_BYTES:
        raise SteadyhandError(
            f"{where} is not a sealed recording", "name the folder that agents hand over to"
        )
    receiver = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    try:
        secret = _derive(key.exchange(X25519PublicKey.from_public_bytes(mine)), mine + receiver)
        content = AESGCM(secret).decrypt(nonce, bytes(view[_HEAD_BYTES:]), magic)
    except (InvalidTag, ValueError) as error:
        raise SteadyhandError(
            f"{where} was sealed for another key, or was changed", "give the right key"
        ) from error
    computer = None
    if magic == _SIGNED:
        computer, content = _signer(content, receiver, where)
    line, _, frames = content.partition(b"\n")
    try:
        return replace(_origin(line), computer=computer), list(read_stream(io.BytesIO(frames)))
    except ValueError as error:
        raise SteadyhandError(f"{where} holds no recording ({error})", "update Steadyhand") from error


def _signer(content: bytes, receiver: bytes, where: str) -> tuple[PublicKey, bytes]:
    """Whose signature a recording bears, and what is signed."""
    head = _KEY_BYTES + _SIGNATURE_BYTES
    computer, signature, rest = PublicKey(content[:_KEY_BYTES]), content[_KEY_BYTES:head], content[head:]
    try:
        fits = computer.verifies(signature, _SIGNED_FOR + receiver + rest)
    except ValueError:  # not a point of the curve
        fits = False
    if not fits:
        raise SteadyhandError(f"{where}: its computer's signature does not fit", "delete it: it was forged")
    return computer, rest


def create_opening_key(path: Path, passphrase: bytes | None = None) -> str:
    """Make a key that opens sealed recordings and keep it at `path`, 0600; returns the public half in base64.

    Raises
    ------
    SteadyhandError
        If there is a file already, or it cannot be written.
    """
    key = X25519PrivateKey.generate()
    write_new_key(path, key, passphrase)
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def load_opening_key(path: Path, passphrase: bytes | None = None) -> X25519PrivateKey:
    """The key that `create_opening_key` made.

    Raises
    ------
    SteadyhandError
        If it is missing, open to others, not such a key, or of another passphrase.
    """
    key = load_private_pem(path, passphrase)
    if not isinstance(key, X25519PrivateKey):
        raise SteadyhandError(
            f"{path} is a key of another kind", "make one with steadyhand-enroll key --recordings"
        )
    return key


def _derive(secret: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"steadyhand sealed recording 1").derive(
        secret
    )


def _origin(line: bytes) -> Origin:
    fields = Fields.of(decode_json(line, _MOST_ORIGIN), required=("user", "host", "name"), optional=())
    user, host, name = (fields.text(key, _MOST_NAME) for key in ("user", "host", "name"))
    return Origin(user, host, name)
