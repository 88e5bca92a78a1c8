"""Subject identifiers: who an account is at the identity provider, from the administrator's mapping.

References
----------
RFC 9493, Subject Identifiers for Security Event Tokens (December 2023), section 3.
OpenID Shared Signals Framework 1.0 (29 August 2025), section 3.3: complex subjects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, brief, decode_json
from agent.files.opening import FileRule, RequiredOwner, read_checked
from agent.files.private import mendable

KEY: Final = "ssf_subjects_file"
MOST_BYTES: Final = 8 << 20
SUBJECTS_FILE: Final = FileRule(RequiredOwner.SELF_OR_ROOT, 0o022, one_link=True)
"""Whoever may write the mapping decides whose sessions end."""

_MOST_LETTERS: Final = 1024
_MOST_ALIASES: Final = 16
_ANY: Final = re.compile(r"\S(.*\S)?")
_WEB: Final = re.compile(r"https?://\S+")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_MEMBERS: Final[Mapping[str, Mapping[str, re.Pattern[str]]]] = {
    "account": {"uri": re.compile(r"acct:\S+@\S+")},
    "email": {"email": re.compile(r"[^@\s]+@[^@\s]+")},
    "iss_sub": {"iss": _WEB, "sub": _ANY},
    "opaque": {"id": _ANY},
    "phone_number": {"phone_number": re.compile(r"\+[0-9]{5,15}")},
    "did": {"url": re.compile(r"did:\S+")},
    "uri": {"uri": _URI},
}
_ALIASES: Final = "aliases"
_COMPLEX: Final = "complex"
_COMPLEX_MEMBERS: Final = ("device", "session", "application", "tenant", "org_unit", "group")


class SubjectsFile:
    """The mapping from account to subject identifier, parsed again where its file has changed. For one thread.

    Parameters
    ----------
    file_name : str
        As set; a JSON object with an entry for every account, by its login name on the computers.
    """

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._content = b""
        self._subjects: Mapping[str, Mapping[str, Any]] = {}

    def read(self) -> Mapping[str, Mapping[str, Any]]:
        """The mapping as it is now: people come and go while the relay runs.

        Raises
        ------
        SteadyhandError
            If none is set, or it cannot be read, can be written by others, or any entry is no subject identifier: then
            none of it is used.
        """
        if not self._file_name:
            raise SteadyhandError(
                f"{KEY} is not set", "name the file that maps accounts to subject identifiers"
            )
        path = Path(self._file_name)
        with mendable(path, "read"):
            content = read_checked(path, SUBJECTS_FILE, MOST_BYTES)
        if content != self._content:
            try:
                self._subjects, self._content = _parsed(decode_json(content, MOST_BYTES)), content
            except ValueError as error:
                raise SteadyhandError(f"{KEY} ({path}): {error}", "mend that entry") from error
        return self._subjects


def _parsed(document: Any) -> Mapping[str, Mapping[str, Any]]:
    accounts = Fields.of(document)
    for account in accounts.document:
        try:
            _check_subject(accounts.nested(account))
        except ValueError as error:
            raise ValueError(f"account {brief(account)}: {error}") from error
    return accounts.document


def _check_subject(subject: Fields) -> None:
    """Check a subject of one person: a complex one without a user would mean everybody of a tenant."""
    if subject.text("format", _MOST_LETTERS) != _COMPLEX:
        _check_identifier(subject)
        return
    Fields.of(subject.document, required=("format", "user"), optional=_COMPLEX_MEMBERS)
    for name in subject.document.keys() - {"format"}:
        _check_identifier(subject.nested(name))


def _check_identifier(identifier: Fields) -> None:
    """Check format and members; RFC 9493 allows no member that the format does not define."""
    form = identifier.text("format", _MOST_LETTERS)
    if form == _ALIASES:
        Fields.of(identifier.document, required=("format", "identifiers"), optional=())
        aliases = identifier.listed("identifiers", _MOST_ALIASES)
        if not aliases:
            raise ValueError("identifiers is empty")
        for alias in aliases:
            _check_plain(Fields.of(alias))
        return
    _check_plain(identifier)


def _check_plain(identifier: Fields) -> None:
    form = identifier.text("format", _MOST_LETTERS)
    members = _MEMBERS.get(form)
    if members is None:
        raise ValueError(f"format is {brief(form)}, not one of {', '.join((*_MEMBERS, _ALIASES, _COMPLEX))}")
    Fields.of(identifier.document, required=("format", *members), optional=())
    for name, pattern in members.items():
        identifier.text(name, _MOST_LETTERS, pattern)
