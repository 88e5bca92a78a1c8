"""Raw witness: hears devices beside the hook, names the source of its events, and notices a hook that was removed."""

from __future__ import annotations

from agent.host.ring import Ring
from agent.host.windows.hook_silence import HookSilence
from agent.host.windows.native_hook import CounterClock
from agent.host.windows.native_raw_input import NativeRawInput
from agent.host.windows.raw_devices import RawDevices
from agent.host.windows.raw_input import (
    DEVICE_CHANGE,
    INPUT,
    RawKind,
    RawReport,
    decode_change,
    decode_report,
)
from agent.host.windows.source_matching import HookEvent, SourceMatcher


class RawWitness:
    """Between the hook and the ring: an event goes on once its source is known, or can be no more.

    One thread at a time, as the hook's decoder.

    Parameters
    ----------
    raw_input : NativeRawInput
    devices : RawDevices
    ring : Ring
    """

    def __init__(self, raw_input: NativeRawInput, devices: RawDevices, ring: Ring) -> None:
        self._raw_input = raw_input
        self._devices = devices
        self._ring = ring
        self._matcher = SourceMatcher()
        self._silence = HookSilence()

    @property
    def holds(self) -> bool:
        """True while an event waits for its source."""
        return self._matcher.waits

    def take_event(self, event: HookEvent) -> None:
        """Take an event of the hook."""
        self._silence.hook_heard(event.t_ns)
        self._matcher.add_event(event)

    def take_messages(self, clock: CounterClock) -> None:
        """Take what raw input told meanwhile."""
        for message in self._raw_input.messages():
            if message.message == INPUT:
                self._take_report(clock.t_ns(message.reading), decode_report(message.content))
            elif message.message == DEVICE_CHANGE and (change := decode_change(message.content)):
                self._devices.change(change.handle)

    def hand_on(self, now_ns: int, *, everything: bool = False) -> None:
        """Append to the ring what need not wait any longer; `everything` where nothing may be held back."""
        for event, source in self._matcher.released(now_ns, everything=everything):
            if source > 0:
                self._devices.moved_last = source
            self._ring.append(event.t_ns, event.x, event.y, event.kind, event.button, source, event.synthetic)

    def hook_is_silent(self, now_ns: int) -> bool:
        """True while devices have been moving for half a second without a word of the hook."""
        return self._silence.is_silent(now_ns)

    def restart(self) -> None:
        """The hook was set again."""
        self._silence.restart()

    def end(self) -> None:
        """Listen no more."""
        self._raw_input.end()

    def _take_report(self, t_ns: int, report: RawReport | None) -> None:
        if report is None:
            return
        self._matcher.add_report(t_ns, self._devices.source_of(report.handle), report)
        if report.kind is RawKind.MOUSE and report.handle and report.moves:
            counts = 1 if report.is_absolute else abs(report.dx) + abs(report.dy)
            self._silence.device_moved(t_ns, counts)
