"""Training: a child process makes an unsigned profile of recordings; this process checks, signs and installs it."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from agent.config.schema import Settings
from agent.engine.disagreement import disagreements_of
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.engine.sentence import sentence
from agent.engine.sufficiency import Sufficiency
from agent.files.decode import Fields, decode_json
from agent.files.enrolled_anew import enrolled_anew_since
from agent.files.keys import Role, load_trust, local_signing_key
from agent.files.ledger import LEARNT, RecordingLedger
from agent.files.paths import Paths
from agent.files.profile import pack_signed, pack_unsigned, unpack_unsigned
from agent.files.profiles import install_profile, installed_profiles, next_sequence
from agent.files.recording_keys import RecordingKeys
from agent.files.recordings import session_items
from agent.frozen import is_frozen
from agent.runtime.learning.enrolment import EnrolmentRecorder
from agent.runtime.learning.training_child import run_training_child
from agent.runtime.learning.training_listener import RenewalRefused, TrainingListener
from agent.runtime.pipeline.decision import ReactionRules
from agent.runtime.pipeline.protection import Protection

LOG: Final = logging.getLogger(__name__)

_MOST_COMPARED: Final = 32
_MOST_ANSWER: Final = 1 << 16
_MOST_HOURS: Final = 1e6


def child_command() -> list[str]:
    """How the training child is started: a sibling executable when frozen, else an isolated interpreter."""
    if is_frozen():
        own = Path(sys.executable)
        return [str(own.with_name(f"steadyhand-enroll{own.suffix}")), "train-child"]
    return [sys.executable, "-I", "-m", "enroll", "train-child"]


class Trainer:
    """Makes profiles on a thread of its own, in a child process, so that the agent stays small.

    Parameters
    ----------
    paths : Paths
    user : str
    settings : Settings
    now : callable
        Wall clock, with a time zone.
    listener : TrainingListener
    """

    def __init__(
        self,
        paths: Paths,
        user: str,
        settings: Settings,
        now: Callable[[], datetime],
        listener: TrainingListener,
    ) -> None:
        self._paths = paths
        self._user = user
        self._settings = settings
        self._now = now
        self._listener = listener

    def apply_settings(self, settings: Settings) -> None:
        """Use other settings from the next training on. Any thread."""
        self._settings = settings

    def start(self, enrolment: EnrolmentRecorder, origin: Profile | None = None) -> None:
        """Train from what is recorded so far; returns at once.

        Parameters
        ----------
        enrolment : EnrolmentRecorder
        origin : Profile, optional
            Another mouse's: it is transferred to this one by what is recorded, which is kept.
        """
        work = (enrolment.files, enrolment.mouse, origin)
        threading.Thread(target=self._run, args=work, name="steadyhand-training", daemon=True).start()

    def renew(self, enrolment: EnrolmentRecorder) -> None:
        """Train a profile that replaces the one on file, unless it disagrees with it; returns at once."""
        work = (enrolment.files, enrolment.mouse)
        threading.Thread(target=self._renew, args=work, name="steadyhand-training", daemon=True).start()

    def _renew(self, files: tuple[Path, ...], mouse: MouseConfiguration) -> None:
        try:
            self.train(files, mouse, renews=True)
        except RenewalRefused as refusal:
            # What disagrees is not kept for a second attempt.
            self._forget(files)
            self._listener.renewal_refused(refusal.disagreements)
            return
        except Exception as error:  # noqa: BLE001  (nobody else hears of what ends this thread)
            _log_failure("renewal failed", error)
            self._listener.training_failed(
                sentence("the profile could not be renewed: {why}", why=str(error))
            )
            return
        if not self._settings.enrolment.keep_recordings:
            self._forget(files)
        self._listener.trained(f"The local profile for {mouse.name or mouse.key} was renewed", ())

    def weigh(self, enrolment: EnrolmentRecorder) -> None:
        """Estimate whether what is recorded so far suffices, and pass it to the enrolment; returns at once."""
        threading.Thread(
            target=self._weigh, args=(enrolment, enrolment.files), name="steadyhand-weighing", daemon=True
        ).start()

    def _weigh(self, enrolment: EnrolmentRecorder, files: tuple[Path, ...]) -> None:
        try:
            answer = self._ask_child(self._request(1) | {"weigh": True}, (), files)
            enrolment.meter.set_estimate(Sufficiency.from_json(decode_json(answer, _MOST_ANSWER)))
        except Exception as error:  # noqa: BLE001  (nobody else hears of what ends this thread)
            _log_failure("whether there is enough to learn from is not known", error)
            enrolment.meter.set_estimate(None)

    def _request(self, sequence: int) -> dict[str, object]:
        rules = self._settings.judgement
        return {
            "user": self._user,
            "sequence": sequence,
            "false_locks_per_40h": rules.false_locks_per_40h,
            "false_alerts_per_40h": rules.false_alerts_per_40h,
            "enough_error": self._settings.enrolment.enough_error,
            "background": self._settings.enrolment.background,
        }

    def _run(self, files: tuple[Path, ...], mouse: MouseConfiguration, origin: Profile | None) -> None:
        try:
            profile = self.train(files, mouse, origin)
        except Exception as error:  # noqa: BLE001  (nobody else hears of what ends this thread)
            _log_failure("training failed", error)
            self._listener.training_failed(sentence("no profile could be made: {why}", why=str(error)))
            return
        name = mouse.name or mouse.key
        if origin is not None:
            self._listener.trained(
                f"The profile for {origin.mouse.name or origin.mouse.key} was transferred to {name}", ()
            )
            return
        if not self._settings.enrolment.keep_recordings:
            self._forget(files)
        hours = _hours_of(profile)
        self._listener.trained(
            f"A new local profile was made for {name}, from {hours:.1f} hours of use",
            disagreements_of(profile.summary),
        )

    def _forget(self, files: tuple[Path, ...]) -> None:
        """Delete what was learnt from; where that cannot be noted first, it is reported as erased."""
        ledger = RecordingLedger(self._paths)
        try:
            ledger.allow([path.name for path in files], LEARNT)
        except SteadyhandError as error:
            LOG.warning("%s", error)
        try:
            ledger.erase(files)
        except SteadyhandError as error:
            LOG.error("%s", error)

    def train(
        self,
        files: tuple[Path, ...],
        mouse: MouseConfiguration,
        origin: Profile | None = None,
        *,
        renews: bool = False,
    ) -> Profile:
        """Train, transfer `origin`, or renew the profile on file; check, sign and put in place.

        Raises
        ------
        SteadyhandError
            If the child fails, or returns something else than a profile of this user and mouse.
        RenewalRefused
            If a renewal disagrees with the profile on file, or within itself.
        """
        transferred = origin is not None
        sequence = next_sequence(self._paths, self._user, mouse.key, transferred=transferred)
        on_file = [pack_unsigned(origin)] if origin else self._on_file(mouse)
        lengths = [len(packed) for packed in on_file]
        request = self._request(sequence) | {"on_file": lengths, "transfer": transferred}
        profile = unpack_unsigned(self._ask_child(request, on_file, files))
        identity = (profile.user, profile.mouse.key, profile.sequence, profile.is_transferred)
        if identity != (self._user, mouse.key, sequence, transferred):
            raise SteadyhandError("training returned a profile of somebody or something else", "report this")
        if renews and (disagreements := disagreements_of(profile.summary)):
            raise RenewalRefused(disagreements)
        # What does not judge is not signed: raises where it does not fit together.
        Protection(profile, ReactionRules(may_lock=False))
        signed = pack_signed(profile, local_signing_key(self._paths), Role.LOCAL)
        trust = load_trust(self._paths, local=True)
        install_profile(self._paths, signed, "the new local profile", trust, now=self._now())
        return profile

    def _on_file(self, mouse: MouseConfiguration) -> list[bytes]:
        """The profiles on this computer under this mouse that what was learnt is compared with."""
        trust = load_trust(self._paths, local=True)
        installed = installed_profiles(self._paths, trust, now=self._now()).profiles
        # Somebody who is enrolled anew moves otherwise than before, and need not say why.
        since = enrolled_anew_since(self._paths)
        recent = installed_profiles(self._paths, trust, now=self._now(), since=since).profiles
        own = [signed.profile for signed in recent if signed.profile.user == self._user]
        others = [signed.profile for signed in installed if signed.profile.user != self._user]
        fitting = [profile for profile in (*own, *others) if profile.mouse.key == mouse.key]
        return [pack_unsigned(profile) for profile in fitting[:_MOST_COMPARED]]

    def _ask_child(
        self, request: dict[str, object], on_file: Sequence[bytes], files: tuple[Path, ...]
    ) -> bytes:
        items = session_items(files, RecordingKeys(self._paths))
        return run_training_child(child_command(), request, on_file, items)


def _log_failure(what: str, error: Exception) -> None:
    """Log a failure; a defect with the place where it happened."""
    is_expected = isinstance(error, (SteadyhandError, OSError, ValueError))
    LOG.error("%s: %s", what, error, exc_info=None if is_expected else error)


def _hours_of(profile: Profile) -> float:
    """Hours of use that a profile was learnt from, as the child says; 0 where it says none that can be."""
    try:
        return Fields(dict(profile.summary)).number("hours", 0.0, _MOST_HOURS)
    except ValueError:
        return 0.0
