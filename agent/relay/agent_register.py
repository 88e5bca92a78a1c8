"""Register of the agents that speak to the relay: when each was heard, who has fallen silent. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.alerts.alert import AlertKind, LaterKind
from agent.files.decode import LEAST_INTEGER, Fields
from agent.relay.accounts import AccountId

SILENCE_NS: Final = 150_000_000_000
"""Two heartbeats and a half."""
MOST_AGENTS: Final = 4096
ENDS: Final = frozenset((AlertKind.STOPPED, AlertKind.QUIT))
SIGNS_OF_LIFE: Final = frozenset((AlertKind.STARTED, AlertKind.HEARTBEAT))
OF_AN_AGENT: Final = SIGNS_OF_LIFE | ENDS
_OTHER_CHAIN_NS: Final = 600_000_000_000
_MOST_NAME: Final = 256
_MOST_UID: Final = (1 << 32) - 1
_SID: Final = re.compile(r"S-1(-[0-9]{1,15}){1,16}")


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One user's agent.

    Attributes
    ----------
    user : str
    heard_ns : int
        When it last said something; monotonic.
    has_ended : bool
        True after it said that it ends.
    reported_silent : bool
        True once its silence was reported.
    chain : str
        Of its alerts; empty as long as none was heard. It lies in the agent's state.
    """

    user: str
    heard_ns: int
    has_ended: bool = False
    reported_silent: bool = False
    chain: str = ""


class AgentRegister:
    """All users' agents by user number, or SID on Windows."""

    def __init__(self) -> None:
        self._agents: dict[AccountId, AgentRecord] = {}
        self._gone_ns: dict[AccountId, int] = {}
        self._other_chain_ns: dict[AccountId, int] = {}

    def heard(self, uid: AccountId, user: str, kind: AlertKind | LaterKind, now_ns: int) -> bool:
        """An account's program has said something; True where that is more than another sign of life.

        What speaks only of other things than its own life is no agent (the mouse service), and is not missed.
        """
        before = self._agents.get(uid)
        if before is None and (kind not in OF_AN_AGENT or len(self._agents) >= MOST_AGENTS):
            return False
        self._gone_ns.pop(uid, None)
        chain = before.chain if before is not None else ""
        now = self._agents[uid] = AgentRecord(user, now_ns, kind in ENDS, chain=chain)
        return before is None or replace(before, heard_ns=now_ns) != now

    def heard_chain(self, uid: AccountId, chain: str, now_ns: int) -> str:
        """Note the chain of a sign of life; returns the former one where that is news, ten minutes apart at least."""
        agent = self._agents.get(uid)
        if agent is None or not chain or chain == agent.chain:
            return ""
        self._agents[uid] = replace(agent, chain=chain)
        reported_ns = self._other_chain_ns.get(uid)
        if not agent.chain or (reported_ns is not None and now_ns - reported_ns < _OTHER_CHAIN_NS):
            return ""
        self._other_chain_ns[uid] = now_ns
        return agent.chain

    def fallen_silent(self, now_ns: int) -> Iterator[tuple[AccountId, AgentRecord]]:
        """Agents that should have said something by now; each is named once until it speaks again."""
        for uid, agent in self._agents.items():
            late = now_ns - agent.heard_ns > SILENCE_NS
            if late and not agent.has_ended and not agent.reported_silent:
                self._agents[uid] = replace(agent, reported_silent=True)
                yield uid, agent

    def process_ended(self, uid: AccountId, now_ns: int) -> None:
        """The process that spoke as the account's agent has ended, whatever it said before."""
        if uid in self._agents:
            self._gone_ns[uid] = now_ns

    def gone_unsaid_ns(self, uid: AccountId) -> int | None:
        """When the account's agent went without a word; None where it runs, said so, or its absence is reported."""
        agent = self._agents.get(uid)
        if agent is None or agent.has_ended or agent.reported_silent:
            return None
        return self._gone_ns.get(uid)

    def ended_with_session(self, uid: AccountId) -> str:
        """Note that the account's agent has ended; returns whose it was."""
        agent = self._agents[uid] = replace(self._agents[uid], has_ended=True)
        return agent.user

    def knows(self, uid: AccountId) -> bool:
        """Whether an agent of this account has ever spoken."""
        return uid in self._agents

    def absent_since_ns(self, uid: AccountId, now_ns: int) -> int | None:
        """Since when no agent of this account runs, as far as is known; None where one does.

        It said that it ends, its process ended, or it has said nothing for `SILENCE_NS`. 0 for an account that no agent
        ever spoke of.
        """
        agent = self._agents.get(uid)
        if agent is None:
            return 0
        if uid in self._gone_ns and not agent.has_ended:
            return self._gone_ns[uid]
        return agent.heard_ns if agent.has_ended or now_ns - agent.heard_ns > SILENCE_NS else None

    def report_absence(self, uid: AccountId) -> bool:
        """Note that the agent's absence is reported; False where it has been."""
        agent = self._agents.get(uid)
        if agent is None or agent.reported_silent:
            return agent is None
        self._agents[uid] = replace(agent, reported_silent=True)
        return True

    def left_screen(self, shown: Collection[AccountId]) -> None:
        """Let the absence of agents that ended be reported anew once their accounts are back at the screen.

        Parameters
        ----------
        shown : collection of AccountId
            those whose session is shown now.
        """
        for uid, agent in self._agents.items():
            if agent.has_ended and agent.reported_silent and uid not in shown:
                self._agents[uid] = replace(agent, reported_silent=False)

    def seconds_since(self, now_ns: int) -> dict[str, int]:
        """How long ago each agent that has not ended was heard, by user."""
        return {
            agent.user: (now_ns - agent.heard_ns) // 1_000_000_000
            for agent in self._agents.values()
            if not agent.has_ended
        }

    def to_json(self, boot_id: str) -> dict[str, Any]:
        """Everything, for a later run; the clock's figures mean something until the computer starts again."""
        agents = {
            str(uid): {
                "user": agent.user,
                "heard_ns": agent.heard_ns,
                "has_ended": agent.has_ended,
                "reported_silent": agent.reported_silent,
                "chain": agent.chain,
            }
            for uid, agent in self._agents.items()
        }
        return {"boot_id": boot_id, "agents": agents}

    @classmethod
    def from_json(cls, document: Any, boot_id: str, now_ns: int) -> AgentRegister:
        """Read what `to_json` gave.

        An agent that had not ended when the computer went down counts as heard at this start: it is reported unless
        it speaks.

        Raises
        ------
        ValueError
            If it is anything else.
        """
        fields = Fields.of(document, required=("boot_id", "agents"), optional=())
        # Where the system does not tell which start this is, no figure of its clock is believed.
        same_boot = boot_id != "" and fields.text("boot_id", _MOST_NAME) == boot_id
        agents = fields.nested("agents")
        if len(agents.document) > MOST_AGENTS:
            raise ValueError("more agents than are kept")
        register = cls()
        for number in agents.document:
            agent = agents.nested(number)
            heard_ns = min(agent.integer("heard_ns", LEAST_INTEGER), now_ns) if same_boot else now_ns
            register._agents[_account_id(number)] = AgentRecord(
                agent.text("user", _MOST_NAME),
                heard_ns,
                agent.boolean("has_ended"),
                agent.boolean("reported_silent"),
                agent.text("chain", _MOST_NAME) if "chain" in agent.document else "",
            )
        return register


def _account_id(key: str) -> AccountId:
    """The account that a key of the file names.

    Raises
    ------
    ValueError
        If it is neither a user number nor a SID.
    """
    if _SID.fullmatch(key):
        return key
    if not key.isascii() or not key.isdigit() or int(key) > _MOST_UID:
        raise ValueError("an agent's key is no user number")
    return int(key)
