"""Open office: what a command that changes it needs, with the lock held and a journal to write to."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.signing import SigningKey
from enroll.office.journal import Journal
from enroll.office.keyring import Keyring, read_keyring
from enroll.office.layout import OfficeLayout
from enroll.office.lock import writer_lock
from enroll.office.passphrase import signing_key_at
from enroll.office.people import People, read_people, write_people


@dataclass(slots=True)
class OpenOffice:
    """An office whose lock is held.

    Attributes
    ----------
    layout : OfficeLayout
    keyring : Keyring
    people : People
    command, reason : str
        For the journal.
    """

    layout: OfficeLayout
    keyring: Keyring
    people: People
    command: str
    reason: str = ""

    def note(self, detail: str, people: Sequence[str] = ()) -> None:
        """One line of the journal.

        Raises
        ------
        SteadyhandError
            If it cannot be written.
        """
        journal = Journal(self.layout.journal_file)
        journal.append(self.command, reason=self.reason, people=people, detail=detail)

    def keep_people(self, people: People) -> None:
        """Write the table of people.

        Raises
        ------
        SteadyhandError
            If it cannot be written.
        """
        write_people(self.layout.people_file, people)
        self.people = people

    def signing_key(self, named: Path | None, passphrase_file: Path | None) -> SigningKey:
        """The key that signs: the one that is named, else the office's own.

        Raises
        ------
        SteadyhandError
            If it is lost, cannot be opened, or is none that counts here.
        """
        known = self.keyring.signing() if named is None else None
        path = named or self.layout.keys_dir / (known.file if known else "")
        if known and not os.path.lexists(path):
            raise SteadyhandError(
                f"the signing key {known.key_id} is not at {path}",
                "name it with --key; if it is lost: office keys replace --recovery FILE",
            )
        key = signing_key_at(path, passphrase_file)
        if key.key_id not in self.keyring.trust.keys:
            raise SteadyhandError(
                f"{path} is key {key.key_id}, which is none of this office's that count",
                "see office keys list",
            )
        return key


@contextlib.contextmanager
def open_for_change(layout: OfficeLayout, command: str, reason: str = "") -> Iterator[OpenOffice]:
    """The office with its lock held.

    Raises
    ------
    SteadyhandError
        If somebody else writes, or the keyring or table of people cannot be read.
    """
    with writer_lock(layout.lock_file):
        yield OpenOffice(
            layout, read_keyring(layout.keyring_file), read_people(layout.people_file), command, reason
        )
