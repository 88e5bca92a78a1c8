"""Passphrases of secret keys: from a file, or asked for on the terminal."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.engine.errors import SteadyhandError
from agent.files.private import read_private
from agent.files.sealing import load_opening_key
from agent.files.signing import SigningKey, has_passphrase, load_signing_key

LEAST_CHARACTERS = 8
_MOST_BYTES = 1024


def read_passphrase(file: Path | None, what: str) -> bytes:
    """The passphrase in a 0600 file, else the one that is typed.

    Raises
    ------
    SteadyhandError
        If the file cannot be read, or there is no terminal to type at.
    """
    if file is not None:
        try:
            passphrase = read_private(file, _MOST_BYTES).strip(b"\r\n")
        except FileNotFoundError as error:
            raise SteadyhandError(f"{file} is not there", "name the file with the passphrase") from error
    elif sys.stdin.isatty():
        passphrase = getpass.getpass(f"passphrase of {what}: ").encode()
    else:
        raise SteadyhandError(f"{what} has a passphrase", "give it with --passphrase-file")
    if not passphrase:
        raise SteadyhandError(f"the passphrase of {what} is empty", "give the right one")
    return passphrase


def new_passphrase(file: Path | None) -> bytes:
    """A passphrase for new keys: from a file, else typed twice.

    Raises
    ------
    SteadyhandError
        If it is shorter than eight characters, or the two differ.
    """
    passphrase = read_passphrase(file, "the new keys")
    if file is None and getpass.getpass("the same again: ").encode() != passphrase:
        raise SteadyhandError("the two passphrases differ", "type the same twice")
    if len(passphrase.decode(errors="replace")) < LEAST_CHARACTERS:
        raise SteadyhandError(
            f"a passphrase of fewer than {LEAST_CHARACTERS} characters",
            "choose a longer one: four words will do",
        )
    return passphrase


def signing_key_at(path: Path, passphrase_file: Path | None) -> SigningKey:
    """A signing key, its passphrase asked for where it has one.

    Raises
    ------
    SteadyhandError
        As `agent.files.signing.load_signing_key`.
    """
    return load_signing_key(path, _passphrase_of(path, passphrase_file))


def opening_key_at(path: Path, passphrase_file: Path | None) -> X25519PrivateKey:
    """A key that opens recordings, its passphrase asked for where it has one.

    Raises
    ------
    SteadyhandError
        As `agent.files.sealing.load_opening_key`.
    """
    return load_opening_key(path, _passphrase_of(path, passphrase_file))


def _passphrase_of(path: Path, file: Path | None) -> bytes | None:
    return read_passphrase(file, str(path)) if has_passphrase(path) else None
