"""Changes of an office's keys: rotation with overlap, loss, theft, a second administrator, the helpdesk.

Each grows the epoch where a new key begins to sign, so that its first version is newer than any before. None guesses:
what cannot be opened or vouched for is an error, and nothing is changed then.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.private import mendable, write_private
from agent.files.signing import PublicKey, SigningKey, create_signing_key
from enroll.office.keyring import ADMINISTRATOR, HELPDESK, RECOVERY, Keyring, write_keyring
from enroll.office.opening import OpenOffice
from enroll.office.passphrase import new_passphrase, read_passphrase, signing_key_at


def rotate(office: OpenOffice, options: argparse.Namespace) -> str:
    """A new signing key that the present one vouches for; both count until the old one is revoked."""
    present = office.signing_key(options.key, options.passphrase_file)
    passphrase = _passphrase_like(office, options.passphrase_file)
    fresh, keyring = _fresh(office, office.keyring, passphrase)
    _keep(office, keyring.with_endorsement(fresh.public, present).next_epoch(), fresh)
    return (
        f"key {fresh.key_id} signs from now on; {present.key_id} vouches for it and counts as well\n"
        f"publish, put {_install_dir(office)}/*.pem on every computer, and when all agents have asked: "
        f"office keys revoke {present.key_id}"
    )


def replace_lost(office: OpenOffice, options: argparse.Namespace) -> str:
    """A new signing key in the place of one that is lost or stolen; what that one signed counts no longer."""
    if options.recovery is None and not options.none_left:
        raise SteadyhandError(
            "nobody vouches for the new key", "give --recovery FILE; if that is lost as well, say --none-left"
        )
    recovery = _recovery_key(office, options) if options.recovery is not None else None
    fresh, keyring = _fresh(office, office.keyring, _passphrase_like(office, options.passphrase_file))
    lost = [key for key in office.keyring.keys if key.role == ADMINISTRATOR and key.file and not key.revoked]
    if recovery is not None:
        keyring = keyring.with_endorsement(fresh.public, recovery)
    for key in lost:
        keyring = keyring.with_revoked(key.key_id, office.reason or "lost")
    _keep(office, keyring.next_epoch(), fresh)
    ids = ", ".join(key.key_id for key in lost) or "none"
    if recovery is not None:
        return (
            f"key {fresh.key_id} signs from now on; revoked: {ids}\n"
            "publish: agents believe it by the recovery key's word"
        )
    return (
        f"key {fresh.key_id} signs from now on; revoked: {ids}\n"
        f"no agent believes it yet: put {_install_dir(office)}/*.pem into /etc/steadyhand/keys on every computer by "
        "configuration management and take the old files away, then publish"
    )


def _recovery_key(office: OpenOffice, options: argparse.Namespace) -> SigningKey:
    """The recovery key that is named, opened.

    Raises
    ------
    SteadyhandError
        If it is none of this office's, or counts no longer.
    """
    key = signing_key_at(options.recovery, options.passphrase_file)
    known = office.keyring.of(key.key_id)
    if known is None or known.role != RECOVERY or known.revoked:
        raise SteadyhandError(
            f"{options.recovery} is no recovery key of this office that counts", "see office keys list"
        )
    return key


def add_administrator(office: OpenOffice, options: argparse.Namespace) -> str:
    """Vouch for somebody else's key."""
    present = office.signing_key(options.key, options.passphrase_file)
    with mendable(options.public, "read"):
        public = PublicKey.from_pem(options.public.read_bytes(), str(options.public))
    keyring = office.keyring.with_key(public, ADMINISTRATOR, file="", holder=options.holder)
    _keep(office, keyring.with_endorsement(public, present), None)
    write_private(_install_dir(office) / f"{public.key_id}.pem", public.to_pem())
    return f"key {public.key_id} of {options.holder} counts with the next publication"


def make_helpdesk(office: OpenOffice, options: argparse.Namespace) -> str:
    """A key that can only sign excuses."""
    number = 1 + sum(key.role == HELPDESK for key in office.keyring.keys)
    file = f"helpdesk-{number}.pem"
    key = create_signing_key(office.layout.keys_dir / file, _passphrase_like(office, options.passphrase_file))
    _keep(office, office.keyring.with_key(key.public, HELPDESK, file=file, holder=options.holder), None)
    return f"{office.layout.keys_dir / file} can sign excuses and nothing else, from the next publication on"


def revoke(office: OpenOffice, options: argparse.Namespace) -> str:
    """Have a key count no longer."""
    known = office.keyring.of(options.key_id)
    if known is None:
        raise SteadyhandError(
            f"{options.key_id} is no key of this office, or several", "see office keys list"
        )
    if known.revoked:
        raise SteadyhandError(f"key {known.key_id} was revoked {known.revoked}", "nothing is to be done")
    keyring = office.keyring.with_revoked(known.key_id, office.reason)
    if known.role != HELPDESK:
        keyring.signing()  # somebody must be left who can say so to the agents
    _keep(office, keyring, None)
    return f"key {known.key_id} counts no longer, from the next publication on; what it signed is signed anew then"


def _fresh(office: OpenOffice, keyring: Keyring, passphrase: bytes | None) -> tuple[SigningKey, Keyring]:
    numbers = [int(key.file[6:-4]) for key in keyring.keys if _is_numbered(key.file)]
    file = f"admin-{max(numbers, default=0) + 1}.pem"
    key = create_signing_key(office.layout.keys_dir / file, passphrase)
    return key, keyring.with_key(key.public, ADMINISTRATOR, file=file, holder="office")


def _is_numbered(file: str) -> bool:
    return file.startswith("admin-") and file.endswith(".pem") and file[6:-4].isdecimal()


def _passphrase_like(office: OpenOffice, file: Path | None) -> bytes | None:
    """The passphrase for a new key: the one that is given; none in an office whose keys have none."""
    if file is not None:
        return read_passphrase(file, "the new key")
    from agent.files.signing import has_passphrase

    present = [office.layout.keys_dir / key.file for key in office.keyring.keys if key.file]
    readable = [path for path in present if path.exists()]
    return new_passphrase(None) if any(map(has_passphrase, readable)) else None


def _keep(office: OpenOffice, keyring: Keyring, fresh: SigningKey | None) -> None:
    write_keyring(office.layout.keyring_file, keyring)
    office.keyring = keyring
    if fresh is not None:
        file = keyring.signing().file
        write_private(_install_dir(office) / file, fresh.public.to_pem())
    office.note(
        f"epoch {keyring.epoch}, {quantity(sum(not key.revoked for key in keyring.keys), 'key counts', 'keys count')}"
    )


def _install_dir(office: OpenOffice) -> Path:
    return office.layout.root / "install"


KEY_CHANGES: Final[dict[str, Callable[[OpenOffice, argparse.Namespace], str]]] = {
    "rotate": rotate,
    "replace": replace_lost,
    "add": add_administrator,
    "helpdesk": make_helpdesk,
    "revoke": revoke,
}
