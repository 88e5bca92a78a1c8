"""Excuses by the helpdesk: signed with a key that can do nothing else, and put into the published folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.excuse import MOST_HOURS, Excuse, excuse_name, sign_excuse
from agent.files.private import write_public
from agent.files.signing import SigningKey
from enroll.clock import utc_now
from enroll.office.keyring import HELPDESK, Keyring
from enroll.office.opening import OpenOffice
from enroll.office.passphrase import signing_key_at
from enroll.office.people import OfficePerson
from enroll.office.published import open_folders


def helpdesk_key(office: OpenOffice, named: Path | None, passphrase_file: Path | None) -> SigningKey:
    """The helpdesk's key: the one that is named, else the newest of the office.

    Raises
    ------
    SteadyhandError
        If there is none that counts.
    """
    path = named or _own_key(office.keyring, office.layout.keys_dir)
    key = signing_key_at(path, passphrase_file)
    known = office.keyring.of(key.key_id)
    if known is None or known.role != HELPDESK or known.revoked:
        raise SteadyhandError(
            f"{path} is no helpdesk's key of this office that counts", "see office keys list"
        )
    return key


def excuse(office: OpenOffice, person: OfficePerson, hours: float, key: SigningKey) -> Excuse:
    """Sign an excuse and publish it; the person's agents take it with their next look.

    Raises
    ------
    SteadyhandError
        If the hours are not above 0 and at most 72, or it cannot be written.
    """
    if not 0 < hours <= MOST_HOURS:
        raise SteadyhandError(f"--hours {hours:g}", f"give more than 0, and at most {MOST_HOURS:g}")
    now = utc_now()
    made = Excuse(
        person.person_id,
        now.isoformat(timespec="seconds"),
        (now + timedelta(hours=hours)).isoformat(timespec="seconds"),
    )
    open_folders(office.layout.published_dir)
    write_public(office.layout.published_dir / excuse_name(person.person_id), sign_excuse(made, key))
    return made


def _own_key(keyring: Keyring, keys_dir: Path) -> Path:
    usable = [key for key in keyring.keys if key.role == HELPDESK and not key.revoked and key.file]
    if not usable:
        raise SteadyhandError("the helpdesk has no key", "make one: office keys helpdesk")
    return keys_dir / usable[-1].file
