"""People of an office: which account on which computer is whom, in a table that the administrator may edit.

``people.csv`` has a line for each account: ``person,name,account,computer,group``. A person's id is random and stays;
names are labels. An account of a domain is one on all computers; a local one is one on each, unless the table says that
two of them are the same person.
"""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.accounts import Account, account_of, candidates
from agent.files.private import mendable, write_private

COLUMNS: Final = ("person", "name", "account", "computer", "group")
DEFAULT_GROUP: Final = "default"
EXEMPT: Final = "exempt"
_ID: Final = re.compile(r"p-[0-9a-f]{12}")
_GROUP: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class OfficePerson:
    """Somebody, with every account of theirs.

    Attributes
    ----------
    person_id : str
        Random: ``p-`` and twelve hexadecimal digits.
    name : str
        A label for people; may be empty.
    group : str
        ``default``, ``pilot``, ``exempt`` or the name of a wave.
    accounts : tuple of (str, str)
        Account and computer as they are written in the table.
    """

    person_id: str
    name: str
    group: str
    accounts: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The name, else the first account."""
        return self.name or (account_of(*self.accounts[0]).label if self.accounts else self.person_id)


class People:
    """Everybody in an office. Immutable: a change gives a new one.

    Parameters
    ----------
    people : iterable of OfficePerson
    """

    def __init__(self, people: Iterable[OfficePerson] = ()) -> None:
        self.by_id: Mapping[str, OfficePerson] = {person.person_id: person for person in people}
        self._by_account: dict[str, OfficePerson] = {
            account_of(*account).account_id: person
            for person in self.by_id.values()
            for account in person.accounts
        }

    def __len__(self) -> int:
        return len(self.by_id)

    def of_account(self, account: str, computer: str) -> OfficePerson | None:
        """Whose account it is; None where the table does not have it.

        Raises
        ------
        ValueError
            If the account or computer has no name.
        """
        for candidate in candidates(account, computer):
            if candidate.account_id in self._by_account:
                return self._by_account[candidate.account_id]
        return None

    def account_ids(self, person: OfficePerson) -> tuple[str, ...]:
        """The ids by which the published index names the person's accounts."""
        return tuple(account_of(*account).account_id for account in person.accounts)

    def find(self, words: str) -> OfficePerson:
        """The person with this id, name or account.

        Raises
        ------
        SteadyhandError
            If nobody or more than one fits.
        """
        if words in self.by_id:
            return self.by_id[words]
        wanted = words.casefold()
        fitting = [
            person
            for person in self.by_id.values()
            if wanted == person.name.casefold() or any(_fits(words, account) for account in person.accounts)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise SteadyhandError(f"nobody here is {words}", "office person list shows everybody")
        named = ", ".join(f"{person.person_id} ({person.label})" for person in fitting)
        raise SteadyhandError(f"{words} fits {len(fitting)} people", f"give the id: {named}")

    def with_person(self, person: OfficePerson) -> People:
        """The same people, with this one added or in the place of the one with the same id.

        Raises
        ------
        SteadyhandError
            If an account of the person is somebody else's.
        """
        people = {**self.by_id, person.person_id: person}
        _check_accounts(people.values())
        return People(people.values())

    def without_person(self, person_id: str) -> People:
        """The same people but one."""
        return People(person for person in self.by_id.values() if person.person_id != person_id)


def new_person(account: str, computer: str, *, name: str = "", group: str = DEFAULT_GROUP) -> OfficePerson:
    """Somebody with a fresh id.

    Raises
    ------
    SteadyhandError
        If the account, computer or group cannot be one.
    """
    _check_account(account, computer, "the account")
    _check_group(group, "the group")
    return OfficePerson(f"p-{secrets.token_hex(6)}", name, group, ((account, computer),))


def joined(person: OfficePerson, account: str, computer: str) -> OfficePerson:
    """The person with one account more."""
    _check_account(account, computer, "the account")
    return replace(person, accounts=(*person.accounts, (account, computer)))


def grouped(person: OfficePerson, group: str) -> OfficePerson:
    """The person in another group."""
    _check_group(group, "the group")
    return replace(person, group=group)


def read_people(path: Path) -> People:
    """The table of people; nobody where there is none yet.

    Raises
    ------
    SteadyhandError
        Naming the line that is not as it must be.
    """
    if not path.exists():
        return People()
    with mendable(path, "read"):
        raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SteadyhandError(f"{path} is not UTF-8 ({error.reason})", "save it as CSV in UTF-8") from error
    header, _, _ = text.partition("\n")
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise SteadyhandError(f"{path}: columns are missing", f"its first line must be {','.join(COLUMNS)}")
    people: dict[str, OfficePerson] = {}
    for row in rows:
        where = f"{path}, line {rows.line_num}"
        cells = {column: (row[column] or "").strip() for column in COLUMNS}
        people[cells["person"]] = _with_row(people.get(cells["person"]), cells, where)
    _check_accounts(people.values(), f"{path}: ")
    return People(people.values())


def write_people(path: Path, people: People) -> None:
    """Put the table in its place, all or nothing.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for person in people.by_id.values():
        for account, computer in person.accounts:
            writer.writerow((person.person_id, person.name, account, computer, person.group))
    write_private(path, out.getvalue().encode())


def _with_row(before: OfficePerson | None, cells: Mapping[str, str], where: str) -> OfficePerson:
    if not _ID.fullmatch(cells["person"]):
        raise SteadyhandError(
            f"{where}: {cells['person'][:40]!r} is no person's id", "make people with office person add"
        )
    group = cells["group"] or DEFAULT_GROUP
    _check_group(group, where)
    _check_account(cells["account"], cells["computer"], where)
    account = (cells["account"], cells["computer"])
    if before is None:
        return OfficePerson(cells["person"], cells["name"], group, (account,))
    if cells["group"] and group != before.group:
        raise SteadyhandError(
            f"{where}: {cells['person']} is in group {before.group} above and in {group} here",
            "give all lines of a person the same group",
        )
    return replace(before, name=before.name or cells["name"], accounts=(*before.accounts, account))


def _check_accounts(people: Iterable[OfficePerson], where: str = "") -> None:
    owners: dict[Account, OfficePerson] = {}
    for person in people:
        for written in person.accounts:
            account = account_of(*written)
            owner = owners.setdefault(account, person)
            if owner.person_id != person.person_id:
                raise SteadyhandError(
                    f"{where}{account.label} is {owner.person_id}'s and {person.person_id}'s",
                    "an account on a computer is one person's: correct one of the two lines",
                )


def _check_account(account: str, computer: str, where: str) -> None:
    try:
        account_of(account, computer)
    except ValueError as error:
        raise SteadyhandError(
            f"{where}: {error}", "give the account and the computer's name, or *"
        ) from error


def _check_group(group: str, where: str) -> None:
    if not _GROUP.fullmatch(group):
        raise SteadyhandError(
            f"{where}: group {group[:40]!r} is no name", "use lower-case letters, digits and hyphens"
        )


def _fits(words: str, account: tuple[str, str]) -> bool:
    own = account_of(*account)
    name, _, computer = words.partition(" on ")
    if not name.strip():
        return False
    written = account_of(name, computer or account[1])
    return written == own or (not computer and not written.domain and written.name == own.name)
