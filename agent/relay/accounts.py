"""Accounts of the computer: whom the relay keeps apart from whom."""

from __future__ import annotations

import pwd
from dataclasses import dataclass
from typing import Final

UNKNOWN_UID: Final = -1
_MOST_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True)
class RelayAccount:
    """Who is at the other end of a connection.

    Attributes
    ----------
    uid : int
        User number, or `UNKNOWN_UID` for all numbers that the user database does not know: in a user namespace
        one person has tens of thousands of them, and shares are per account.
    name : str
        From the user database.
    """

    uid: int
    name: str


class Accounts:
    """Look-up in the user database, remembered: it may be a network service."""

    def __init__(self) -> None:
        self._by_uid: dict[int, RelayAccount] = {}

    def of(self, uid: int) -> RelayAccount:
        """The account of a user number."""
        account = self._by_uid.get(uid)
        if account is None:
            if len(self._by_uid) >= _MOST_REMEMBERED:
                self._by_uid.clear()
            account = self._by_uid[uid] = _look_up(uid)
        return account


def _look_up(uid: int) -> RelayAccount:
    try:
        return RelayAccount(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return RelayAccount(UNKNOWN_UID, "unknown user number")
