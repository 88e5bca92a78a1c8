"""Session ends: agents that ended with their account's session, and could not say so.

Where a desktop takes its display away before it ends its programs, GTK ends the agent at once. Its process has gone
then, and so has the session at the seat: nobody sits there whom it should have watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from agent.relay.active_sessions import AccountsHere
from agent.relay.agent_register import AgentRegister

LOOK_NS: Final = 5_000_000_000
_SETTLE_NS: Final = 5_000_000_000
"""Its last word may wait in its connection for as long."""
_BEFORE_NS: Final = 15_000_000_000
"""An agent that was gone for longer before its session ended did not end with it."""
_AFTER_NS: Final = 150_000_000_000
"""The account's service manager ends its programs within this time after the session."""


class SessionEnds:
    """Remembers who had a session at a seat. Pure but for `here`.

    Parameters
    ----------
    here : callable
        As `accounts_here`.
    """

    def __init__(self, here: Callable[[], AccountsHere | None]) -> None:
        self._here = here
        self._open_ns: dict[int, int] = {}
        self._due_ns = 0

    def look(self, agents: AgentRegister, now_ns: int) -> Iterator[int]:
        """Accounts whose agents ended with their sessions, each once; looks every five seconds at the most."""
        if now_ns < self._due_ns:
            return
        self._due_ns = now_ns + LOOK_NS
        here = self._here()
        if here is None:
            # Without a whole picture nobody is said to have gone.
            self._open_ns.clear()
            return
        for uid in here.at_seat:
            self._open_ns[uid] = now_ns
        for uid in here.logged_in & self._open_ns.keys():
            self._open_ns[uid] = now_ns
        for uid in self._open_ns.keys() - here.logged_in:
            gone_ns = agents.gone_unsaid_ns(uid)
            if gone_ns is None or now_ns - gone_ns < _SETTLE_NS:
                continue
            if -_BEFORE_NS <= gone_ns - self._open_ns.pop(uid) <= _AFTER_NS:
                yield uid
