"""Fingerprint on Linux: asks fprintd. Run with a scripted bus, not with a reader."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Final

from agent.host.linux.bus import SYSTEM, BusError, Conversation, ConversingBus, Service, Signal, single

_NAME: Final = "net.reactivated.Fprint"
_MANAGER: Final = Service(SYSTEM, _NAME, "/net/reactivated/Fprint/Manager", "net.reactivated.Fprint.Manager")
_DEVICE: Final = "net.reactivated.Fprint.Device"
_ANSWER_S: Final = 2.0
_ANY_FINGER: Final = "any"
_THE_CALLER: Final = ""
MATCH: Final = "verify-match"
NO_MATCH: Final = "verify-no-match"

_log = logging.getLogger(__name__)


class FprintdStep:
    """`SecondStep` by fprintd. A finger that does not match is asked for again, until the time is over.

    Whoever answers must run as root: no program of the user can stand in for the reader.

    Parameters
    ----------
    bus : ConversingBus
    """

    name = "fingerprint"
    authority = "fprintd"

    def __init__(self, bus: ConversingBus) -> None:
        self._bus = bus

    def available(self) -> bool:
        """See `SecondStep.available`: a reader, and a finger of this user on file."""
        try:
            fingers = single(self._bus.call(self._device(), "ListEnrolledFingers", "s", _THE_CALLER), list)
        except BusError as why:
            _log.info("no fingerprint can be asked for: %s", why)
            return False
        return bool(fingers)

    def confirm(self, ended: threading.Event) -> bool:
        """See `SecondStep.confirm`."""
        try:
            device = self._device()
            rules = [{"interface": _DEVICE, "member": "VerifyStatus", "path": device.path}]
            conversation = self._bus.converse(SYSTEM, rules)
        except BusError as why:
            _log.info("no fingerprint can be asked for: %s", why)
            return False
        signals: queue.SimpleQueue[Signal | None] = queue.SimpleQueue()
        work = (conversation, signals)
        threading.Thread(target=_read, args=work, name="steadyhand-fingerprint", daemon=True).start()
        try:
            return _ask(conversation, device, signals, ended)
        except BusError as why:
            _log.info("the fingerprint could not be asked for: %s", why)
            return False
        finally:
            # fprintd stops the reader, and lets go of it, when its caller is gone.
            conversation.close()

    def _device(self) -> Service:
        """The reader. Raises `BusError` where there is none, or somebody else than root answers."""
        path = single(self._bus.call(_MANAGER, "GetDefaultDevice", timeout_s=_ANSWER_S), str)
        owner = self._bus.owner(_MANAGER)
        if owner.uid != 0:
            raise BusError(f"process {owner.pid} of uid {owner.uid} answers as fprintd, which must be root")
        return Service(SYSTEM, owner.unique_name, path, _DEVICE)


def _read(conversation: Conversation, signals: queue.SimpleQueue[Signal | None]) -> None:
    try:
        for signal in conversation.signals():
            signals.put(signal)
    except BusError as why:
        _log.info("fprintd: %s", why)
    signals.put(None)


def _ask(
    conversation: Conversation,
    device: Service,
    signals: queue.SimpleQueue[Signal | None],
    ended: threading.Event,
) -> bool:
    conversation.call(device, "Claim", "s", _THE_CALLER, timeout_s=_ANSWER_S)
    conversation.call(device, "VerifyStart", "s", _ANY_FINGER, timeout_s=_ANSWER_S)
    while not ended.is_set():
        try:
            signal = signals.get(timeout=0.1)
        except queue.Empty:
            continue
        if signal is None:
            return False
        match signal.body:
            case (str() as outcome, True) if outcome == MATCH:
                return True
            case (str() as outcome, True) if outcome == NO_MATCH:
                conversation.call(device, "VerifyStop", timeout_s=_ANSWER_S)
                conversation.call(device, "VerifyStart", "s", _ANY_FINGER, timeout_s=_ANSWER_S)
            case (str(), True):
                return False  # the reader is gone, or broken
    return False
