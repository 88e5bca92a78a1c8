"""Hands on a compositor without devices, in a session of the container: `python3 typist.py VERB [WORD]`.

Each compositor has its own back door for tests: Mutter's remote desktop and the shell's Eval (`--unsafe-mode`),
XTEST for X11 (xdotool).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_MUTTER = "org.gnome.Mutter.RemoteDesktop"
_RETURN = 0xFF0D
_PRESS_THE_BUTTON = """
(() => {
    const press = actor => {
        for (const child of actor.get_children()) {
            if (child.label === 'That was me' && child.visible) { child.emit('clicked', 0); return true; }
            if (press(child)) return true;
        }
        return false;
    };
    return press(Main.layoutManager.uiGroup);
})()
"""


def call(bus: DBusConnection, address: DBusAddress, method: str, signature: str = "", *body: Any) -> Any:
    """What a method answers."""
    reply = bus.send_and_get_reply(new_method_call(address, method, signature or None, body), timeout=10)
    if reply.header.message_type.name == "error":
        sys.exit(f"{method}: {reply.body}")
    return reply.body


def remote_desktop(bus: DBusConnection) -> DBusAddress:
    """A session of Mutter's remote desktop, for as long as the connection lasts."""
    (path,) = call(bus, DBusAddress("/org/gnome/Mutter/RemoteDesktop", _MUTTER, _MUTTER), "CreateSession")
    session = DBusAddress(path, _MUTTER, f"{_MUTTER}.Session")
    call(bus, session, "Start")
    return session


def stir_gnome(_: str = "") -> None:
    """Move the pointer for some seconds: the shell keeps a banner until somebody is there to read it."""
    with open_dbus_connection("SESSION") as bus:
        session = remote_desktop(bus)
        for step in range(30):
            call(bus, session, "NotifyPointerMotionRelative", "dd", 3.0 * (-1) ** step, 2.0)
            time.sleep(0.25)


def type_gnome(word: str) -> None:
    """Type a word and Enter by Mutter's remote desktop."""
    with open_dbus_connection("SESSION") as bus:
        session = remote_desktop(bus)
        for keysym in (*map(ord, word), _RETURN):
            for down in (True, False):
                call(bus, session, "NotifyKeyboardKeysym", "ub", keysym, down)
                time.sleep(0.03)
        time.sleep(1)


def shell_button(_: str = "") -> None:
    """Press the button of the notification that GNOME's shell shows."""
    shell = DBusAddress("/org/gnome/Shell", "org.gnome.Shell", "org.gnome.Shell")
    with open_dbus_connection("SESSION") as bus:
        sys.stdout.write(f"{call(bus, shell, 'Eval', 's', _PRESS_THE_BUTTON)}\n")


def type_x11(word: str) -> None:
    """Type a word and Enter by XTEST."""
    subprocess.run(["xdotool", "type", word], check=True)
    subprocess.run(["xdotool", "key", "Return"], check=True)


VERBS: dict[str, Callable[[str], None]] = {
    "type-gnome": type_gnome,
    "type-xfce": type_x11,
    "stir-gnome": stir_gnome,
    "shell-button": shell_button,
}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
