"""Signing keys of the relay: read from their file, chosen by time, and made public as a JWK Set.

A new key is published before it signs, so that receivers which fetch the set now and then know it in time; an old one
stays in the set until it is forgotten, so that what it signed can still be checked.

References
----------
RFC 7517, JSON Web Key (May 2015); RFC 7638, JWK Thumbprint (September 2015), which gives the kid.
CAEP Interoperability Profile 1.0 (draft): RS256, with keys of 2,048 bits and more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json
from agent.files.private import read_private, write_private

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

KEY: Final = "ssf_keys_file"
ALGORITHM: Final = "RS256"
BITS: Final = 3072
LEAST_BITS: Final = 2048
MOST_KEYS: Final = 16
MOST_BYTES: Final = 1 << 20
_SIGNS_FROM: Final = "signs_from_unix_s"
MOST_KEY_TEXT: Final = 4096


@dataclass(frozen=True, slots=True)
class RelayKey:
    """One key pair.

    Attributes
    ----------
    kid : str
    signs_from_unix_s : int
        From when on it signs, wall clock.
    private_jwk : mapping
        Every member of the key.
    pair : joserfc.jwk.RSAKey
        The same, as the library that signs has it: to check the numbers takes a tenth of a second.
    """

    kid: str
    signs_from_unix_s: int
    private_jwk: Mapping[str, str] = field(repr=False)
    pair: RSAKey = field(repr=False, compare=False)

    @property
    def public_jwk(self) -> dict[str, str]:
        """What receivers check signatures with."""
        public: Mapping[str, str] = {"kid": self.kid, "use": "sig", "alg": ALGORITHM}
        return {**public, **{name: self.private_jwk[name] for name in ("kty", "n", "e")}}


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The relay's keys, oldest first."""

    keys: tuple[RelayKey, ...] = ()

    def signing(self, now_unix_s: int) -> RelayKey:
        """The newest key that signs by now; the oldest where none does yet.

        Raises
        ------
        SteadyhandError
            If there is no key.
        """
        if not self.keys:
            raise SteadyhandError(f"{KEY} holds no key", "make one: steadyhand signals new-key")
        current = [key for key in self.keys if key.signs_from_unix_s <= now_unix_s]
        return max(current, key=lambda key: key.signs_from_unix_s, default=self.keys[0])

    def with_new(self, signs_from_unix_s: int) -> KeyRing:
        """The same with another key, made now. Takes a tenth of a second or more.

        Raises
        ------
        SteadyhandError
            If there are as many as are kept.
        """
        if len(self.keys) >= MOST_KEYS:
            raise SteadyhandError(
                f"there are {MOST_KEYS} keys already", "forget one: steadyhand signals forget-key"
            )
        return KeyRing((*self.keys, _new_key(signs_from_unix_s)))

    def without(self, kid: str, now_unix_s: int) -> KeyRing:
        """The same without a key that no longer signs.

        Raises
        ------
        SteadyhandError
            If there is no such key, or it signs now.
        """
        if kid not in {key.kid for key in self.keys}:
            raise SteadyhandError(f"there is no key {kid}", "steadyhand signals status lists them")
        if self.signing(now_unix_s).kid == kid:
            raise SteadyhandError(
                f"key {kid} signs now", "make a new key, and forget this one when that signs"
            )
        return replace(self, keys=tuple(key for key in self.keys if key.kid != kid))

    def public_set(self) -> dict[str, Any]:
        """The JWK Set that is published."""
        return {"keys": [key.public_jwk for key in self.keys]}


def parse_key_ring(content: bytes, where: str) -> KeyRing:
    """The keys in a file's content.

    Raises
    ------
    SteadyhandError
        If it is no such file.
    """
    try:
        entries = Fields.of(decode_json(content, MOST_BYTES), required=("keys",), optional=()).listed(
            "keys", MOST_KEYS
        )
        return KeyRing(tuple(_parsed_key(Fields.of(entry)) for entry in entries))
    except ValueError as error:
        raise SteadyhandError(
            f"{where} holds no signing keys ({error})", "put the right file there"
        ) from error


class KeyRingFile:
    """The keys' file, parsed again where it has changed. For one thread.

    Parameters
    ----------
    file_name : str
        As set.
    """

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._content = b""
        self._ring = KeyRing()

    def read(self) -> KeyRing:
        """See `read_key_ring`."""
        content = _content_of(self._file_name)
        if content != self._content:
            self._ring, self._content = parse_key_ring(content, f"{KEY} ({self._file_name})"), content
        return self._ring


def read_key_ring(file_name: str) -> KeyRing:
    """The keys in the file that the setting names.

    Raises
    ------
    SteadyhandError
        If none is set, or it cannot be read, is open to others, or holds anything else.
    """
    return KeyRingFile(file_name).read()


def _content_of(file_name: str) -> bytes:
    where = f"{KEY} ({file_name})"
    try:
        return read_private(_path(file_name), MOST_BYTES)
    except FileNotFoundError as error:
        mend = "make it, as the relay's account: steadyhand signals new-key"
        raise SteadyhandError(f"{where}: there is no such file", mend) from error


def write_key_ring(file_name: str, ring: KeyRing) -> None:
    """Replace the file.

    Raises
    ------
    SteadyhandError
        If none is set, or it cannot be written.
    """
    entries = [{**key.private_jwk, "kid": key.kid, _SIGNS_FROM: key.signs_from_unix_s} for key in ring.keys]
    write_private(_path(file_name), json.dumps({"keys": entries}, indent=1).encode())


def _path(file_name: str) -> Path:
    if not file_name:
        raise SteadyhandError(f"{KEY} is not set", "name the file of the relay's signing keys in policy")
    return Path(file_name)


def _parsed_key(fields: Fields) -> RelayKey:
    signs_from_unix_s = fields.integer(_SIGNS_FROM)
    names = fields.document.keys() - {_SIGNS_FROM, "use", "alg", "kid"}
    jwk = {name: fields.text(name, MOST_KEY_TEXT) for name in names}
    try:
        key = _imported(jwk)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"a key cannot be used: {type(error).__name__} {error}") from error
    if not key.is_private or key.raw_value.key_size < LEAST_BITS:
        raise ValueError(f"a key is not private, or has fewer than {LEAST_BITS} bits")
    return RelayKey(key.thumbprint(), signs_from_unix_s, jwk, key)


def _imported(jwk: Mapping[str, str]) -> RSAKey:
    joserfc_jwk, joserfc_errors = _library()
    try:
        key: RSAKey = joserfc_jwk.RSAKey.import_key(dict(jwk))
    except joserfc_errors.JoseError as error:
        raise ValueError(str(error)) from error
    return key


def _library() -> tuple[Any, Any]:
    """joserfc's modules of keys and errors: imported when first needed, because only the relay needs them.

    Raises
    ------
    SteadyhandError
        If it is not installed.
    """
    try:
        from joserfc import errors, jwk
    except ImportError as error:
        mend = "install it: pip install 'steadyhand[signals]'"
        raise SteadyhandError("the library joserfc, which signs tokens, is not there", mend) from error
    return jwk, errors


def _new_key(signs_from_unix_s: int) -> RelayKey:
    joserfc_jwk, _ = _library()
    key = joserfc_jwk.RSAKey.generate_key(BITS)
    # One thumbprint in 64 begins as an option does, and could not be named on a command line.
    while key.thumbprint().startswith("-"):
        key = joserfc_jwk.RSAKey.generate_key(BITS)
    jwk = {name: str(member) for name, member in key.as_dict(private=True).items()}
    return RelayKey(key.thumbprint(), signs_from_unix_s, jwk, key)
