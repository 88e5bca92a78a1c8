"""Happenings: what can happen to a computer, with the times at which it truly did. Knows of no rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

DAY_S = 86_400.0


class Happening(Enum):
    """What happens to a computer, its agent or its person."""

    POWER_ON = "switched on"
    LOGIN = "logged in"
    SLEEP = "falls asleep"
    WAKE = "wakes up"
    LOGOUT = "logged out"
    SHUTDOWN = "shut down"
    POWER_LOST = "power lost"
    UPDATE = "the agent was updated"
    AGENT_CRASH = "the agent crashed"
    FREEZE = "the hypervisor stops the machine"
    THAW = "the hypervisor lets it go on"
    CLOCK_SET = "the clock is set"
    POLICY = "the policy changes"
    QUIT = "the owner ends the agent, with a proof"
    FALSE_ALARM = "the owner moved the mouse unlike the profile"
    KILLED = "killed, and the service manager starts it again"
    KILLED_FOR_GOOD = "killed, and its service masked"
    ENDED_FOR_GOOD = "its service stopped and masked"
    STOPPED_STILL = "stopped by SIGSTOP"
    ERASED = "killed for good, its state erased"
    REPAIRED = "an administrator started the agent again"


ATTACKS = frozenset(
    {
        Happening.KILLED,
        Happening.KILLED_FOR_GOOD,
        Happening.ENDED_FOR_GOOD,
        Happening.STOPPED_STILL,
        Happening.ERASED,
    }
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One happening.

    Attributes
    ----------
    at_s : float
        True time, seconds since 1970.
    happening : Happening
    step_s : float
        Of `CLOCK_SET` alone: the clock's new error, device minus true time.
    """

    at_s: float
    happening: Happening
    step_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """A time from `begin_s` to `end_s`, seconds since 1970."""

    begin_s: float
    end_s: float

    def holds(self, at_s: float) -> bool:
        """Whether `at_s` is within."""
        return self.begin_s <= at_s < self.end_s


class Cut(Enum):
    """What is cut within a minute of a kill."""

    NOTHING = "nothing"
    POWER = "power"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Attack:
    """A kill that truly happened.

    Attributes
    ----------
    at_s : float
    way : Happening
    cut : Cut
        After a cut nothing that is received at the time differs from a power cut or a lost network.
    """

    at_s: float
    way: Happening
    cut: Cut


class Machine(Enum):
    """What kind of computer it is."""

    LAPTOP = "laptop"
    DESKTOP = "desktop"
    VIRTUAL = "virtual desktop"


@dataclass(frozen=True, slots=True)
class FleetComputer:
    """A computer and the habits of its person.

    Attributes
    ----------
    number : int
    machine : Machine
    zone : str
        Time zone of its place of work.
    has_relay : bool
    stays_on : bool
        Left on over night.
    shuts_down : bool
        Shut down in the evening instead of put to sleep.
    clock_error_s : float
        What its clock is wrong by, all the time.
    keeps_local_time : bool
        Its hardware clock has local time: wrong by an hour after a start, from the change of summer time on.
    has_old_battery : bool
        Its hardware clock forgets: a start begins days in the past.
    begins_s, ends_s : float
        When it joins and leaves the company.
    """

    number: int
    machine: Machine
    zone: str
    has_relay: bool
    stays_on: bool
    shuts_down: bool
    clock_error_s: float
    keeps_local_time: bool
    has_old_battery: bool
    begins_s: float
    ends_s: float

    @property
    def name(self) -> str:
        """Its host name."""
        return f"pc{self.number:03}"


@dataclass(frozen=True, slots=True)
class History:
    """All that truly happened to one computer.

    Attributes
    ----------
    computer : FleetComputer
    turns : tuple of Turn
        In order.
    offline : tuple of Span
        When it cannot reach the receiver although it is awake.
    attacks : tuple of Attack
    """

    computer: FleetComputer
    turns: tuple[Turn, ...]
    offline: tuple[Span, ...]
    attacks: tuple[Attack, ...] = field(default=())
