"""Renewal: records proven sessions before a local profile's term ends, for a new profile without anybody asking.

Only sessions that begin with a proof of identity are recorded, and only until the next lock, rest or change that could
put somebody else at the mouse. A session with a finding is deleted, also where the owner says "that was me": whoever
knows the password cannot teach the profile somebody else's hand. It never enters learning, limits or drift.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from agent.config.schema import EnrolmentSettings
from agent.engine.day_baseline import Proof
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.profile import Profile
from agent.files.ledger import LEARNT, RecordingLedger
from agent.files.profile import expires_at
from agent.runtime.learning.enrolment import SESSION_BREAK_NS, EnrolmentRecorder

LOG: Final = logging.getLogger(__name__)

_STAYS: Final = frozenset((Cause.GAP, Cause.OVERFLOW, Cause.CAPTURE_RESTARTED, Cause.SYNTHETIC, Cause.PROVEN))
"""Boundaries after which the same person still sits there; a clock step is none of them."""


def is_due(profile: Profile, origin: str, settings: EnrolmentSettings, now: datetime) -> bool:
    """True within policy's days before the end of the term of a profile that this computer has made.

    Parameters
    ----------
    profile : Profile
    origin : str
        ``local`` or ``administrator``: an administrator renews his own.
    settings : EnrolmentSettings
    now : datetime
        With a time zone.
    """
    if not settings.local or settings.renew_days_before <= 0 or origin != "local":
        return False
    return now >= expires_at(profile) - timedelta(days=settings.renew_days_before)


class RenewalRecorder:
    """Records proven sessions of one mouse. Worker thread only.

    Parameters
    ----------
    enrolment : EnrolmentRecorder
        Counts what was recorded since the profile was made.
    ledger : RecordingLedger
        Told of each recording that is deleted, so that nobody else is blamed.
    """

    def __init__(self, enrolment: EnrolmentRecorder, ledger: RecordingLedger) -> None:
        self.enrolment = enrolment
        self._ledger = ledger
        self._proven = False
        self._last_ns: int | None = None

    def append(self, item: StreamItem) -> None:
        """Record one item while the session is proven."""
        if isinstance(item, Boundary):
            self._follow(item)
        elif self._last_ns is not None and int(item.t_ns[0]) - self._last_ns > SESSION_BREAK_NS:
            self._end()
        if isinstance(item, EventBatch):
            self._last_ns = int(item.t_ns[-1])
        if self._proven:
            self.enrolment.append(item)

    def discard_session(self) -> None:
        """A finding: delete the session under way, and record nothing until the next proof."""
        self._proven = False
        path = self.enrolment.discard_session()
        if path is None:
            return
        try:
            self._ledger.allow([path.name], LEARNT)
        except SteadyhandError as error:
            LOG.warning("%s", error)
        try:
            self._ledger.erase([path])
        except SteadyhandError as error:
            LOG.error("%s", error)

    def _follow(self, boundary: Boundary) -> None:
        if boundary.cause is Cause.PROVEN:
            # "That was me" answers a finding: its session is not recorded.
            self._proven = boundary.detail in (Proof.LOGIN.value, Proof.UNLOCK.value)
            self._last_ns = boundary.t_ns
        elif boundary.cause not in _STAYS:
            self._end()

    def _end(self) -> None:
        if self._proven:
            self.enrolment.close()
        self._proven = False
