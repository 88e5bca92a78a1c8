"""The services of a Linux session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from agent.engine.sentence import sentence
from agent.files.devices import Declared
from agent.host.api import CannotSee, HostServices
from agent.host.linux.bus import SYSTEM, SYSTEM_SOCKET, Bus
from agent.host.linux.compositor import session_compositor
from agent.host.linux.evdev_devices import Mouse, open_mice
from agent.host.linux.evdev_mice import EvdevMice
from agent.host.linux.evdev_pointer import EvdevPointer
from agent.host.linux.idle import LinuxIdle
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.lock import linux_lock
from agent.host.linux.logind import LOGIND, LogindSession
from agent.host.linux.mice import X11Mice
from agent.host.linux.notify import DesktopNotifier
from agent.host.linux.pointer import X11Pointer, demand
from agent.host.linux.presentation import LogindInhibitors
from agent.host.linux.proofs import RecordedProofs
from agent.host.linux.reauthenticate import PolkitConfirmation
from agent.host.linux.session import LinuxSession
from agent.host.linux.shield import LockShield
from agent.host.linux.xcover import CoverWatch
from agent.host.linux.xdisplay import WAYLAND_SHOWS_NOBODY, is_wayland, open_display
from agent.language.language import mark


def linux_services(
    lockers: Sequence[str],
    environ: Mapping[str, str],
    declared: Callable[[], Declared] = Declared,
    system_socket: Path = SYSTEM_SOCKET,
) -> HostServices:
    """Everything for the session that `environ` describes; `declared` is read anew with every look at the mice."""
    bus = JeepneyBus(environ, system_socket)
    shield = LockShield(bus, session_compositor(environ))
    lock = linux_lock(lockers, bus, shield.is_shown, environ)
    session = LinuxSession(bus, LogindSession(bus), CoverWatch(environ), lock.is_locked)
    reauthentication = PolkitConfirmation(bus)
    unseen = why_x_is_blind(environ)
    # In a Wayland session the kernel is the only source, also while there is no mouse yet, or none may be read.
    wayland = is_wayland(environ)
    by_kernel = wayland and may_read_kernel(environ)
    notes = (_capture_note(unseen, by_kernel), _session_note(bus), _proof_note(reauthentication))
    return HostServices(
        pointer=EvdevPointer if wayland else lambda: X11Pointer(environ),
        mice=EvdevMice(bus, declared) if wayland else X11Mice(environ, bus, declared),
        session=session,
        lock=lock,
        idle=LinuxIdle(bus, environ),
        reauthentication=reauthentication,
        notifier=DesktopNotifier(bus),
        presentation=LogindInhibitors(bus),
        proofs=RecordedProofs(),
        notes=tuple(note for note in notes if note),
        session_facts=LogindSession(bus).facts,
    )


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
    """True in a Wayland session whose user may read the kernel's mice: others would read another seat's."""
    if not is_wayland(environ):
        return False
    try:
        mice = open_all()
    except CannotSee:
        return False
    for mouse in mice:
        mouse.close()
    return bool(mice)


def _capture_note(unseen: str, by_kernel: bool) -> str:
    if by_kernel:
        return mark("Wayland: the mouse is read from the kernel (evdev), with profiles of its own")
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
