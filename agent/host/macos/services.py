"""The services of a macOS session. Not run on macOS; tested with a scripted table of functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.engine.mouse import MouseConfiguration
from agent.files.devices import Declared
from agent.host.api import HostServices
from agent.host.locker import LockerError, NoScreen, ScreenView
from agent.host.locking import CheckedLock
from agent.host.macos.mice import CAPTURE, mac_mice
from agent.host.macos.pointer import MacPointer
from agent.host.macos.quartz import Quartz, RealQuartz
from agent.host.macos.reauthenticate import MacConfirmation
from agent.host.null.services import NullNotifier, NullPresentation, NullProofs, NullSecondStep
from agent.host.polling import PolledMice, PolledSession
from agent.host.several_mice import SEVERAL_ARE_UNKNOWN
from agent.language.language import mark


class MacLocker:
    """SACLockScreenImmediate, believed when the session's dictionary says so. See `Locker`.

    There is no public function that locks the screen; this private one may stop working in any release,
    and then the verification says so.
    """

    name = "macos"
    tells = True
    takes = False

    def __init__(self, quartz: Quartz) -> None:
        self._quartz = quartz

    def missing(self) -> str:
        """See `Locker.missing`."""
        return "" if self._quartz.session() is not None else "there is no graphical session"

    def fire(self) -> None:
        """See `Locker.fire`."""
        try:
            code = self._quartz.lock_screen()
        except (OSError, AttributeError) as why:
            raise LockerError(f"this macOS has no SACLockScreenImmediate: {why}") from why
        if code:
            raise LockerError(f"SACLockScreenImmediate refused with code {code}")

    def died(self) -> str:
        """See `Locker.died`."""
        return ""

    def says_locked(self) -> bool | None:
        """See `Locker.says_locked`: the system's own word is asked for apart from any locker."""
        return None

    def withdraw(self) -> None:
        """See `Locker.withdraw`: a request cannot be taken back."""


class MacIdle:
    """`Idle` by the event source's counter."""

    def __init__(self, quartz: Quartz) -> None:
        self._quartz = quartz

    def idle_ms(self) -> int | None:
        """See `Idle.idle_ms`."""
        return int(self._quartz.idle_s() * 1000)

    def problem(self) -> str:
        """See `Idle.problem`: macOS always says."""
        return ""

    def position(self) -> tuple[int, int] | None:
        """Not asked for: a tap that was taken away is noticed by the counter alone."""
        return None


def locked(quartz: Quartz) -> bool | None:
    """The session's own word; the key is there only while the screen is locked."""
    session = quartz.session()
    return None if session is None else bool(session.get("CGSSessionScreenIsLocked", False))


@contextmanager
def _nothing_to_see() -> Iterator[ScreenView]:
    yield NoScreen()


def macos_services(
    quartz: Quartz | None = None,
    declared: Callable[[], Declared] = Declared,
    several: str = SEVERAL_ARE_UNKNOWN,
) -> HostServices:
    """Everything for this session."""
    table = RealQuartz() if quartz is None else quartz

    def says() -> bool | None:
        return locked(table)

    return HostServices(
        pointer=lambda: MacPointer(table),
        mice=PolledMice(lambda: mac_mice(table, declared()), MouseConfiguration(CAPTURE), several),
        session=PolledSession(says),
        lock=CheckedLock([MacLocker(table)], _nothing_to_see, says),
        idle=MacIdle(table),
        reauthentication=MacConfirmation(),
        notifier=NullNotifier(),
        presentation=NullPresentation(),
        proofs=NullProofs(),
        second_step=NullSecondStep(),
        notes=(mark("macOS: which mouse moved is not known"),),
    )
