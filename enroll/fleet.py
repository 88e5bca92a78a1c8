"""Fleet training: each of thousands of users is trained by one pure function, over a joblib back-end.

What a user's profile holds depends on the user's recordings, the shared settings and the user's name alone: not on the
back-end, the order or the number of processes. So a run that was cut short goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.background import Background
from agent.files.cohort import Cohort
from agent.files.profile import pack_unsigned
from enroll.backends import WorkerPool
from enroll.cohort import LEAST_PEOPLE, rows_under
from enroll.detector_choice import sketched_by
from enroll.edition import Edition
from enroll.likeness import OnFile
from enroll.manifest import User
from enroll.onethread import one_thread
from enroll.sources.enrolment import enrolment_by_key
from enroll.sources.keys import NO_KEYS, SourceKeys
from enroll.train import train

_KILLED: Final = (
    "the process that trained this user was killed, twice, most likely for want of memory: use fewer --jobs, or train "
    "this user on a larger computer"
)
_NAMESPACE: Final = uuid.UUID("b0c5a7de-6f0b-5d0e-9a55-5f1de6f0c0de")


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What is the same for everybody of a run.

    Attributes
    ----------
    asked : JudgementSettings
    created : datetime
        In UTC: stands in every profile.
    sequence : int
    cohort : Cohort or None
    keys : SourceKeys
        Of recordings and sealed recordings.
    detectors : tuple of str or None
    background : Background or None
        As `enroll.train.train` takes them.
    """

    asked: JudgementSettings
    created: datetime
    sequence: int = 1
    cohort: Cohort | None = None
    keys: SourceKeys = NO_KEYS
    detectors: tuple[str, ...] | None = None
    background: Background | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A user's profile without signature, and what it rests on."""

    user: str
    profile: bytes
    figures: dict[str, Any]
    mouse: str = ""

    @property
    def key(self) -> str:
        """As `User.key`."""
        return f"{self.user} {self.mouse}".strip()


@dataclass(frozen=True, slots=True)
class Failed:
    """A user for whom there is no profile, and why."""

    user: str
    why: str
    mouse: str = ""

    @property
    def key(self) -> str:
        """As `User.key`."""
        return f"{self.user} {self.mouse}".strip()


def seed_of(user: str) -> int:
    """The seed of a user's training: the same on every computer, 0 to 2³⁰ - 1."""
    return int.from_bytes(hashlib.sha256(user.encode()).digest()[:4], "big") >> 2


@one_thread
def train_user(user: User, shared: Shared) -> Trained | Failed:
    """One user's profile, or why there is none: a pure function, run in any process."""
    begun = time.perf_counter()
    try:
        profile = _profile(user, shared)
        packed = pack_unsigned(profile)
    except SteadyhandError as error:
        return Failed(user.name, str(error), user.mouse)
    except Exception as error:  # noqa: BLE001 - whatever befalls one user is told and must not stop the others
        return Failed(user.name, f"{type(error).__name__}: {error}", user.mouse)
    figures = _figures(user, profile) | {"seconds": round(time.perf_counter() - begun, 2)}
    return Trained(user.name, packed, figures, user.mouse)


def _profile(user: User, shared: Shared) -> Profile:
    sketched = sketched_by(shared.detectors)
    enrolment = enrolment_by_key(user.source, user.name, shared.keys, sketched=sketched)
    sequence = user.sequence or shared.sequence
    profile_id = uuid.uuid5(_NAMESPACE, f"{user.key}/{sequence}/{shared.created}")
    return train(
        enrolment.sessions,
        user.name,
        enrolment.mouse,
        user.asked or shared.asked,
        cohort=_cohort_for(user, shared.cohort, enrolment.mouse),
        but=user.cohort_number,
        detectors=shared.detectors,
        on_file=OnFile(scripted=enrolment.scripted),
        background=shared.background,
        edition=Edition(sequence, shared.created, str(profile_id)),
        seed=seed_of(user.name),
    )


def _figures(user: User, profile: Profile) -> dict[str, Any]:
    limits = profile.limits
    return {
        "user": user.name,
        "detectors": list(profile.detectors),
        "lock_limit": limits.lock,
        "alert_limit": limits.alert,
        "rates_are_estimated": limits.estimated,
        # Rule of three: no false lock in these hours bounds the rate at this, 95 %.
        "rate_bound_per_40h": round(120.0 / max(profile.summary["hours"], 1e-3), 1),
        **profile.summary,
    }


def _cohort_for(user: User, cohort: Cohort | None, mouse: MouseConfiguration) -> Cohort | None:
    """The cohort, but for a user who is learnt alone where it has too few others."""
    if cohort is None or not user.alone_if_few:
        return cohort
    others = rows_under(cohort, mouse, but=user.cohort_number)
    return cohort if others is not None and others.people >= LEAST_PEOPLE else None


def run(
    users: Sequence[User],
    shared: Shared,
    backend: WorkerPool,
    keep: Callable[[Trained], None],
    progress: Callable[[str], None] = lambda user: None,
) -> list[Failed]:
    """Train everybody; a worker that dies takes nobody's work along but that of its own user, who is tried again.

    Parameters
    ----------
    users : sequence of User
    shared : Shared
    backend : WorkerPool
    keep : callable
        Is given each profile as soon as it is there; what it kept outlives whatever happens next.
    progress : callable
        Told every user who is done or has failed.

    Returns
    -------
    list of Failed
    """
    left = {user.key: user for user in users}
    failed: list[Failed] = []

    def work_on(part: Sequence[User]) -> bool:
        """Whether the workers lived through it."""
        try:
            for outcome in backend.results(train_user, part, shared):
                keep(outcome) if isinstance(outcome, Trained) else failed.append(outcome)
                del left[outcome.key]
                progress(outcome.key)
        except backend.worker_died:
            return False
        return True

    while left:
        before = len(left)
        if work_on(list(left.values())) or len(left) < before:
            continue
        # Nobody was done before a worker died: one of the first is the cause. Alone it harms nobody else.
        first = next(iter(left.values()))
        if not work_on([first]):
            failed.append(Failed(first.name, _KILLED, first.mouse))
            del left[first.key]
            progress(first.key)
    return failed
