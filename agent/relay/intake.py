"""Intake of the relay: decides about one packet, and raises the relay's own alerts."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, Final

from agent.alerts.alert import Alert, AlertKind, LaterKind, Severity
from agent.alerts.api import Delivery
from agent.alerts.hash_chain import chain_of
from agent.alerts.playbooks import playbook_detail
from agent.alerts.transports.relay_link import MOST_REFUSAL
from agent.alerts.wire import alert_from_json
from agent.relay.abuse_wording import CONNECTIONS, GARBAGE, NO_AGENT, TOO_MANY, abuse_in_words
from agent.relay.accounts import UNKNOWN_UID, AccountId, Accounts, RelayAccount, account_detail
from agent.relay.agent_programs import AgentPrograms, Speaker, SpeakerVerdict
from agent.relay.agent_register import ENDS, SIGNS_OF_LIFE, AgentRegister
from agent.relay.connections import Peer
from agent.relay.quota import AbuseCounter, Quota, RecentRecords
from agent.relay.register_file import RegisterFile
from agent.relay.relay_alerts import absence_alert, absence_detail, is_mouse_service, own_alert, stamped
from agent.relay.session_ends import SessionEnds
from agent.relay.session_guard import SessionGuard

HEARTBEAT_NS: Final = 60_000_000_000
SAVE_NS: Final = 30_000_000_000
_WITH_SESSION: Final = "ended with its session, without saying so: the display went before it"

_log = logging.getLogger(__name__)


class Intake:
    """Takes alerts of agents, and watches over the agents' signs of life. One thread.

    Parameters
    ----------
    delivery : Delivery
        Sealed; brings alerts on. Raises OSError where the disk does not take one.
    register_file : RegisterFile
    host : str
    clock, wall : callable
        Monotonic ns; Unix ns.
    guard : SessionGuard, optional
        Looks for sessions that are shown without an agent, and answers to them.
    playbooks : str, optional
        Folder of the playbooks; empty to name their pages alone.
    accounts : Accounts, optional
        The computer's accounts; the user database's where they are not given.
    session_ends : SessionEnds, optional
        Tells agents that ended with their sessions from those that fell silent.
    """

    def __init__(
        self,
        delivery: Delivery,
        register_file: RegisterFile,
        host: str,
        clock: Callable[[], int],
        wall: Callable[[], int],
        guard: SessionGuard | None = None,
        playbooks: str = "",
        programs: AgentPrograms | None = None,
        accounts: Accounts | None = None,
        session_ends: SessionEnds | None = None,
    ) -> None:
        self._delivery = delivery
        self._register_file = register_file
        self._host = host
        self._clock = clock
        self._wall = wall
        self._guard = guard
        self._playbooks = playbooks
        self._programs = programs
        self._speaking: Speaker | None = None
        self._accounts = accounts or Accounts()
        self._session_ends = session_ends
        self._agents = AgentRegister()
        self._quota = Quota()
        self._recent = RecentRecords()
        self._abuse = AbuseCounter()
        self._beats = self._beat_due_ns = self._save_due_ns = 0

    def begin(self, problems: tuple[str, ...] = ()) -> None:
        """Take up the register of the run before, and report what was damaged. Once, first."""
        self._agents, damage = self._register_file.load(self._clock())
        for problem in filter(None, (*problems, damage)):
            self._raise(AlertKind.STATE_DAMAGED, Severity.MEDIUM, f"The relay: {problem}", "")

    def peer(self, pid: int, uid: AccountId) -> Peer:
        """Who is at the other end of a connection."""
        return Peer(self._accounts.of(uid), uid, pid)

    def answer(self, packet: bytes, peer: Peer) -> dict[str, Any]:
        """Take one alert; what to answer. A packet that is none is refused with ``never``."""
        try:
            alert = alert_from_json(packet)
        except ValueError as error:
            return self.refuse_for_good(peer, str(error))
        uid, now_ns = peer.account.uid, self._clock()
        if self._recent.has(uid, alert.record_id):
            return {"taken": alert.record_id}
        if not self._quota.admits(uid, peer.pid, now_ns):
            self._abuse.count(uid, TOO_MANY)
            return {"refused": "too many alerts in a minute"}
        return self._take(alert, peer, now_ns)

    def last_agent(self) -> Speaker | None:
        """The agent that was heard since the last call, to be held while it still runs; None where none was."""
        speaking, self._speaking = self._speaking, None
        return speaking

    def process_ended(self, uid: AccountId) -> None:
        """The process that gave an account's last sign of life has ended."""
        if self._programs is not None:
            self._programs.ended(uid)
        self._agents.process_ended(uid, self._clock())

    def refuse_for_good(self, peer: Peer, why: str) -> dict[str, Any]:
        """Count a packet that is no alert; what to answer."""
        self._abuse.count(peer.account.uid, GARBAGE)
        return {"refused": f"not taken: {why}"[:MOST_REFUSAL], "never": True}

    def count_surplus(self, peer: Peer) -> None:
        """A connection was closed because its account has too many."""
        self._abuse.count(peer.account.uid, CONNECTIONS)

    def tick(self) -> None:
        """Report silence and abuse, give a sign of life, and keep the register, whatever of it is due."""
        now_ns = self._clock()
        self._take_judged(now_ns)
        self._report_session_ends(now_ns)
        self._report_silence(now_ns)
        self._report_absence(now_ns)
        for uid, how, count in self._abuse.due(now_ns):
            user = self._accounts.of(uid).name
            what = f"Programs of {user} {abuse_in_words(how, count)}"
            detail = account_detail(uid) | {"how": how, "count": count}
            self._raise(AlertKind.RELAY_ABUSED, Severity.HIGH, what, user, **detail)
        if now_ns >= self._beat_due_ns:
            self._beat_due_ns = now_ns + HEARTBEAT_NS
            self._beat(now_ns)
        if now_ns >= self._save_due_ns:
            self.save()

    def save(self) -> None:
        """Keep the register."""
        self._save_due_ns = self._clock() + SAVE_NS
        self._register_file.save(self._agents)

    def _take(self, alert: Alert, peer: Peer, now_ns: int) -> dict[str, Any]:
        try:
            self._delivery.submit(stamped(alert, peer, self._host, self._playbooks))
        except ValueError as error:
            return self.refuse_for_good(peer, str(error))
        except OSError as error:
            return {"refused": f"the relay's disk: {error}"[:MOST_REFUSAL]}
        account = peer.account
        self._recent.add(account.uid, alert.record_id)
        if account.uid != UNKNOWN_UID and not is_mouse_service(peer):
            self._note_speaker(alert, peer, now_ns)
        return {"taken": alert.record_id}

    def _note_speaker(self, alert: Alert, peer: Peer, now_ns: int) -> None:
        """Count an alert as the agent's, where the process runs the agent's program as far as anybody knows."""
        is_life, uid = alert.kind in SIGNS_OF_LIFE, peer.account.uid
        if self._programs is not None and alert.kind not in ENDS:
            verdict = self._programs.verdict(Speaker(uid, peer.pid), ask=is_life)
            if verdict is SpeakerVerdict.OTHER and is_life:
                self._abuse.count(uid, NO_AGENT)
            if verdict is not SpeakerVerdict.AGENT:
                return
        self._hear(peer.account, alert.kind, now_ns)
        if is_life:
            self._speaking = Speaker(uid, peer.pid)
            self._note_chain(chain_of(alert), peer.account, now_ns)

    def _note_chain(self, chain: str, account: RelayAccount, now_ns: int) -> None:
        """Report an agent whose state is another than before."""
        if former := self._agents.heard_chain(account.uid, chain, now_ns):
            what = f"The agent of {account.name} has begun another chain: its state was erased, or it lies elsewhere"
            detail = account_detail(account.uid) | {"former_chain": former, "present_chain": chain}
            self._raise(AlertKind.STATE_DAMAGED, Severity.MEDIUM, what, account.name, **detail)

    def _take_judged(self, now_ns: int) -> None:
        """Take up which of those that spoke as agents are."""
        for judged in self._programs.judged() if self._programs is not None else ():
            uid = judged.speaker.uid
            if judged.is_agent:
                self._hear(self._accounts.of(uid), AlertKind.HEARTBEAT, now_ns)
                self._speaking = judged.speaker
            else:
                _log.warning("process %d of %s is no agent: %s", judged.speaker.pid, uid, judged.program)
                self._abuse.count(uid, NO_AGENT)

    def _hear(self, account: RelayAccount, kind: AlertKind | LaterKind, now_ns: int) -> None:
        """An agent of the account has said something."""
        if self._agents.heard(account.uid, account.name, kind, now_ns):
            self.save()

    def _report_session_ends(self, now_ns: int) -> None:
        """Say of agents that they ended with their sessions, where they could not."""
        for uid in self._session_ends.look(self._agents, now_ns) if self._session_ends is not None else ():
            user = self._agents.ended_with_session(uid)
            what = f"The agent of {user} {_WITH_SESSION}"
            self._raise(AlertKind.STOPPED, Severity.LOW, what, user, **account_detail(uid), end="session end")
            self.save()

    def _report_silence(self, now_ns: int) -> None:
        for uid, agent in self._agents.fallen_silent(now_ns):
            seconds = round((now_ns - agent.heard_ns) / 1e9)
            what = f"The agent of {agent.user} has said nothing for {seconds} s"
            detail = account_detail(uid) | {"silent_s": seconds}
            self._raise(AlertKind.SILENT, Severity.HIGH, what, agent.user, **detail)
            self.save()

    def _report_absence(self, now_ns: int) -> None:
        """Report sessions that go on without an agent, and what became of the answer to them."""
        news = self._guard.look(self._agents, now_ns) if self._guard is not None else []
        for absence in news:
            user = self._accounts.of(absence.session.uid).name
            kind, severity, message = absence_alert(absence, user)
            self._raise(kind, severity, message, user, **absence_detail(absence))
        if news:
            self.save()

    def _beat(self, now_ns: int) -> None:
        self._beats += 1
        problems = [problem[:MOST_REFUSAL] for problem in self._delivery.problems()]
        self._raise(
            AlertKind.HEARTBEAT,
            Severity.INFORMATIONAL,
            "The relay is alive",
            "",
            beat=self._beats,
            outbox_depth=self._delivery.depth(),
            heard_s_ago=self._agents.seconds_since(now_ns),
            **({"problems": problems} if problems else {}),
        )

    def _raise(self, kind: AlertKind, severity: Severity, message: str, user: str, **detail: Any) -> None:
        ids = (str(uuid.uuid4()), str(uuid.uuid4()))
        detail |= {"by": "relay", **playbook_detail(kind, self._playbooks)}
        alert = own_alert(kind, severity, message, user, self._host, self._wall(), ids, **detail)
        try:
            self._delivery.submit(alert)
        except OSError as error:
            # Delivery keeps it in memory and brings it from there.
            _log.error("the disk does not take an alert: %s", error)
