"""The desktops: how each is started without a screen, its locker, and what a person reaches there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from tests.desktop.agent_checks import (
    agents_own_view,
    asked_for_again,
    back_after_a_kill,
    believed_lock,
    doctor,
    ends_with_the_session,
    expect,
    foreign_compositors,
    forged_hint,
    input_is_told,
    one_agent,
    probe,
    with_swayidle,
)
from tests.desktop.container import Container
from tests.desktop.controls import commands, first_start, notification, proven_pause, unproven_pause
from tests.desktop.hands import SHOT, keep, kind
from tests.journal import Check

_PASSWORDS = "/opt/desktop/passwords"
_BUS = "export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus; "
_XVFB = (
    "Xvfb :{0} -screen 0 1280x800x24 -nolisten tcp & until [ -S /tmp/.X11-unix/X{0} ]; do sleep 0.2; done;"
)
_HEADLESS = "export WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1; "
# What logind tells every desktop's locker that it listens to.
_UNLOCK = "loginctl unlock-session $(loginctl show-user anna -P Display)"
# The newest: an older process of its own asks PAM, and what ends that one leaves a lock that nobody holds.
_UNLOCK_SWAYLOCK = "pkill -n -USR1 -x swaylock"


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
        Who locks, and the command that ends it.
    tray, idle : str
        What the doctor has to say of each.
    environ : mapping
        Of the session.
    more_lockers : tuple of str
        Others that may be believed there.
    has_user_manager : bool
        False where systemd runs none for the person.
    """

    name: str
    start: str
    compositor: str
    locker: str
    unlock: str
    tray: str
    idle: str
    environ: Mapping[str, str] = field(default_factory=dict)
    more_lockers: tuple[str, ...] = ()
    has_user_manager: bool = True

    def without_user_manager(self) -> Desktop:
        """The same desktop on a computer whose systemd runs nothing for its people."""
        return replace(self, name=f"{self.name}-bare", more_lockers=(), has_user_manager=False)


_NO_PANEL, _PANEL = "no panel here takes icons", "a panel here takes the icon"
# A desktop that gives notices says nothing of what came before it was asked.
_IDLE, _TOLD = "last input", "ok"
_WITH_USER_MANAGER = {
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
            _UNLOCK_SWAYLOCK,
            _PANEL,
            _TOLD,
            {"XDG_CURRENT_DESKTOP": "sway"},
        ),
        Desktop(
            "kde",
            f"{_XVFB.format(8)} exec startplasma-wayland",
            "kwin_wayland",
            "logind",
            _UNLOCK,
            _PANEL,
            _TOLD,
            {"XDG_CURRENT_DESKTOP": "KDE", "XDG_SESSION_DESKTOP": "KDE"},
        ),
        Desktop(
            "labwc",
            f"{_BUS} {_HEADLESS} exec labwc -s /opt/desktop/labwc-autostart",
            "",
            "swaylock",
            _UNLOCK_SWAYLOCK,
            _NO_PANEL,
            _TOLD,
            {"XDG_CURRENT_DESKTOP": "labwc:wlroots"},
            ("gtklock",),
        ),
        Desktop(
            "xfce",
            f"{_BUS} {_XVFB.format(7)} {_PASSWORDS} & exec startxfce4",
            "xfwm4",
            "logind",
            _UNLOCK,
            _PANEL,
            _IDLE,
            {"XDG_CURRENT_DESKTOP": "XFCE", "XDG_SESSION_TYPE": "x11", "DISPLAY": ":7"},
        ),
    )
}


DESKTOPS = _WITH_USER_MANAGER | {
    each.name: each
    for each in (_WITH_USER_MANAGER[name].without_user_manager() for name in ("sway", "labwc"))
}


def on_desktop(c: Container, desktop: Desktop) -> Iterator[Check]:
    """What is checked on each desktop."""
    yield "what the first start shows", lambda: first_start(c, desktop.name)
    yield "one agent", lambda: one_agent(c)
    yield "asked for again, no second one", lambda: asked_for_again(c)
    yield "back after kill -9", lambda: back_after_a_kill(c)
    yield from _locks(c, desktop)
    yield "tray, or its substitute", lambda: doctor(c, "tray", desktop.tray)
    yield "idle", lambda: doctor(c, "idle", desktop.idle)
    if desktop.locker == "swaylock":
        yield "the compositor tells of a hand", lambda: input_is_told(c)
    yield "capture", lambda: doctor(c, "capture", "")
    way = "menu" if desktop.tray == _PANEL else "command"
    yield "a notification with its help", lambda: notification(c, desktop.name, way)
    yield "commands are taken", lambda: commands(c)
    if kind(desktop.name) in ("gnome", "kde", "xfce"):
        yield "polkit asks, and the right password alone pauses", lambda: proven_pause(c, desktop.name)
    else:
        yield "polkit asks, and without an answer nothing is paused", lambda: unproven_pause(c, desktop.name)
    if not desktop.has_user_manager:
        yield "it ends with the desktop", lambda: ends_with_the_session(c, f"desktop-{desktop.name}")


def _locks(c: Container, desktop: Desktop) -> Iterator[Check]:
    if desktop.compositor:
        known = {"name": desktop.compositor, "doubt": ""}
        yield "the compositor is known, root's program", lambda: expect(probe(c, "compositor"), **known)
    yield "a forged LockedHint stops nothing and is said", lambda: forged_hint(c)
    what = "a lock by its own locker is believed, and its end"
    yield what, lambda: _pictured_lock(c, desktop, desktop.locker, desktop.unlock)
    if desktop.compositor == "kwin_wayland":
        yield "another KWin's lock is not the session's", lambda: foreign_compositors(c)
    for name in desktop.more_lockers:
        lock = partial(_pictured_lock, c, desktop, name, f"pkill -x {name}", name)
        yield f"a lock by {name} is believed, and its end", lock
    if desktop.name == "labwc":
        yield "swayidle locks for logind, and the agent beside it", lambda: with_swayidle(c)
    if desktop.environ.get("XDG_SESSION_TYPE") == "x11":
        yield "the running agent says that it is locked", lambda: agents_own_view(c)


def _pictured_lock(c: Container, desktop: Desktop, locker: str, unlock: str, *names: str) -> dict[str, Any]:
    """As `believed_lock`, with a picture of the locked screen where the compositor gives one."""
    pictured = kind(desktop.name) in ("sway", "labwc")
    answer = believed_lock(c, locker, unlock, *names, picture=SHOT if pictured else "")
    return answer | ({"picture": keep(c, desktop.name, locker)} if pictured else {})
