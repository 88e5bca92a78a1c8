"""Polling: asks the administrator's folders at intervals, and takes up local policy without waiting for them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from agent.config.schema import CentralSettings
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import sentence
from agent.host.policy_changes import unwatched
from agent.runtime.central.fetch import FetchReport

LOG: Final = logging.getLogger(__name__)

FIRST_S: Final = 20.0
"""The first look comes within so many seconds of the start: a house does not log in to its server at once."""
_LEAST_SHARE: Final = 2 / 3


class PollingTasks(Protocol):
    """Tasks of one polling round. In the agent: `agent.runtime.central.administration.Administration`.

    `take_policy` runs on the policy thread, everything else on the polling thread; each may block.
    """

    def central(self) -> CentralSettings:
        """The settings in force."""

    def take_policy(self) -> None:
        """Take up a policy that has changed on disk."""

    def fetch(self) -> FetchReport:
        """Look into the folder of profiles."""

    def hand_over(self) -> str:
        """Upload recordings; returns what prevents it, or an empty line."""

    def fetched(self, lines: list[str]) -> None:
        """Report the profiles that were installed, a line each."""

    def refused(self, is_policy: bool, line: str) -> None:
        """Report once what failed a check: whether it is the policy, and why."""


class StatusNotes(Protocol):
    """Shows notes in the status. In the agent: `agent.runtime.status.status_merge.StatusMerge`."""

    def note(self, line: str, *, holds: bool) -> None:
        """Show a line on something degraded, or remove it. Any thread."""


class Polling:
    """Polling scheduler: runs the tasks at random intervals, and at once after a change of policy.

    Parameters
    ----------
    tasks : PollingTasks
    notes : StatusNotes
    policy_changed : threading.Event
        Set by any thread to have a changed policy taken up at once.
    clock : callable
        Monotonic seconds.
    draw : callable
        A random number from 0 to 1: rounds of many computers must not fall together.
    watch : callable, optional
        As `agent.host.policy_changes.watch_policy`: where the system tells of changes, they are taken up at once.
    """

    def __init__(
        self,
        tasks: PollingTasks,
        notes: StatusNotes,
        policy_changed: threading.Event,
        clock: Callable[[], float],
        draw: Callable[[], float],
        watch: Callable[[Callable[[], None]], Callable[[], None]] = unwatched,
    ) -> None:
        self._tasks = tasks
        self._status_notes = notes
        self._clock = clock
        self._draw = draw
        self._due_s: float | None = None
        self._refused: set[tuple[bool, str]] = set()
        self._notes: dict[str, str] = {}
        self._policy_changed = policy_changed
        self._watch = watch
        self._end_watch: Callable[[], None] = lambda: None
        self._woken = threading.Event()
        self._stopping = False
        self._threads = (
            threading.Thread(target=self._run_policy, name="steadyhand-policy", daemon=True),
            threading.Thread(target=self._run, name="steadyhand-polling", daemon=True),
        )

    def start(self) -> None:
        """Begin; the first look follows within `FIRST_S`."""
        self._due_s = self._clock() + min(FIRST_S, self._tasks.central().every_min * 60) * self._draw()
        for thread in self._threads:
            thread.start()
        self._end_watch = self._watch(self._policy_changed.set)

    def stop(self, timeout_s: float) -> None:
        """End after what is under way, or leave it to the end of the process."""
        self._end_watch()
        self._stopping = True
        self._woken.set()
        self._policy_changed.set()
        end_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end_s - time.monotonic()))

    def wait_s(self) -> float | None:
        """Seconds until the next look; None, which costs nothing at all, where no folder is named."""
        central = self._tasks.central()
        if not (central.folder_url or central.recordings_url) or self._due_s is None:
            return None
        return max(0.0, self._due_s - self._clock())

    def turn(self) -> None:
        """Look into the folders if that is due. What this disk refuses is a note."""
        try:
            wait_s = self.wait_s()
            if wait_s is not None and wait_s <= 0:
                self._policy_changed.set()
                every_s = self._tasks.central().every_min * 60
                self._due_s = self._clock() + every_s * (_LEAST_SHARE + (1 - _LEAST_SHARE) * self._draw())
                self._look()
        except (SteadyhandError, OSError) as error:
            self._note("disk", f"the administrator's folders are not looked into: {error}")
        else:
            self._note("disk", "")

    def take_policy(self) -> None:
        """Take up a changed policy, which may name other folders. What this disk refuses is a note."""
        try:
            self._tasks.take_policy()
        except (SteadyhandError, OSError) as error:
            self._note("policy", f"the policy is not read: {error}")
        else:
            self._note("policy", "")
        self._woken.set()

    def _run_policy(self) -> None:
        while not self._stopping:
            self._policy_changed.wait()
            self._policy_changed.clear()
            if not self._stopping:
                self.take_policy()

    def _run(self) -> None:
        while not self._stopping:
            self._woken.wait(self.wait_s())
            self._woken.clear()
            if not self._stopping:
                self.turn()

    def _look(self) -> None:
        if self._tasks.central().folder_url:
            self._tell(self._tasks.fetch())
        self._note("hand over", self._tasks.hand_over())

    def _tell(self, fetched: FetchReport) -> None:
        """Say what is new, once: a folder that stays away is one note, a bad file one alert."""
        self._note(
            "fetch", fetched.trouble and sentence("nothing can be fetched: {why}", why=fetched.trouble)
        )
        self._note("absent", fetched.absent)
        for refusal in fetched.refused:
            if refusal not in self._refused:
                self._tasks.refused(*refusal)
        if not fetched.trouble:
            self._refused = set(fetched.refused)
        if fetched.profiles:
            self._tasks.fetched(fetched.profiles)
        if fetched.policy:
            self._policy_changed.set()

    def _note(self, about: str, line: str) -> None:
        before = self._notes.get(about, "")
        if line == before:
            return
        self._notes[about] = line
        if before:
            self._status_notes.note(before, holds=False)
        if line:
            LOG.warning("%s", line)
            self._status_notes.note(line, holds=True)
