"""Accounts of the computer: whom the relay keeps apart from whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

AccountId: TypeAlias = int | str
"""An account as the operating system names it: a user number, or a SID on Windows."""
UNKNOWN_UID: Final = -1
_MOST_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True)
class RelayAccount:
    """Who is at the other end of a connection.

    Attributes
    ----------
    uid : AccountId
        User number (a SID on Windows), or `UNKNOWN_UID` for all numbers that the user database does not know: in a
        user namespace one person has tens of thousands of them, and shares are per account.
    name : str
        From the user database.
    """

    uid: AccountId
    name: str


class Accounts:
    """Look-up in the user database, remembered: it may be a network service.

    Parameters
    ----------
    look_up : callable, optional
        An account by its number or SID; the Unix user database's where it is not given.
    """

    def __init__(self, look_up: Callable[[AccountId], RelayAccount] | None = None) -> None:
        self._look_up = look_up or unix_account
        self._by_uid: dict[AccountId, RelayAccount] = {}

    def of(self, uid: AccountId) -> RelayAccount:
        """The account of a user number or SID."""
        account = self._by_uid.get(uid)
        if account is None:
            if len(self._by_uid) >= _MOST_REMEMBERED:
                self._by_uid.clear()
            account = self._by_uid[uid] = self._look_up(uid)
        return account


def account_detail(uid: AccountId) -> dict[str, Any]:
    """How an alert names an account: ``peer_uid``, or ``peer_sid`` on Windows."""
    return {"peer_uid": uid} if isinstance(uid, int) else {"peer_sid": uid}


def unix_account(uid: AccountId) -> RelayAccount:
    """An account of the Unix user database."""
    import pwd  # Unix alone has it.

    try:
        return RelayAccount(uid, pwd.getpwuid(int(uid)).pw_name)
    except KeyError:
        return RelayAccount(UNKNOWN_UID, "unknown user number")
