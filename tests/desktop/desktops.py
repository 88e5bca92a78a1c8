"""The desktops: how each is started without a screen, its locker, and what a person reaches there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.desktop.agent_checks import (
    Check,
    agents_own_view,
    back_after_a_kill,
    believed_lock,
    doctor,
    expect,
    forged_hint,
    one_agent,
    probe,
    unbelieved_lock,
)
from tests.desktop.container import Container
from tests.desktop.controls import commands, notification, proven_pause, shot, unproven_pause

_PASSWORDS = "/opt/desktop/passwords"
_BUS = "export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus; "
_HEADLESS = "export WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1; "
# What logind tells every desktop's locker that it listens to.
_UNLOCK = "loginctl unlock-session $(loginctl show-user anna -P Display)"


@dataclass(frozen=True, slots=True)
class Desktop:
    """One desktop.

    Attributes
    ----------
    name, start : str
        The second is a command for a shell.
    compositor : str
        The program that draws the screen, as it has to be recognised; empty where it answers for no lock.
    locker, unlock : str
        Who locks, empty where no lock can be believed, and the command that ends it.
    tray, idle : str
        What the doctor has to say of each.
    environ : mapping
        Of the session.
    """

    name: str
    start: str
    compositor: str
    locker: str
    unlock: str
    tray: str
    idle: str
    environ: Mapping[str, str] = field(default_factory=dict)


_NO_PANEL, _PANEL = "no panel here takes icons", "a panel here takes the icon"
_IDLE, _NOBODY = "last input", "nobody tells"
DESKTOPS = {
    each.name: each
    for each in (
        Desktop(
            "gnome",
            "exec gnome-session --session=gnome",
            "gnome-shell",
            "logind",
            _UNLOCK,
            _NO_PANEL,
            _IDLE,
            {"XDG_CURRENT_DESKTOP": "GNOME", "XDG_SESSION_DESKTOP": "gnome"},
        ),
        Desktop(
            "sway",
            f"{_BUS} {_HEADLESS} exec sway",
            "",
            "swaylock",
            "pkill -USR1 -x swaylock",
            _PANEL,
            _NOBODY,
            {"XDG_CURRENT_DESKTOP": "sway"},
        ),
        Desktop(
            "kde",
            "exec startplasma-wayland",
            "",
            "",
            _UNLOCK,
            _PANEL,
            _NOBODY,
            {"XDG_CURRENT_DESKTOP": "KDE", "XDG_SESSION_DESKTOP": "KDE"},
        ),
        Desktop(
            "labwc",
            f"{_BUS} {_HEADLESS} exec labwc -s /opt/desktop/labwc-autostart",
            "",
            "swaylock",
            "pkill -USR1 -x swaylock",
            _NO_PANEL,
            _NOBODY,
            {"XDG_CURRENT_DESKTOP": "labwc:wlroots"},
        ),
        Desktop(
            "xfce",
            f"{_BUS} Xvfb :7 -screen 0 1280x800x24 -nolisten tcp & sleep 2; {_PASSWORDS} & exec startxfce4",
            "xfwm4",
            "logind",
            _UNLOCK,
            _PANEL,
            _IDLE,
            {"XDG_CURRENT_DESKTOP": "XFCE", "XDG_SESSION_TYPE": "x11", "DISPLAY": ":7"},
        ),
    )
}


def on_desktop(c: Container, desktop: Desktop) -> Iterator[Check]:
    """What is checked on each desktop."""
    yield "one agent", lambda: one_agent(c)
    yield "what the first start shows", lambda: shot(c, desktop.name, "first-start")
    yield "back after kill -9", lambda: back_after_a_kill(c)
    if desktop.compositor:
        known = {"name": desktop.compositor, "doubt": ""}
        yield "the compositor is known, root's program", lambda: expect(probe(c, "compositor"), **known)
    yield "a forged LockedHint stops nothing and is said", lambda: forged_hint(c)
    if desktop.locker:
        what = "a lock by its own locker is believed, and its end"
        yield what, lambda: believed_lock(c, desktop.locker, desktop.unlock)
    else:
        yield "its own lock is made and not believed", lambda: unbelieved_lock(c, desktop.unlock)
    if desktop.environ.get("XDG_SESSION_TYPE") == "x11":
        yield "the running agent says that it is locked", lambda: agents_own_view(c)
    yield "tray, or its substitute", lambda: doctor(c, "tray", desktop.tray)
    yield "idle", lambda: doctor(c, "idle", desktop.idle)
    yield "capture", lambda: doctor(c, "capture", "")
    yield "a notification with its button", lambda: notification(c, desktop.name)
    yield "commands are taken", lambda: commands(c)
    if desktop.name in ("gnome", "xfce"):
        yield "polkit asks, and the right password alone pauses", lambda: proven_pause(c, desktop.name)
    else:
        yield "polkit asks, and without an answer nothing is paused", lambda: unproven_pause(c, desktop.name)
