"""Hands and eyes on each desktop: pictures, what notifications are shown, their buttons, and typed words."""

from __future__ import annotations

import shlex
import shutil

from tests.desktop.container import Container
from tests.desktop.suites import FOLDER, ROOT

_SHELL_SHOT = (
    *("gdbus", "call", "--session", "-d", "org.gnome.Shell.Screenshot", "-o", "/org/gnome/Shell/Screenshot"),
    *("-m", "org.gnome.Shell.Screenshot.Screenshot", "false", "false"),
)
SHOT = "/home/anna/shot.png"
_TAKERS: dict[str, tuple[str, ...]] = {
    "gnome": (*_SHELL_SHOT, SHOT),
    "sway": ("grim", SHOT),
    "labwc": ("grim", SHOT),
    "xfce": ("scrot", "-o", SHOT),
    "kde": ("scrot", "-o", SHOT),
}
# The X screens of those that xdotool reaches.
_DISPLAYS = {"xfce": ":7", "kde": ":8"}
_TYPIST = ("python3", "/opt/desktop/typist.py")
# In the lower right corner of the notification's window.
_PRESS_XFCE = """
eval $(xdotool search --onlyvisible --class xfce4-notifyd getwindowgeometry --shell)
xdotool mousemove $((X + WIDTH - 65)) $((Y + HEIGHT - 31)) click 1
"""
# Where Plasma's notification has it on a screen of this size.
_PRESS_KDE = "xdotool mousemove 1191 689 sleep 0.3 click 1"


def kind(desktop: str) -> str:
    """The desktop's own name, of one that runs without a user manager as well."""
    return desktop.partition("-")[0]


def on_screen(c: Container, desktop: str, *command: str) -> str:
    """What a command prints that draws or types on the desktop's screen."""
    display = _DISPLAYS.get(kind(desktop))
    environ = {"DISPLAY": display} if display else {}
    return c.as_user("sh", "-c", f"{shlex.join(command)} 2>&1", **environ)


def shot(c: Container, desktop: str, name: str) -> str:
    """A picture of the screen, kept."""
    said = on_screen(c, desktop, *_TAKERS[kind(desktop)])
    return keep(c, desktop, name, said)


def keep(c: Container, desktop: str, name: str, said: str = "") -> str:
    """Keep the picture that was made at `SHOT`; its path from the repository's root."""
    made = c.tree / SHOT.lstrip("/")
    assert made.exists(), f"no picture was made: {said}"
    target = shot_path(c, desktop, name)
    shutil.move(made, ROOT / target)
    return target


def shot_path(c: Container, desktop: str, name: str) -> str:
    """Where a picture is kept, from the repository's root."""
    return str((FOLDER / f"{c.tree.name}-{name}-{desktop}.png").relative_to(ROOT))


def shows_notification(c: Container, desktop: str) -> bool:
    """Whether a notification is on the screen; of KDE nobody says so."""
    match kind(desktop):
        case "gnome":
            return on_screen(c, desktop, *_TYPIST, "banner").strip() == "true"
        case "xfce":
            return bool(
                on_screen(c, desktop, "xdotool", "search", "--onlyvisible", "--class", "xfce4-notifyd")
            )
        case "sway" | "labwc":
            return "Steadyhand" in on_screen(c, desktop, "makoctl", "list")
        case _:
            return False


def stir(c: Container, desktop: str) -> None:
    """Move the pointer where the desktop waits for a person before it shows the next notification."""
    if kind(desktop) == "gnome":
        on_screen(c, desktop, *_TYPIST, "stir")


def shows_button(c: Container, desktop: str) -> bool:
    """Whether the notification with the button is on the screen."""
    if kind(desktop) == "gnome":
        return on_screen(c, desktop, *_TYPIST, "button").strip() == "true"
    return shows_notification(c, desktop)


def press_button(c: Container, desktop: str) -> None:
    """Press the button of the notification, as a person does."""
    if kind(desktop) == "gnome":
        on_screen(c, desktop, *_TYPIST, "press")
    else:
        on_screen(c, desktop, "sh", "-c", _PRESS_XFCE if kind(desktop) == "xfce" else _PRESS_KDE)


def dismiss(c: Container, desktop: str) -> None:
    """Take notifications away that stay until somebody does."""
    if kind(desktop) in ("sway", "labwc"):
        on_screen(c, desktop, "makoctl", "dismiss", "--all")


def type_word(c: Container, desktop: str, word: str) -> None:
    """Type a word and Enter."""
    if kind(desktop) == "gnome":
        on_screen(c, desktop, *_TYPIST, "type", word)
    else:
        on_screen(c, desktop, "xdotool", "type", word)
        on_screen(c, desktop, "xdotool", "key", "Return")


def escape(c: Container, desktop: str) -> None:
    """Press Escape."""
    if kind(desktop) == "gnome":
        on_screen(c, desktop, *_TYPIST, "escape")
    else:
        on_screen(c, desktop, "xdotool", "key", "Escape")
