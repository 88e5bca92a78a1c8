"""Hands on GNOME without devices, in a session of the container: `python3 typist.py VERB [WORD]`.

By Mutter's remote desktop and the shell's Eval (`--unsafe-mode`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_MUTTER = "org.gnome.Mutter.RemoteDesktop"
_RETURN = 0xFF0D
_ESCAPE = 0xFF1B
_BUTTON = """
(() => {
    const search = actor => {
        for (const child of actor.get_children()) {
            const inside = child.label === 'That was me' && child.visible ? child : search(child);
            if (inside) return inside;
        }
        return null;
    };
    const button = search(Main.layoutManager.uiGroup);
    if (button && PRESS) button.emit('clicked', 0);
    return button !== null && button.mapped;
})()
"""
# 2 is MessageTray's State.SHOWN.
_BANNER = "Main.messageTray._notificationState === 2"


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
    """Move the pointer for two seconds: the shell keeps a banner until somebody is there to read it."""
    with open_dbus_connection("SESSION") as bus:
        session = remote_desktop(bus)
        for step in range(8):
            call(bus, session, "NotifyPointerMotionRelative", "dd", 3.0 * (-1) ** step, 2.0)
            time.sleep(0.25)


def _keys(*keysyms: int) -> None:
    with open_dbus_connection("SESSION") as bus:
        session = remote_desktop(bus)
        for keysym in keysyms:
            for down in (True, False):
                call(bus, session, "NotifyKeyboardKeysym", "ub", keysym, down)
                time.sleep(0.03)
        time.sleep(1)


def type_word(word: str) -> None:
    """Type a word and Enter by Mutter's remote desktop."""
    _keys(*map(ord, word), _RETURN)


def escape(_: str = "") -> None:
    """Press Escape."""
    _keys(_ESCAPE)


def _evaluate(script: str) -> None:
    shell = DBusAddress("/org/gnome/Shell", "org.gnome.Shell", "org.gnome.Shell")
    with open_dbus_connection("SESSION") as bus:
        done, answer = call(bus, shell, "Eval", "s", script)
    sys.stdout.write(f"{answer if done else f'error: {answer}'}\n")


def banner(_: str = "") -> None:
    """Whether the shell shows a notification."""
    _evaluate(_BANNER)


def button(_: str = "") -> None:
    """Whether the shell shows a notification with the agent's button."""
    _evaluate(_BUTTON.replace("PRESS", "false"))


def press(_: str = "") -> None:
    """Press that button."""
    _evaluate(_BUTTON.replace("PRESS", "true"))


VERBS: dict[str, Callable[[str], None]] = {
    "type": type_word,
    "escape": escape,
    "stir": stir_gnome,
    "banner": banner,
    "button": button,
    "press": press,
}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
