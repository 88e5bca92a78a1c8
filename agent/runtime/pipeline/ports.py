"""What the worker's mind can do to the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.alerts.alert import Alert
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.runtime.learning.enrolment import Enrolment
from agent.runtime.pipeline.profile_selection import SelectedProfile


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """What the mind can do to the world; all return at once.

    Attributes
    ----------
    alert : callable
        Report without locking.
    lock : callable
        Report and lock.
    choose : callable
        The profile for a mouse configuration.
    enrol : callable
        A fresh enrolment for a mouse configuration, or None where policy forbids it.
    train : callable
        Make a profile of an enrolment that has enough; or, of one that has little and the profile of another mouse, a
        transferred one.
    weigh : callable
        Reckon whether an enrolment has enough data.
    mouse_of : callable
        The mouse that the events of a source come from; None where it is not known.
    look_at_mice : callable
        Have everything about the mice read again soon.
    """

    alert: Callable[[Alert], object]
    lock: Callable[[Alert], object]
    choose: Callable[[MouseConfiguration], SelectedProfile]
    enrol: Callable[[MouseConfiguration], Enrolment | None]
    train: Callable[[Enrolment, Profile | None], object]
    weigh: Callable[[Enrolment], object]
    mouse_of: Callable[[int], MouseConfiguration | None]
    look_at_mice: Callable[[], object]
