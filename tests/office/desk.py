"""A computer of the office: it fetches through the web server, records, hands over, judges, and alerts the SIEM."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from agent.alerts.alert import AlertKind
from agent.alerts.destinations import open_delivery
from agent.config.loading import Configuration, load_configuration
from agent.config.schema import CentralSettings
from agent.engine.events import EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import load_trust, recording_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recording import open_recording
from agent.files.stream import Session
from agent.runtime.central.entry_fetch import FetchRequest
from agent.runtime.central.excused import excused
from agent.runtime.central.fetch import FetchReport
from agent.runtime.central.folder import Folder
from agent.runtime.central.index_fetch import fetch_published
from agent.runtime.central.recording_upload import RecordingUpload
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.profile_selection import ProfileSelector
from agent.runtime.pipeline.protection import Protection
from bench.reliability_syslog import settings_for
from tests.agent.alerts.fakes import make_alert
from tests.e2e.rsyslog import Receiver
from tests.enroll.people import events_of
from tests.office.web_server import WebServer


class OfficeClock:
    """Wall clock of the whole office, moved on by the test."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Desk:
    """One account on one computer.

    Parameters
    ----------
    root : Path
    account, computer : str
    hand : int
        Which made-up person moves the mouse.
    mouse : MouseConfiguration
    keys : Path
        Folder of public keys that configuration management installs.
    """

    def __init__(
        self,
        root: Path,
        account: str,
        computer: str,
        hand: int,
        mouse: MouseConfiguration,
        keys: Path,
        clock: OfficeClock,
    ) -> None:
        self.account, self.computer, self.hand, self.mouse = account, computer, hand, mouse
        self.paths = Paths.under(private_dir(root / computer))
        self._clock = clock
        self._sessions = 0
        folder = self.paths.administrators_keys_dir
        folder.mkdir(parents=True)
        for part in (folder, folder.parent):
            part.chmod(0o755)
        for path in keys.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())

    def fetch(self, server: WebServer) -> FetchReport:
        """One look into the published folder."""
        request = FetchRequest(self.account, self.computer, (self.mouse,), self._clock)
        return fetch_published(Folder.of_profiles(server.central), self.paths, request)

    def configuration(self) -> Configuration:
        """What holds here."""
        trust = load_trust(self.paths, local=False)
        held = load_configuration(self.paths, strict=False)
        return excused(held, self.paths, trust, self.account, self.computer, self._clock())

    def record(self, sessions: int, actions: int) -> None:
        """Work for some sessions, each a closed recording."""
        private_dir(self.paths.recordings_dir)
        key = recording_key(self.paths)
        for _ in range(sessions):
            events = self.work(actions)
            path = self.paths.recordings_dir / f"{self._sessions:04d}.recording"
            start_ns = int(self._clock().timestamp() * 1e9)
            with open_recording(path, key) as writer:
                writer.append([Session(self.mouse, int(events.t_ns[0]), start_ns, "capture"), events])

    def work(self, actions: int, *, hand: int | None = None) -> EventBatch:
        """Events of a new session of this desk's hand, or of somebody else's."""
        self._sessions += 1
        return events_of(self.hand if hand is None else hand, 100 * self.hand + self._sessions, actions)

    def hand_over(self, server: WebServer, public: str) -> str:
        """Hand every recording over; returns what keeps it from that."""
        central: CentralSettings = replace(server.central, recordings_key=public)
        sender = RecordingUpload(self.paths, self.account, self.computer, lambda: self._clock().timestamp())
        return sender.go(central, lambda: None, keep=False)

    def selector(self) -> ProfileSelector:
        """Which profile judges here; the computer's name is that of the desk."""
        return ProfileSelector(
            self.paths,
            self.account,
            lambda: load_trust(self.paths, local=False),
            self._clock,
            self.computer,
        )

    def judge(self, events: EventBatch, siem: Receiver | None = None) -> list[Reaction]:
        """What the agent would do while these events happen; alerts go to the SIEM."""
        chosen = self.selector().choose(self.mouse)
        assert chosen.profile is not None, chosen.problems
        settings = self.configuration().settings.judgement
        may_lock = settings.mode == "enforce" and settings.lock_on_estimate
        protection = Protection(chosen.profile, ReactionRules(may_lock=may_lock))
        reactions = [reaction for _, reaction in protection.feed(events) if reaction is not Reaction.NONE]
        if reactions and siem is not None:
            self._alert(siem, locked=Reaction.LOCK in reactions)
        return reactions

    def _alert(self, siem: Receiver, *, locked: bool) -> None:
        delivery = open_delivery(
            settings_for(siem),
            self.paths.outbox,
            self.paths.alerts_file,
            self.computer,
            self.account,
            "0.1.0",
        )
        kind = AlertKind.INTRUDER if locked else AlertKind.SUSPICIOUS
        delivery.submit(
            make_alert(kind=kind, user=self.account, host=self.computer, time_unix_ns=time.time_ns())
        )
        delivery.close(20.0)

    def status(self) -> dict[str, str]:
        """What the person would see."""
        chosen = self.selector().choose(self.mouse)
        mode = self.configuration().settings.judgement.mode
        return {"mode": mode, "profile": chosen.profile.profile_id if chosen.profile else ""}

    def __repr__(self) -> str:
        return json.dumps([self.account, self.computer])
