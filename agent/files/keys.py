"""The keys of this computer, whose signatures it believes, and what recordings are encrypted with."""

from __future__ import annotations

import os
import secrets
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity, sentence
from agent.files.administrators import list_administrators, read_administrators
from agent.files.endorsement import RECOVERY_PREFIX
from agent.files.index_trust import with_index
from agent.files.locked_memory import keep_from_swap
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.signing import MOST_KEY_BYTES, PublicKey, SigningKey, create_signing_key, load_signing_key
from agent.files.trust import Role, Trust

__all__ = [
    "RECORDING_KEY_NOTE",
    "PublicKey",
    "Role",
    "SigningKey",
    "Trust",
    "computer_key",
    "create_signing_key",
    "load_signing_key",
    "load_trust",
    "local_signing_key",
    "recording_key",
]

# For the status, which says what is not as good as it could be.
RECORDING_KEY_NOTE: Final = sentence(
    "recordings are encrypted with keys in 0600 files, not in the system's key store"
)

_RECORDING_KEY_BYTES: Final = 32


def local_signing_key(paths: Paths) -> SigningKey:
    """This computer's own key, made when first asked for.

    Raises
    ------
    SteadyhandError
        As `create_signing_key` and `load_signing_key`.
    """
    if os.path.lexists(paths.local_key_file):
        return load_signing_key(paths.local_key_file)
    private_dir(paths.keys_dir)
    return create_signing_key(paths.local_key_file)


def computer_key(paths: Paths) -> SigningKey:
    """The key that this account on this computer signs what it hands over with, made when first asked for.

    Raises
    ------
    SteadyhandError
        As `create_signing_key` and `load_signing_key`.
    """
    if os.path.lexists(paths.computer_key_file):
        return load_signing_key(paths.computer_key_file)
    private_dir(paths.keys_dir)
    return create_signing_key(paths.computer_key_file)


def recording_key(paths: Paths) -> bytes:
    """The 32 bytes that imported and earlier recordings share, made when first asked for; kept in a 0600 file.

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
    keep_from_swap(key)
    if len(key) != _RECORDING_KEY_BYTES:
        raise SteadyhandError(
            f"{path} has {quantity(len(key), 'byte')}, not {_RECORDING_KEY_BYTES}",
            "move it away; recordings made with it are lost",
        )
    return key


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
        Files that fail a check are left out and named in `problems`. The index that was fetched last adds keys that
        these vouch for, and takes away those that it revokes.
    """
    keys: dict[str, tuple[PublicKey, Role]] = {}
    recovery: set[str] = set()
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
            key = PublicKey.from_pem(read_administrators(path, top, required_uid, MOST_KEY_BYTES), str(path))
            keys[key.key_id] = (key, Role.ADMINISTRATOR)
            if path.name.startswith(RECOVERY_PREFIX):
                recovery.add(key.key_id)
        except SteadyhandError as error:
            problems.append(str(error))
    return with_index(Trust(keys, tuple(problems), frozenset(recovery)), paths)
