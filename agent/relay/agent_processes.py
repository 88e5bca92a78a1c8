"""Agent processes: handles on the processes that speak as agents, which tell at once when one ends."""

from __future__ import annotations

import os
from typing import Final

from agent.relay.accounts import AccountId

MOST_HANDLES: Final = 256


class AgentProcesses:
    """One handle (pidfd) an account, on the process that gave the last sign of life of an agent."""

    def __init__(self) -> None:
        self._held: dict[AccountId, tuple[int, int]] = {}

    def hold(self, uid: AccountId, pid: int) -> tuple[int | None, int | None]:
        """Hold the account's process from now on, while it is still connected.

        Parameters
        ----------
        uid : AccountId
        pid : int
            As the kernel named it when it connected.

        Returns
        -------
        tuple of int or None
            A new handle to be waited for, and the former one, which is to be given to `release`.
        """
        former = self._held.get(uid)
        if former is not None and former[0] == pid:
            return None, None
        if former is None and len(self._held) >= MOST_HANDLES:
            return None, None
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return (
                None,
                None,
            )  # it has ended, or lives in another process namespace: its silence is noticed later
        self._held[uid] = (pid, handle)
        return handle, None if former is None else former[1]

    def ended(self, handle: int) -> AccountId | None:
        """The account whose process has ended; forgets it. None where the handle is not held."""
        for uid, (_, held) in self._held.items():
            if held == handle:
                del self._held[uid]
                return uid
        return None

    def release_all(self) -> list[int]:
        """Forget all; their handles, to be closed."""
        handles = [handle for _, handle in self._held.values()]
        self._held.clear()
        return handles
