"""The story: the owner is learnt and works, somebody else takes over, the screen locks, the alert arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from agent.demo.hand import XTestPointer, play
from agent.demo.observer import Locked, Observer
from agent.demo.outcome import FINDING_KINDS, DemoOutcome
from agent.demo.people import DemoPeople
from agent.demo.processes import Processes, punctual
from agent.demo.screenshot import screenshot
from agent.demo.stage import connect
from agent.engine.events import EventBatch
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recording import open_recording
from agent.files.recordings import SUFFIX
from agent.files.stream import Session
from agent.frozen import module_command
from agent.host.linux.xscreen import look
from agent.host.select import services

USER: Final = "owner"
COUNTDOWN_S: Final = 3.0

# The demonstration's own policy. It locks on an estimate: a minute of work is no observed error rate. Without a
# background somebody so far off is found in fewer than the 110 actions that a lock takes with one at least.
POLICY: Final = f"""\
[judgement]
mode = "enforce"
false_locks_per_40h = 1.0
false_alerts_per_40h = 5.0
lock_on_estimate = true

[response]
countdown_s = {COUNTDOWN_S}
lockers = ["i3lock", "xsecurelock"]

[enrolment]
actions = 500
until = "counts"
sessions = 3
background = "none"

[capture]
trust_synthetic = true
"""


class Scenario:
    """Plays the story on one display.

    Parameters
    ----------
    environment : mapping
        The session's environment: display, bus, home.
    processes : Processes
        Starts the agent.
    root : Path
        The agent's folders.
    out : Path
        Where screenshots go.
    people : DemoPeople
    say : callable
        Takes one line on what goes on.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        processes: Processes,
        root: Path,
        out: Path,
        people: DemoPeople,
        say: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._processes = processes
        self._paths = Paths.under(root)
        self._root = root
        self._out = out
        self._people = people
        self._say = say
        self._shots: list[Path] = []
        self._sent = 0

    def run(self) -> DemoOutcome:
        """Play it; at most three minutes.

        Raises
        ------
        SteadyhandError
            If the agent does not start, learn or answer.
        """
        self._settle_in()
        began_s = time.monotonic()
        self._say("the agent starts, finds the owner's recordings and learns from them …")
        agent = self._processes.start(
            module_command("agent.demo.agent_process", str(self._root), USER), name="agent"
        )
        observer = Observer(self._paths, lambda: agent.poll() is None)
        observer.wait("protection", lambda: observer.status().get("state") == "protecting", 60.0)
        enrolled_s = time.monotonic() - began_s
        self._shoot("1-protecting")
        on_time = punctual()
        owner_s, trust = self._owner_works(observer)
        against_owner = [alert.kind for alert in observer.alerts() if alert.kind in FINDING_KINDS]
        owner_actions = int(observer.status()["actions"])
        took_over_s, grabbed = self._intruder_works(observer)
        return DemoOutcome(
            enrolled_s=enrolled_s,
            owner_actions=owner_actions,
            owner_s=owner_s,
            owner_trust=trust,
            owner_alerts=tuple(against_owner),
            took_over_unix_s=took_over_s,
            suspicious=observer.first("suspicious"),
            intruder=observer.first("intruder"),
            lock=observer.first("lock result", "lock failed"),
            grabbed=grabbed,
            events_sent=self._sent,
            events_seen=int(observer.status()["events"]),
            punctual=on_time,
            screenshots=tuple(self._shots),
        )

    def _settle_in(self) -> None:
        """Write the policy and what the owner is learnt from, as the agent itself would have recorded it."""
        for folder in (self._root, self._paths.config_dir, self._paths.recordings_dir):
            private_dir(folder)
        self._paths.settings_file.write_text(POLICY)
        self._say("the owner's sessions are recorded on a virtual clock …")
        mouse = services((), self._environment).mice.current()
        key = recording_key(self._paths)
        for number, events in enumerate(self._people.enrolment):
            path = self._paths.recordings_dir / f"session-{number}{SUFFIX}"
            with open_recording(path, key) as writer:
                writer.append([Session(mouse, int(events.t_ns[0]), time.time_ns()), events])

    def _owner_works(self, observer: Observer) -> tuple[float, tuple[int, int]]:
        self._say("the owner works …")
        seen = TrustSeen(observer)
        began_s = time.monotonic()
        self._play(self._people.owner, seen)
        time.sleep(1.5)
        seen.look()
        self._shoot("2-owner-at-work")
        return time.monotonic() - began_s, (min(seen.trust), seen.trust[-1])

    def _intruder_works(self, observer: Observer) -> tuple[float, bool]:
        self._say("somebody else takes the mouse …")
        took_over_s = time.time()
        locked = Locked(observer, self._paths.alerts_file)
        self._play(self._people.intruder, locked)
        observer_ends_s = time.monotonic() + COUNTDOWN_S + 4.0
        while observer.first("lock result", "lock failed") is None and time.monotonic() < observer_ends_s:
            time.sleep(0.05)
        with look(self._environment) as screen:
            grabbed = screen.grabbed()
        self._shoot("3-locked")
        return took_over_s, grabbed

    def _play(self, events: EventBatch, stop: Callable[[], bool]) -> None:
        with XTestPointer(connect(self._environment)) as pointer:
            played = play(events, pointer, longest_pause_s=self._people.longest_pause_s, stop=stop)
        self._sent += len(played.late_ns)

    def _shoot(self, name: str) -> None:
        with closing(connect(self._environment)) as display:
            self._shots.append(screenshot(display, self._out / f"{name}.png"))


class TrustSeen:
    """Looks at the agent's trust twice a second while something is played.

    Attributes
    ----------
    trust : list of int
        0-100, in order; 100 while there is no evidence yet.
    """

    EVERY_NS: Final = 500_000_000

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._next_ns = 0
        self.trust: list[int] = []

    def look(self) -> None:
        """Look now."""
        trust = self._observer.status().get("trust")
        self.trust.append(100 if trust is None else int(trust))

    def __call__(self) -> bool:
        now_ns = time.monotonic_ns()
        if now_ns >= self._next_ns:
            self._next_ns = now_ns + self.EVERY_NS
            self.look()
        return False
