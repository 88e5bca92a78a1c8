"""The services of a Linux session."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from agent.engine.sentence import sentence
from agent.files.devices import Declared
from agent.host.api import CannotSee, HostServices, PointerSource
from agent.host.linux.bus import SYSTEM, SYSTEM_SOCKET, Bus
from agent.host.linux.compositor import session_compositor
from agent.host.linux.evdev_devices import Mouse, open_mice
from agent.host.linux.evdev_mice import EvdevMice
from agent.host.linux.evdev_pointer import EvdevPointer
from agent.host.linux.fprintd import FprintdStep
from agent.host.linux.idle import LinuxIdle
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.listener_protocol import Wish
from agent.host.linux.lock import linux_lock
from agent.host.linux.locked_screen import FollowedLock, FollowedSession, LockedScreen
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.linux.logind_delay import LogindDelay
from agent.host.linux.mice import X11Mice
from agent.host.linux.mouse_service_pointer import MouseServicePointer, service_is_there
from agent.host.linux.notify import DesktopNotifier
from agent.host.linux.notify_at_start import NotifierAtStart
from agent.host.linux.own_programs import OwnPrograms
from agent.host.linux.pointer import X11Pointer, demand
from agent.host.linux.presentation import LogindInhibitors
from agent.host.linux.proofs import RecordedProofs
from agent.host.linux.reauthenticate import PolkitConfirmation
from agent.host.linux.session import LinuxSession
from agent.host.linux.session_facts import devices_controller
from agent.host.linux.session_fate import LinuxSessionFate
from agent.host.linux.shield import LockShield
from agent.host.linux.xcover import CoverWatch
from agent.host.linux.xdisplay import WAYLAND_SHOWS_NOBODY, is_wayland, open_display
from agent.host.session_fate import SessionOutlook
from agent.language.language import mark


def linux_services(
    lockers: Sequence[str],
    environ: Mapping[str, str],
    declared: Callable[[], Declared] = Declared,
    system_socket: Path = SYSTEM_SOCKET,
    *,
    only_looks: bool = False,
) -> HostServices:
    """Everything for the session that `environ` describes.

    `declared` is read anew with every look at the mice. With `only_looks` a pointer is started to see whether it works,
    and gives no events where that would be in the running agent's way.
    """
    bus = JeepneyBus(environ, system_socket)
    shield = session_shield(bus, environ)
    lock = linux_lock(lockers, bus, shield.is_shown, environ)
    screen = LockedScreen(lock.is_locked)
    monitor = _monitor(bus, environ, lock.is_locked)
    session = FollowedSession(monitor, screen)
    reauthentication = PolkitConfirmation(bus)
    return HostServices(
        pointer=lambda: session_pointer(environ, screen, only_looks=only_looks),
        mice=EvdevMice(bus, declared) if is_wayland(environ) else X11Mice(environ, bus, declared),
        session=session,
        lock=FollowedLock(lock, screen),
        idle=LinuxIdle(bus, environ),
        reauthentication=reauthentication,
        notifier=NotifierAtStart(DesktopNotifier(bus)),
        presentation=LogindInhibitors(bus),
        proofs=RecordedProofs(),
        second_step=FprintdStep(bus),
        notes=_notes(environ, bus, reauthentication),
        session_facts=LogindSession(bus).facts,
        outlook=SessionOutlook(LinuxSessionFate(bus, LogindSession(bus)).ask, monitor.listen_shutdown),
    )


def session_shield(bus: Bus, environ: Mapping[str, str]) -> LockShield:
    """Whether the compositor of this session shows its lock screen."""
    programs = OwnPrograms()
    compositor = session_compositor(environ, programs, lambda: devices_controller(bus, os.getuid()))
    return LockShield(bus, compositor, programs)


def _notes(environ: Mapping[str, str], bus: Bus, reauthentication: PolkitConfirmation) -> tuple[str, ...]:
    """What is degraded here, a line each."""
    notes = (_capture_note(environ), _session_note(bus), _proof_note(reauthentication))
    return tuple(note for note in notes if note)


def _monitor(
    bus: JeepneyBus, environ: Mapping[str, str], is_locked: Callable[[], bool | None]
) -> LinuxSession:
    return LinuxSession(bus, LogindSession(bus), CoverWatch(environ), is_locked, delay=LogindDelay(bus))


def session_pointer(
    environ: Mapping[str, str], screen: LockedScreen, *, only_looks: bool = False
) -> PointerSource:
    """What sees this session's mouse now.

    In a Wayland session the kernel is the only source, also while there is no mouse yet, or none may be read: by the
    mouse service where it runs, else by this account's own right, if it has it.
    """
    if not is_wayland(environ):
        return X11Pointer(environ)
    wish = Wish.DEVICES if only_looks else Wish.MOVEMENT
    return MouseServicePointer(screen, wish=wish) if service_is_there() else EvdevPointer()


def why_x_is_blind(environ: Mapping[str, str]) -> str:
    """Why the X server, if there is one, does not show the whole desktop's mouse; empty where it does."""
    if is_wayland(environ):
        return WAYLAND_SHOWS_NOBODY
    try:
        with closing(open_display(environ)) as display:
            demand(display)
    except CannotSee as why:
        return why.message
    return ""


def may_read_kernel(environ: Mapping[str, str], open_all: Callable[[], Sequence[Mouse]] = open_mice) -> bool:
    """True in a Wayland session whose mice the service hands on, or whose user may read them."""
    if not is_wayland(environ):
        return False
    if service_is_there():
        return True
    try:
        mice = open_all()
    except CannotSee:
        return False
    for mouse in mice:
        mouse.close()
    return bool(mice)


def _capture_note(environ: Mapping[str, str]) -> str:
    if may_read_kernel(environ):
        return mark("Wayland: the mouse is read from the kernel (evdev), with profiles of its own")
    unseen = why_x_is_blind(environ)
    return sentence("the mouse cannot be seen: {why}", why=unseen) if unseen else ""


def _proof_note(reauthentication: PolkitConfirmation) -> str:
    if reauthentication.available():
        return ""
    return mark(
        "re-authentication is not available: pause, quit and enrolment need the package's polkit action"
    )


def _session_note(bus: Bus) -> str:
    if bus.has(LOGIND):
        return ""
    missed = mark("locks by others, sleep and user switches are not noticed")
    silent = bus.problem(SYSTEM)
    if "no answer in time" in silent:
        return sentence(
            "the system bus hangs ({why}): {missed}, and nobody can be asked for a password",
            why=silent,
            missed=sentence(missed),
        )
    return sentence("logind is not running: {missed}", missed=sentence(missed))
