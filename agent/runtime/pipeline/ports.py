"""Ports of the stream controller: one Protocol for each collaborator that it calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.alerts.alert import Alert
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.host.api import IdentityProofs
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.learning.renewal import RenewalRecorder
from agent.runtime.pipeline.profile_selection import SelectedProfile


class AlertSink(Protocol):
    """Takes alerts. In the agent: `agent.runtime.response.responder.Responder`."""

    def alert(self, alert: Alert) -> None:
        """Report without locking. Any thread; returns at once."""


class FindingResponder(AlertSink, Protocol):
    """Reacts to findings. In the agent: `agent.runtime.response.responder.Responder`."""

    def lock(self, finding: Alert) -> None:
        """Report, count down and lock. Any thread; returns at once."""


class ProfileSource(Protocol):
    """Selects profiles. In the agent: `agent.runtime.pipeline.profile_selection.ProfileSelector`."""

    def choose(self, mouse: MouseConfiguration) -> SelectedProfile:
        """The profile that judges under `mouse`. Blocks as long as the disk takes."""


class EnrolmentSource(Protocol):
    """Begins enrolments. In the agent: `agent.runtime.learning.begin_enrolment.LocalEnrolments`."""

    def begin(self, mouse: MouseConfiguration) -> EnrolmentRecorder | None:
        """An enrolment under `mouse`, or None where policy forbids it. Blocks as long as the disk takes."""

    def set_profiles_aside(self) -> None:
        """Every profile of the user from before now judges no more. Blocks as long as the disk takes.

        Raises
        ------
        SteadyhandError
            If that cannot be written.
        """

    def renewal(self, mouse: MouseConfiguration, profile: Profile, origin: str) -> RenewalRecorder | None:
        """A renewal of `profile` under `mouse`, or None where it is not due. Blocks as long as the disk takes."""


class ProfileTrainer(Protocol):
    """Makes profiles. In the agent: `agent.runtime.learning.training.Trainer`."""

    def start(self, enrolment: EnrolmentRecorder, origin: Profile | None = None) -> None:
        """Make a profile of `enrolment`, or transfer `origin` to its mouse. Returns at once."""

    def renew(self, enrolment: EnrolmentRecorder) -> None:
        """Make a profile that replaces the one on file where it agrees with it. Returns at once."""

    def weigh(self, enrolment: EnrolmentRecorder) -> None:
        """Estimate whether `enrolment` has enough. Returns at once."""


class MouseLookup(Protocol):
    """Knows the connected mice. In the agent: `agent.host.api.Mice`."""

    def of(self, source: int) -> MouseConfiguration | None:
        """The mouse that the events of `source` come from; None where it is not known. Never blocks."""

    def look(self) -> None:
        """Have the configuration of every mouse read again soon. Returns at once."""


@dataclass(frozen=True, slots=True)
class StreamPorts:
    """The collaborators of the stream controller.

    Attributes
    ----------
    responder : FindingResponder
    profiles : ProfileSource
    enrolments : EnrolmentSource
    trainer : ProfileTrainer
    mice : MouseLookup
    proofs : IdentityProofs
    drill_log, baseline_log : Path or None
        Where outcomes of drills and day baselines are kept; None keeps them in the record alone.
    """

    responder: FindingResponder
    profiles: ProfileSource
    enrolments: EnrolmentSource
    trainer: ProfileTrainer
    mice: MouseLookup
    proofs: IdentityProofs
    drill_log: Path | None = None
    baseline_log: Path | None = None
