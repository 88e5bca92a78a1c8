"""What the tests of the runtime share: a mouse, a hand that is quick to write down, scripted parts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.alerts.alert import Alert, AlertKind
from agent.config import schema as settings
from agent.config.schema import Settings
from agent.engine.day_baseline import DayBaseline
from agent.engine.events import UNKNOWN_SOURCE, Boundary, Button, Cause, EventBatch, EventKind, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Limits, Profile
from agent.engine.sequential_test import Verdict
from agent.engine.verifier import Judgement
from agent.host.api import SystemAuthentication
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.learning.renewal import RenewalRecorder
from agent.runtime.learning.session_recording import EnrolmentClocks
from agent.runtime.pipeline.decision import Excursion, Reaction, ReactionRules, after_lock, react
from agent.runtime.pipeline.gate import Gate
from agent.runtime.pipeline.owner_orders import OwnerOrders
from agent.runtime.pipeline.ports import StreamPorts
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.pipeline.stream_controller import StreamController
from agent.runtime.response.alert_wording import AlertWording

MS = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
KEY = bytes(range(32))


@dataclass(frozen=True)
class SharedKey:
    """One key for every recording."""

    key: bytes

    def of(self, recording: Path) -> bytes:
        return self.key

    def create(self, recording: Path) -> bytes:
        return self.key


MOUSE = MouseConfiguration("pynput-x11", "usb", "046d", "c077", name="Desk Mouse")
OTHER_MOUSE = MouseConfiguration("pynput-x11", "usb", "1532", "0084", name="Borrowed Mouse")
WORDING = AlertWording("ada", "desk-7", lambda: 1_700_000_000_000_000_000, policy_hash="cd34")
CLOCKS = EnrolmentClocks(itertools.count(0, 1000).__next__, lambda: 1_700_000_000 * SECOND)

# A point-and-click of 15 events takes 300 ms.
ACTION_EVENTS = 15
ACTION_NS = 300 * MS


def clicks(
    count: int, start_ns: int = 0, *, source: int = UNKNOWN_SOURCE, synthetic: bool = False
) -> EventBatch:
    """So many point-and-click actions, one after the other."""
    offsets = np.array([8 * i for i in range(13)] + [150, 230], np.int64) * MS
    kinds = np.array([EventKind.MOVE] * 13 + [EventKind.PRESS, EventKind.RELEASE], np.uint8)
    buttons = np.array([Button.NONE] * 13 + [Button.LEFT] * 2, np.uint8)
    x = np.minimum(np.arange(ACTION_EVENTS), 12) * 7.0
    t_ns = (start_ns + np.arange(count)[:, None] * ACTION_NS + offsets).ravel()
    shifts = np.repeat(np.arange(count) % 9 * 40.0, ACTION_EVENTS)
    return EventBatch.of(
        t_ns,
        np.tile(x, count) + shifts,
        np.tile(x * 0.6, count),
        np.tile(kinds, count),
        np.tile(buttons, count),
        source=source,
        synthetic=synthetic,
    )


def use_for(minutes: float, start_ns: int = 0) -> Iterator[EventBatch]:
    """Mouse use without a pause, a batch every 30 s."""
    step = 30 * SECOND
    for t_ns in range(start_ns, start_ns + int(minutes * MINUTE) + 1, step):
        yield clicks(1, t_ns)


def a_profile(mouse: MouseConfiguration = MOUSE, *, estimated: bool = False) -> Profile:
    """A profile in name only: scripted protections do not look at its arrays."""
    return Profile(
        profile_id="p-1",
        user="ada",
        mouse=mouse,
        features=("duration_s",),
        kinds=(0,),
        detectors=("knn",),
        arrays={},
        limits=Limits(alert=3.0, lock=9.0, asked_per_40h=1.0, estimated=estimated),
        sequence=1,
        created="2026-01-01T00:00:00+00:00",
        expires="2027-01-01T00:00:00+00:00",
    )


class ScriptedProtection:
    """Judges each batch as its script says, and reacts as the real one does."""

    made: list[ScriptedProtection]

    def __init__(self, rules: ReactionRules, verdicts: Iterator[Verdict], known_mouse: bool) -> None:
        self.rules = rules
        self.known_mouse = known_mouse
        self.verdict = Verdict.NO_EVIDENCE
        self.fed: list[StreamItem] = []
        self.restarts = 0
        self.suspended = False
        self.baseline = DayBaseline()
        self.contradictions: tuple[str, ...] = ()
        self._verdicts = verdicts
        self._excursion = Excursion()

    def feed(self, item: StreamItem) -> Iterator[tuple[Judgement, Reaction]]:
        self.fed.append(item)
        if isinstance(item, Boundary):
            if item.cause is Cause.LOCKED_BY_VERDICT:
                self._excursion = after_lock(self._excursion)
            return
        self.verdict = verdict = next(self._verdicts)
        t_ns = int(item.t_ns[-1])
        self._excursion, reaction = react(
            self._excursion,
            verdict,
            t_ns,
            replace(self.rules, may_lock=self.rules.may_lock and not self.suspended),
        )
        trust = {Verdict.GENUINE: 97.0, Verdict.SUSPICIOUS: 40.0}.get(verdict, 0.0)
        yield (
            Judgement(t_ns, verdict, trust, -1.0, 2.0, 3, t_ns - SECOND, ("v_mean lower",), b"", ("slower",)),
            reaction,
        )

    def take_over(self, before: Any) -> None:
        self.verdict = before.verdict

    def suspend_locks(self, *, suspended: bool) -> None:
        self.suspended = suspended

    def restore_trust(self) -> None:
        self.restarts += 1
        self._excursion = Excursion()

    @property
    def batches(self) -> list[EventBatch]:
        return [item for item in self.fed if isinstance(item, EventBatch)]


class Bench:
    """A `StreamController` whose collaborators are scripted, and everything that it did.

    Parameters
    ----------
    folder : Path
        For recordings.
    chosen : SelectedProfile
        The profile for every mouse without one in `by_mouse`.
    verdicts : tuple of Verdict
        One for each batch that is judged; the last one goes on.
    told : Settings
    """

    def __init__(
        self,
        folder: Path,
        chosen: SelectedProfile | None = None,
        verdicts: tuple[Verdict, ...] = (Verdict.GENUINE,),
        told: Settings | None = None,
    ) -> None:
        told = told or Settings()
        self.chosen = chosen or SelectedProfile(None)
        self.verdicts = verdicts
        self.alerts: list[Alert] = []
        self.locks: list[Alert] = []
        self.trained: list[EnrolmentRecorder] = []
        self.transferred: list[tuple[EnrolmentRecorder, Profile]] = []
        self.weighed: list[EnrolmentRecorder] = []
        self.made: list[ScriptedProtection] = []
        self.handed_on: list[ScriptedProtection | None] = []
        self.is_locked: bool | None = True
        self._folder = folder
        self._wanted = told.enrolment
        self.mice: dict[int, MouseConfiguration] = {}
        self.by_mouse: dict[str, SelectedProfile] = {}
        self.looks = 0
        self.set_aside = 0
        self.renewing: RenewalRecorder | None = None
        self.renewed: list[EnrolmentRecorder] = []
        self.authentication: SystemAuthentication | None = None
        ports = StreamPorts(self, self, self, self, self, self)
        self.controller = StreamController(told, WORDING, ports, Gate(lambda: self.is_locked))
        self.owner = OwnerOrders(self.controller, self, WORDING, self)

    def protection(
        self, profile: Profile, rules: ReactionRules, *, known_mouse: bool = True, before: Any = None
    ) -> Any:
        """Stands in for the class `Protection`."""
        self.handed_on.append(before)
        goes_on = itertools.repeat(self.verdicts[-1])
        self.made.append(ScriptedProtection(rules, itertools.chain(self.verdicts, goes_on), known_mouse))
        return self.made[-1]

    def kinds(self) -> list[AlertKind]:
        """The kinds of the alerts, locks apart."""
        return [alert.kind for alert in self.alerts]

    def feed(self, *items: StreamItem, now_ns: int | None = None) -> None:
        """Hand items to the controller at the time of the last one."""
        last = items[-1]
        end_ns = last.t_ns if isinstance(last, Boundary) else int(last.t_ns[-1])
        self.controller.process(items, end_ns if now_ns is None else now_ns)

    def latest(self) -> SystemAuthentication | None:
        return self.authentication

    def alert(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def lock(self, finding: Alert) -> None:
        self.locks.append(finding)

    def of(self, source: int) -> MouseConfiguration | None:
        return self.mice.get(source)

    def start(self, enrolment: EnrolmentRecorder, origin: Profile | None = None) -> None:
        if origin is None:
            self.trained.append(enrolment)
        else:
            self.transferred.append((enrolment, origin))

    def renewal(self, mouse: MouseConfiguration, profile: Profile, origin: str) -> RenewalRecorder | None:
        return self.renewing

    def renew(self, enrolment: EnrolmentRecorder) -> None:
        self.renewed.append(enrolment)

    def weigh(self, enrolment: EnrolmentRecorder) -> None:
        self.weighed.append(enrolment)

    def look(self) -> None:
        self.looks += 1

    def choose(self, mouse: MouseConfiguration) -> SelectedProfile:
        return self.by_mouse.get(mouse.key, self.chosen)

    def set_profiles_aside(self) -> None:
        self.set_aside += 1
        self.chosen, self.by_mouse = SelectedProfile(None), {}

    def begin(self, mouse: MouseConfiguration) -> EnrolmentRecorder | None:
        return an_enrolment(self._folder, mouse, self._wanted) if self._wanted.local else None


def an_enrolment(
    folder: Path, mouse: MouseConfiguration = MOUSE, wanted: settings.EnrolmentSettings | None = None
) -> EnrolmentRecorder:
    """An enrolment that has counted what is in the folder."""
    wanted = wanted or settings.EnrolmentSettings(actions=100, sessions=2, until="counts")
    enrolment = EnrolmentRecorder(folder, SharedKey(KEY), mouse, wanted, CLOCKS)
    enrolment.resume()
    return enrolment
