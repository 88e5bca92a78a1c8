"""Founding of an office: its folders, its keys, and a first policy in shadow mode."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from agent.files.private import write_private
from agent.files.sealing import create_opening_key
from agent.files.signing import create_signing_key
from enroll.office.journal import Journal
from enroll.office.keyring import ADMINISTRATOR, RECOVERY, Keyring, write_keyring
from enroll.office.layout import OfficeLayout, OfficeSettings, create_office
from enroll.office.people import People, write_people

SIGNING_FILE: Final = "admin-1.pem"
RECOVERY_FILE: Final = "recovery.pem"
OPENING_FILE: Final = "opening.pem"
_FIRST_POLICY: Final[dict[str, dict[str, Any]]] = {
    "judgement": {"mode": "shadow", "false_locks_per_40h": 1.0},
    "enrolment": {"local": False, "keep_recordings": False},
}


def found_office(root: Path, settings: OfficeSettings, passphrase: bytes | None) -> OfficeLayout:
    """Make an office with a signing key, a recovery key and a key that opens recordings.

    Raises
    ------
    SteadyhandError
        If the folder holds something, or cannot be written.
    """
    layout = create_office(root, settings)
    signing = create_signing_key(layout.keys_dir / SIGNING_FILE, passphrase)
    recovery = create_signing_key(layout.keys_dir / RECOVERY_FILE, passphrase)
    public = create_opening_key(layout.keys_dir / OPENING_FILE, passphrase)
    keyring = (
        Keyring(recordings_key=public)
        .with_key(recovery.public, RECOVERY, file=RECOVERY_FILE, holder="offline")
        .with_key(signing.public, ADMINISTRATOR, file=SIGNING_FILE, holder="first")
    )
    write_keyring(layout.keyring_file, keyring)
    install = layout.root / "install"
    install.mkdir(mode=0o700)
    for name, key in (("admin-1.pem", signing), ("recovery.pem", recovery)):
        write_private(install / name, key.public.to_pem())
    write_people(layout.people_file, People())
    policy = json.dumps(_FIRST_POLICY, indent=2).encode() + b"\n"
    write_private(layout.policies_dir / "default.json", policy)
    Journal(layout.journal_file).append("office init", detail=f"office {layout.settings.office}")
    return layout
