"""Agent programs: which processes that speak as agents run the agent's program, by the word of the program check.

Where that service is not installed nobody can look, and every process of an account is believed to be its agent.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.host.listener_program import ListenerProgram, ProgramKind
from agent.relay.accounts import AccountId

ENDED: Final = "it has ended"
_MOST_OF_ACCOUNT: Final = 32


@dataclass(frozen=True, slots=True)
class Speaker:
    """A process that has spoken.

    Attributes
    ----------
    uid : AccountId
    pid : int
    """

    uid: AccountId
    pid: int


class SpeakerVerdict(Enum):
    """What is known of a process."""

    AGENT = "the agent"
    OTHER = "another program"
    NOT_YET = "being looked at"


@dataclass(frozen=True, slots=True)
class JudgedSpeaker:
    """A process whose program is known now."""

    speaker: Speaker
    is_agent: bool
    program: str


class AgentPrograms:
    """Has each process looked at once, and remembers the answer while it lives. The relay's thread.

    Parameters
    ----------
    check : callable
        What a process runs, by its number; blocks.
    executor : Executor
        Asks; one question an account at a time.
    """

    def __init__(self, check: Callable[[int], ListenerProgram], executor: Executor) -> None:
        self._check = check
        self._executor = executor
        self._are_agents: dict[Speaker, bool] = {}
        self._asked: dict[AccountId, tuple[Speaker, Future[ListenerProgram]]] = {}

    def verdict(self, speaker: Speaker, *, ask: bool) -> SpeakerVerdict:
        """What is known of a process.

        Parameters
        ----------
        speaker : Speaker
        ask : bool
            Have it looked at where nothing is known; `judged` gives the answer.
        """
        known = self._are_agents.get(speaker)
        if known is not None:
            return SpeakerVerdict.AGENT if known else SpeakerVerdict.OTHER
        if ask and speaker.uid not in self._asked:
            self._asked[speaker.uid] = (speaker, self._executor.submit(self._check, speaker.pid))
        return SpeakerVerdict.NOT_YET

    def judged(self) -> list[JudgedSpeaker]:
        """The processes whose answers have come since the last call."""
        done = [uid for uid, (_, answer) in self._asked.items() if answer.done()]
        return [self._judge(*self._asked.pop(uid)) for uid in done]

    def ended(self, uid: AccountId) -> None:
        """The account's process has ended: its number may be another's soon."""
        for speaker in [each for each in self._are_agents if each.uid == uid]:
            del self._are_agents[speaker]

    def _judge(self, speaker: Speaker, answer: Future[ListenerProgram]) -> JudgedSpeaker:
        error = answer.exception()
        program = answer.result() if error is None else ListenerProgram(ProgramKind.UNKNOWN)
        # A check that does not work must lock nobody out; a process that spoke and was gone is no agent.
        is_agent = program.kind is not ProgramKind.FOREIGN and program.detail != ENDED
        if sum(each.uid == speaker.uid for each in self._are_agents) >= _MOST_OF_ACCOUNT:
            self.ended(speaker.uid)
        self._are_agents[speaker] = is_agent
        return JudgedSpeaker(speaker, is_agent, program.detail)
