"""Small helpers around python-xlib connections."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agent.host.api import CannotSee


def open_display(environ: Mapping[str, str] = os.environ) -> Any:
    """A new connection to the X server of this session.

    Raises
    ------
    CannotSee
        If there is no X server to talk to; the message says why and what to do.
    """
    name = environ.get("DISPLAY", "")
    wayland = environ.get("XDG_SESSION_TYPE", "") == "wayland" or bool(environ.get("WAYLAND_DISPLAY"))
    if not name and wayland:
        raise CannotSee(
            "this is a Wayland session, which shows nobody the mouse: log in with an X11 session, or add the user to "
            "the group input (which lets programs read the keyboard as well)"
        )
    if not name:
        raise CannotSee("DISPLAY is not set: start Steadyhand inside a graphical session")
    # threaded: importing it gives python-xlib real locks, for every connection made from then on.
    from Xlib import error, threaded  # noqa: F401
    from Xlib.display import Display

    try:
        with _cookie_of(environ):
            return Display(name)
    except (error.DisplayError, error.XauthError, error.ConnectionClosedError, OSError) as why:
        raise CannotSee(f"cannot connect to X display {name} ({why}): check DISPLAY and XAUTHORITY") from why


@contextmanager
def _cookie_of(environ: Mapping[str, str]) -> Iterator[None]:
    """python-xlib looks for the cookie in os.environ alone, which is therefore changed for a moment."""
    before, wanted = os.environ.get("XAUTHORITY"), environ.get("XAUTHORITY")
    if wanted in (None, before):
        yield
        return
    os.environ["XAUTHORITY"] = str(wanted)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XAUTHORITY"]
        else:
            os.environ["XAUTHORITY"] = before


def client_id(display: Any) -> int:
    """The id by which RECORD and X-Resource know the client behind a connection."""
    return int(display.display.info.resource_id_base)


def pointer_devices(display: Any) -> list[Any]:
    """The pointers that XInput2 lists, masters among them, as python-xlib's DeviceInfo."""
    from Xlib.ext import xinput

    kinds = (xinput.MasterPointer, xinput.SlavePointer, xinput.FloatingSlave)
    return [d for d in display.xinput_query_device(xinput.AllDevices).devices if d.use in kinds]


def is_xwayland(display: Any) -> bool:
    """True for the X server that Wayland compositors bring along: it sees its own windows only."""
    return any(device.name.startswith("xwayland-") for device in pointer_devices(display))


def is_xtest(device: Any) -> bool:
    """True for the pointers through which the XTEST extension, and so every program, can move the mouse."""
    return bool(device.name.endswith("XTEST pointer"))
