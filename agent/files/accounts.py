"""Account names: who asks the administrator's folder, as a hash that is the same however the name is written.

A domain account is one account on every computer. A local account is one on each computer, since two kiosks may both
have a `user`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final

ANY_COMPUTER: Final = "*"
_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Account:
    """An account in normal form.

    Attributes
    ----------
    name : str
        Without the domain, NFC and casefolded.
    domain : str
        First label of the domain, as both ``CORP\\ada`` and ``ada@corp.example`` have it; empty for a local account.
    computer : str
        First label of the computer's name; ``*`` for a domain account, and where a name is one person's everywhere.
    """

    name: str
    domain: str
    computer: str

    @property
    def account_id(self) -> str:
        """32 hexadecimal digits by which the index names the account."""
        text = "\0".join(("steadyhand account", self.name, self.domain, self.computer))
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]

    @property
    def label(self) -> str:
        """The account for people to read."""
        whole = f"{self.name}@{self.domain}" if self.domain else self.name
        return whole if self.computer == ANY_COMPUTER else f"{whole} on {self.computer}"


def account_of(account: str, computer: str) -> Account:
    """The normal form of an account's name on a computer.

    Parameters
    ----------
    account : str
        ``ada``, ``CORP\\ada`` or ``ada@corp.example``, in any case and any Unicode form.
    computer : str
        Host name, with or without its domain; ``*`` for any.

    Raises
    ------
    ValueError
        If either is empty, or holds a control character.
    """
    name, domain = _parts(_plain(account))
    host = _plain(computer)
    if not name or not host:
        raise ValueError("the account or the computer has no name")
    if domain and domain != _label(host):
        host = ANY_COMPUTER
    elif domain:
        domain = ""  # a computer's own name as the domain: Windows writes local accounts so
    return Account(name, domain, host if host == ANY_COMPUTER else _label(host))


def candidates(account: str, computer: str) -> tuple[Account, ...]:
    """The accounts under which the index may name this one: this computer's first, then any computer's."""
    own = account_of(account, computer)
    anywhere = Account(own.name, own.domain, ANY_COMPUTER)
    return (own,) if own == anywhere else (own, anywhere)


def _parts(account: str) -> tuple[str, str]:
    if "\\" in account:
        domain, _, name = account.partition("\\")
    else:
        name, _, domain = account.partition("@")
    return name, _label(domain)


def _label(host: str) -> str:
    return host.partition(".")[0]


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()
    if any(unicodedata.category(char) == "Cc" for char in plain):
        raise ValueError("the name holds a control character")
    return plain
