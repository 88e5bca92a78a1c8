"""Central administration while the agent runs: policy, profiles, and recordings for central training."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from agent.alerts.alert import AlertKind
from agent.config.loading import Configuration, load_configuration
from agent.config.schema import CentralSettings, Settings
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.background import FOLDER_BACKGROUND
from agent.files.keys import load_trust
from agent.files.paths import Paths
from agent.files.upload_log import UploadedRecording, read_handed
from agent.runtime.central.entry_fetch import FetchRequest
from agent.runtime.central.excused import excused
from agent.runtime.central.fetch import FetchReport
from agent.runtime.central.folder import Folder
from agent.runtime.central.index_fetch import fetch_published
from agent.runtime.central.recording_upload import RecordingUpload
from agent.runtime.status.privacy_notice import HANDS_OVER, was_told


class PolicyEffects(Protocol):
    """Effects of administration. In the agent: `agent.runtime.lifecycle.policy_effects.RunningPolicyEffects`.

    All run on the polling thread.
    """

    def apply_configuration(self, configuration: Configuration) -> None:
        """Let `configuration` hold from now on."""

    def request_restart(self) -> None:
        """Restart, because a setting has changed that is read at the start only."""

    def profiles_fetched(self) -> None:
        """Use the profiles that were put in place."""

    def report(self, kind: AlertKind, message: str) -> None:
        """Raise an alert."""


class ConnectedMice(Protocol):
    """Knows the connected mice. In the agent: `agent.host.api.Mice`."""

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """Every pointing device that is connected. May block."""


class Administration:
    """Central administration: holds the effective configuration and fetches from the administrator's folder.

    Parameters
    ----------
    paths : Paths
    user : str
    configuration : Configuration
        The one at the start.
    mice : ConnectedMice
    sends : RecordingUpload
    open_file : callable
        The recording that is being written, if any. Any thread.
    effects : PolicyEffects
    """

    def __init__(
        self,
        paths: Paths,
        user: str,
        configuration: Configuration,
        mice: ConnectedMice,
        sends: RecordingUpload,
        open_file: Callable[[], Path | None],
        effects: PolicyEffects,
    ) -> None:
        self._paths = paths
        self._user = user
        self._mice = mice
        self._sends = sends
        self._open_file = open_file
        self._effects = effects
        self.configuration = configuration
        self._highest_sequence = configuration.fetched_sequence
        self._older_reported = False

    @property
    def settings(self) -> Settings:
        """The settings in force, policy included. Any thread."""
        return self.configuration.settings

    def central(self) -> CentralSettings:
        """Where to fetch from and hand over to, as it holds now."""
        return self.configuration.settings.central

    def take_policy(self) -> None:
        """Read settings and policies again, and let a change hold from now on."""
        before = self.configuration
        now = load_configuration(self._paths, strict=False)
        if self._is_rolled_back(now):
            return
        if self._paths.fetched_index_file.exists():
            trust = load_trust(self._paths, local=False)
            now = excused(now, self._paths, trust, self._user, socket.gethostname(), datetime.now(UTC))
        if now == before:
            return
        self.configuration = now
        self._effects.apply_configuration(now)
        if needs_new_start(before.settings, now.settings):
            self._effects.request_restart()

    def _is_rolled_back(self, now: Configuration) -> bool:
        """True, and reported, where the signed policy is older than one of this run: that stays in force.

        What is remembered on disk is the user's to change; what this process remembers is harder to reach.
        """
        sequence, highest = now.fetched_sequence, self._highest_sequence
        self._highest_sequence = max(sequence, highest)
        is_older = 0 <= sequence < highest
        was_reported, self._older_reported = self._older_reported, is_older
        if not is_older:
            return False
        if was_reported:
            return True
        message = (
            f"{self._paths.fetched_policy_file} is version {sequence}, but version {highest} was used before: "
            "somebody put an older policy back and changed what is remembered of it; it is not used"
        )
        self._effects.report(AlertKind.POLICY_REJECTED, message)
        return True

    def fetch(self) -> FetchReport:
        """Look into the folder of profiles. Blocks as long as the server takes."""
        request = FetchRequest(
            self._user,
            socket.gethostname(),
            tuple(self._mice.connected()),
            lambda: datetime.now(UTC),
            wants_background=self.settings.enrolment.background == FOLDER_BACKGROUND,
        )
        return fetch_published(Folder.of_profiles(self.central()), self._paths, request)

    def handed_over(self) -> tuple[UploadedRecording, ...] | None:
        """What was handed over so far; None where recordings are not for the administrator.

        Nothing is, before the person was told so in words.

        Raises
        ------
        SteadyhandError
            If the list of it is damaged.
        """
        wanted = self.configuration.settings.hands_over
        if not wanted or not was_told(self._paths.introduced_file, HANDS_OVER):
            return None
        return read_handed(self._paths)

    def hand_over(self) -> str:
        """Hand over what is recorded; returns what keeps it from that. Blocks as long as the server takes."""
        try:
            if self.handed_over() is None:
                return ""
        except SteadyhandError as error:
            return f"recordings wait to be handed over: {error}"
        keep = self.configuration.settings.enrolment.keep_recordings
        return self._sends.go(self.central(), self._open_file, keep=keep)

    def fetched(self, lines: list[str]) -> None:
        """Profiles were installed."""
        for line in lines:
            what = f"The administrator's profile was fetched for {line}"
            self._effects.report(AlertKind.PROFILE_FETCHED, what)
        self._effects.profiles_fetched()

    def refused(self, is_policy: bool, line: str) -> None:
        """Something in the folder failed a check."""
        kind = AlertKind.POLICY_REJECTED if is_policy else AlertKind.PROFILE_REJECTED
        self._effects.report(kind, f"What the administrator's folder holds was refused: {line}")


def needs_new_start(before: Settings, now: Settings) -> bool:
    """True where destinations of alerts or the list of lockers differ: those are set up once, at the start."""
    alerts = replace(before.alerts, heartbeat_rate=now.alerts.heartbeat_rate)
    return alerts != now.alerts or before.response.lockers != now.response.lockers
