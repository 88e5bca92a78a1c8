"""A stage with the agent on it, hands to work with, and an owner who is enrolled: what tests of whole days share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from Xlib import X

from agent.demo.desktop import desk
from agent.demo.hand import XTestPointer, play
from agent.demo.observer import Observer, SeenAlert
from agent.demo.processes import punctual
from agent.demo.stage import VirtualStage
from agent.demo.synthesis import Hand, person, work
from agent.engine.events import EventBatch
from agent.engine.profile import Profile
from agent.files.keys import Role, load_trust, local_signing_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.profile import pack_signed
from agent.files.profiles import install_profile
from agent.host.select import services
from enroll.sessions import session_rows
from enroll.train import train

USER = "ada"
SIZE = (1280, 800)
# Two hands that lie well apart: half a minute tells them from one another.
OWNER, INTRUDER = 2, 10
PACE = 0.2

SETTINGS = """\
[judgement]
mode = "enforce"
lock_on_estimate = true

[response]
countdown_s = 1.0
lockers = ["i3lock"]

[capture]
trust_synthetic = true
"""


def session(who: int, seed: int, **until: float) -> EventBatch:
    """What a person does in one session at the stage's desk."""
    return work_of(person(who), seed, **until)


def work_of(hand: Hand, seed: int, **until: float) -> EventBatch:
    """One session of a hand at the stage's desk."""
    place = desk(*SIZE, pace=PACE)
    return EventBatch.concat(work(hand, place, seed, **until))  # type: ignore[arg-type]


@dataclass
class Job:
    """A stage, the agent's folders, and hands to work with.

    Attributes
    ----------
    stage : VirtualStage
    paths : Paths
    around : sequence of str
        Command that the agent is started by; none where it is empty.
    """

    stage: VirtualStage
    paths: Paths
    around: Sequence[str] = ()
    _agent: subprocess.Popen[bytes] | None = None

    @property
    def agent_pid(self) -> int:
        """Process id of the agent that was started last."""
        assert self._agent is not None
        return self._agent.pid

    def settle_in(self, extra: str = "") -> None:
        """Write settings for a test display."""
        private_dir(self.paths.config_dir)
        self.paths.settings_file.write_text(SETTINGS + extra)

    def install(self, profile: Profile) -> None:
        """Sign the owner's profile with this computer's key, as its own enrolment does."""
        data = pack_signed(profile, local_signing_key(self.paths), Role.LOCAL)
        install_profile(
            self.paths, data, "profile", load_trust(self.paths, local=True), now=datetime.now(UTC)
        )

    def start(self) -> Observer:
        """Start the agent and wait until it has a status."""
        root = self.paths.state_dir.parent
        command = [*self.around, sys.executable, "-m", "agent.demo.agent_process", str(root), USER]
        # What an agent before this one had said last is not this one's word.
        self.paths.status_file.unlink(missing_ok=True)
        self._agent = agent = self.stage.processes.start(command, name="agent")
        observer = Observer(self.paths, lambda: agent.poll() is None)
        seen = ("protecting", "learning")
        observer.wait(
            "the agent", lambda: self.runs(observer.status()) and observer.status()["state"] in seen, 20
        )
        return observer

    @staticmethod
    def runs(status: dict[str, Any]) -> bool:
        return bool(status.get("running"))

    def kill(self) -> None:
        """End the agent as a crash would."""
        # The process that was started is the guard's child by exec: its own id.
        assert self._agent is not None
        self._agent.kill()
        self._agent.wait(5)

    def show_locker(self, observer: Observer) -> subprocess.Popen[bytes]:
        """Lock the screen as its user does, and wait until the agent has seen it."""
        beside = ("nsenter", f"--mount=/proc/{self.agent_pid}/ns/mnt", "--") if self.around else ()
        locker = self.stage.processes.start([*beside, "i3lock", "--nofork"], name="i3lock")
        observer.wait("the lock", lambda: observer.status().get("state") == "locked", 10)
        return locker

    def play(self, events: EventBatch, stop: Callable[[], bool] = lambda: False) -> int:
        """Make it happen as real input; returns how many events did."""
        with (
            XTestPointer(self.stage.connect()) as pointer,
            ThreadPoolExecutor(1, initializer=punctual) as player,
        ):
            return player.submit(play, events, pointer, longest_pause_s=1.5, stop=stop).result().events

    def locker(self) -> str:
        """Who holds the screen's input and covers it: seen by a bystander, not told by the agent."""
        with closing(self.stage.connect()) as display:
            root = display.screen().root
            held = root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
            if held == X.GrabSuccess:
                display.ungrab_keyboard(X.CurrentTime)
                return ""
            assert held == X.AlreadyGrabbed
            top = root.query_tree().children[-1]
            place, window_class = top.get_geometry(), top.get_wm_class() or ("",)
            assert (place.width, place.height) == SIZE, "the top window covers the whole screen"
            return str(window_class[0])


def enrolled_owner(stage: VirtualStage) -> Profile:
    """The owner's profile for the mouse of a stage."""
    mouse = services((), stage.environment).mice.current()
    sessions = [session_rows(USER, f"session_{n}", [session(OWNER, 100 + n, actions=200)]) for n in range(8)]
    return train(sessions, USER, mouse)


class Once:
    """Looks only when a file has grown, so that playing stays punctual."""

    def __init__(self, file: Path, look: Callable[[], bool]) -> None:
        self._file = file
        self._look = look
        self._size = 0

    def __call__(self) -> bool:
        size = self._file.stat().st_size if self._file.exists() else 0
        grown, self._size = size != self._size, size
        return grown and self._look()


def locks(observer: Observer) -> list[SeenAlert]:
    return [alert for alert in observer.alerts() if alert.kind in ("lock result", "lock failed")]
