"""Owner orders: what the worker does when the owner, having proved who they are, pauses, resumes or begins a drill."""

from __future__ import annotations

from agent.alerts.alert import AlertKind
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause
from agent.host.api import IdentityProof
from agent.runtime.pipeline.ports import AlertSink, EnrolmentSource
from agent.runtime.pipeline.stream_controller import StreamController
from agent.runtime.pipeline.unjudged_use import MINUTE_NS
from agent.runtime.response.alert_wording import AlertWording


class OwnerOrders:
    """Executes orders on the stream controller. Worker thread only.

    Parameters
    ----------
    controller : StreamController
    alerts : AlertSink
    wording : AlertWording
    enrolments : EnrolmentSource
    """

    def __init__(
        self,
        controller: StreamController,
        alerts: AlertSink,
        wording: AlertWording,
        enrolments: EnrolmentSource,
    ) -> None:
        self._enrolments = enrolments
        self._controller = controller
        self._alerts = alerts
        self._wording = wording
        self._pause_ends_ns: int | None = None

    @property
    def pause_ends_ns(self) -> int | None:
        """When the pause under way ends by itself; None without one."""
        return self._pause_ends_ns

    def pause(self, now_ns: int) -> None:
        """Stop judging and learning, for as long as policy allows at most."""
        minutes = self._controller.settings.response.pause_min
        self._alerts.alert(self._wording.paused(minutes))
        self._controller.process([Boundary(now_ns, Cause.PAUSED)], now_ns)
        self._pause_ends_ns = now_ns + int(minutes * MINUTE_NS)

    def resume(self, now_ns: int) -> None:
        """End a pause."""
        self._pause_ends_ns = None
        self._controller.process([Boundary(now_ns, Cause.RESUMED)], now_ns)

    def enrol_anew(self, proof: IdentityProof | None, now_ns: int) -> None:
        """Learn the owner anew, at their proven wish: profiles from before judge no more."""
        self._controller.confirm_owner(proof)
        mouse = self._controller.status.configuration
        if mouse is None:
            return
        try:
            self._enrolments.set_profiles_aside()
        except SteadyhandError as error:
            message = f"The owner cannot be enrolled anew: {error}"
            self._alerts.alert(self._wording.health(AlertKind.PROFILE_REJECTED, message))
            return
        self._cut(now_ns, "enrolled anew")
        self._controller.use_mouse(mouse, now_ns)

    def begin_drill(self, now_ns: int) -> None:
        """Begin a drill: what a colleague does is judged apart, and locks nothing."""
        if self._controller.drills.begin(self._controller.session, now_ns):
            self._cut(now_ns, "a drill begins")

    def check_time(self, now_ns: int) -> None:
        """End a pause or a drill whose time is over, and a drill in which the colleague was found."""
        if self._pause_ends_ns is not None and now_ns >= self._pause_ends_ns:
            self.resume(now_ns)
        drill = self._controller.drills.drill
        if drill and drill.is_over(now_ns):
            self._controller.drills.end(now_ns)
            self._cut(now_ns, "a drill ended")

    def _cut(self, now_ns: int, detail: str) -> None:
        """Part the owner's movement from the colleague's: neither's action goes on across it."""
        self._controller.process([Boundary(now_ns, Cause.RULES_CHANGED, detail)], now_ns)
