"""Services for a computer that offers none: each says so, and none pretends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event

from agent.engine.events import Boundary
from agent.engine.mouse import MouseConfiguration
from agent.host.api import CannotSee, HostServices, LockReport, LockResult, SystemAuthentication
from agent.host.notifier import NoticeButton
from agent.host.ring import Ring


class NullPointer:
    """No mouse can be seen. See `PointerSource`."""

    def __init__(self, why: str) -> None:
        self._why = why

    def start(self, ring: Ring) -> None:
        """Always raises `CannotSee`."""
        raise CannotSee(self._why)

    def stop(self) -> None:
        """Nothing runs."""

    def is_alive(self) -> bool:
        """Never."""
        return False

    def sync(self) -> None:
        """Nothing is buffered."""


class NullMice:
    """No mouse is known. See `Mice`."""

    def current(self) -> MouseConfiguration:
        """A configuration that no profile has."""
        return MouseConfiguration(capture="none")

    def of(self, source: int) -> MouseConfiguration | None:
        """Nobody knows."""
        return None

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """None is known."""
        return ()

    def watch(self, changed: Callable[[str], None]) -> None:
        """Nothing changes."""

    def look(self) -> None:
        """There is nothing to look at."""

    def close(self) -> None:
        """Nothing is open."""


class NullSession:
    """Nobody tells of locks and sleep. See `SessionMonitor`."""

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        """No boundary will come."""

    def is_locked(self) -> bool | None:
        """Nobody says."""
        return None

    def stop(self) -> None:
        """Nothing runs."""


class NullLock:
    """The screen cannot be locked. See `ScreenLock`."""

    def __init__(self, why: str) -> None:
        self._why = why

    def lock(self) -> LockReport:
        """Always unavailable."""
        return LockReport(LockResult.UNAVAILABLE, "", 0, (self._why,))

    def is_locked(self) -> bool | None:
        """Nobody says."""
        return None

    def names(self) -> Sequence[str]:
        """None."""
        return ()


class NullIdle:
    """Nobody knows when input last arrived. See `Idle`."""

    def idle_ms(self) -> int | None:
        """Nobody says."""
        return None

    def problem(self) -> str:
        """See `Idle.problem`."""
        return "nobody tells when input last came"

    def position(self) -> tuple[int, int] | None:
        """Nobody says."""
        return None


class NullReauthentication:
    """Nobody can be asked for a password. See `Reauthentication`."""

    authority = "nobody"

    def available(self) -> bool:
        """Never."""
        return False

    def confirm(self, why: str) -> bool:
        """Nothing is proven."""
        return False


class NullNotifier:
    """Nothing shows notifications. See `ButtonNotifier`."""

    def has_buttons(self) -> bool:
        """No."""
        return False

    def show_with_button(
        self, title: str, text: str, button: NoticeButton, *, urgent: bool = False, replaces: str = ""
    ) -> bool:
        """Not shown."""
        return False

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """Not shown."""
        return False


class NullSecondStep:
    """No further proof can be asked for. See `SecondStep`."""

    authority = ""

    def available(self) -> bool:
        """Never."""
        return False

    def confirm(self, ended: Event) -> bool:
        """Nothing is proven."""
        return False


class NullProofs:
    """The system's authentication tells nothing. See `IdentityProofs`."""

    def latest(self) -> SystemAuthentication | None:
        """Nothing was proved."""
        return None


class NullPresentation:
    """Nobody says that somebody presents. See `Presentation`."""

    def is_presenting(self) -> bool:
        """Never."""
        return False


def null_services(why: str) -> HostServices:
    """Every service, unavailable because of `why`."""
    return HostServices(
        pointer=lambda: NullPointer(why),
        mice=NullMice(),
        session=NullSession(),
        lock=NullLock(why),
        idle=NullIdle(),
        reauthentication=NullReauthentication(),
        notifier=NullNotifier(),
        presentation=NullPresentation(),
        proofs=NullProofs(),
        second_step=NullSecondStep(),
        notes=(why,),
    )
