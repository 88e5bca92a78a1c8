"""Small helpers around python-xlib connections."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from agent.engine.sentence import sentence
from agent.host.api import CannotSee
from agent.language.language import mark

ANSWER_S: Final = 2.0
"""How long an X server may take for an answer before it counts as hanging."""

_TCP_PORT: Final = 6000
# The head of a connection set-up: little-endian, version 11.0, no authorization (X11 protocol, chapter 8).
_GREETING: Final = b"l\0\x0b\0\0\0\0\0\0\0\0\0"


WAYLAND_SHOWS_NOBODY: Final = mark(
    "this is a Wayland session, which shows nobody the mouse: have the mouse service started (as root: systemctl "
    "enable --now steadyhand-mouse.service), or log in with an X11 session"
)


def is_wayland(environ: Mapping[str, str]) -> bool:
    """True in a Wayland session: an X server in it is the compositor's, and shows its own windows only."""
    return environ.get("XDG_SESSION_TYPE") == "wayland" or bool(environ.get("WAYLAND_DISPLAY"))


def open_display(environ: Mapping[str, str] = os.environ) -> Any:
    """A new connection to the X server of this session.

    Raises
    ------
    CannotSee
        If there is no X server to talk to; the message says why and what to do.
    """
    name = environ.get("DISPLAY", "")
    if not name and is_wayland(environ):
        raise CannotSee(WAYLAND_SHOWS_NOBODY)
    if not name:
        raise CannotSee(mark("DISPLAY is not set: start Steadyhand inside a graphical session"))
    _require_answer(name)
    # threaded: importing it gives python-xlib real locks, for every connection made from then on.
    from Xlib import error, threaded  # noqa: F401

    from agent.host.linux.lean_display import LeanDisplay

    try:
        with _cookie_of(environ):
            return _in_time(lambda: LeanDisplay(name), name)
    except (error.DisplayError, error.XauthError, error.ConnectionClosedError, OSError) as why:
        raise CannotSee(
            sentence(
                "cannot connect to X display {name} ({why}): check DISPLAY and XAUTHORITY",
                name=name,
                why=str(why),
            )
        ) from why


def _in_time(connect: Callable[[], Any], name: str) -> Any:
    """What `connect` returns; raises `CannotSee` where the server falls silent in the middle of it.

    Nothing can end python-xlib's wait, so it has a thread of its own, which then waits on.
    """
    made: list[Any] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            made.append(connect())
        except Exception as why:  # noqa: BLE001  raised again below, in the thread that asked
            failed.append(why)

    thread = threading.Thread(target=work, name="steadyhand-xconnect", daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    if failed:
        raise failed[0]
    if not made:
        raise CannotSee(
            sentence("the X server of display {name} fell silent while it was connected to", name=name)
        )
    return made[0]


def _require_answer(name: str) -> None:
    """Raise `CannotSee` where the server takes the connection and then says nothing.

    python-xlib would wait for it for ever. An X server answers a greeting also where it refuses it.
    """
    from Xlib.error import DisplayNameError
    from Xlib.support.connect import get_display

    try:
        _, protocol, host, number, _ = get_display(name)
    except DisplayNameError:
        return  # for python-xlib to complain about
    remote = host and host != "unix" and protocol != "unix"
    address = (host, _TCP_PORT + number) if remote else f"/tmp/.X11-unix/X{number}"
    with socket.socket(socket.AF_INET if remote else socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(address)
            connection.sendall(_GREETING)
            answered = bool(connection.recv(1))
        except (TimeoutError, BlockingIOError) as why:  # the latter where its queue is full
            raise CannotSee(
                sentence(
                    "the X server of display {name} does not answer within {seconds} s: it hangs, or is stopped",
                    name=name,
                    seconds=round(ANSWER_S),
                )
            ) from why
        except (ConnectionResetError, BrokenPipeError):
            answered = False
        except OSError:
            return  # no such server: python-xlib says so, or finds it at another address
    if not answered:
        raise CannotSee(sentence("cannot connect to X display {name}: the server hung up", name=name))


class AnswerLimit:
    """Cuts a connection to an X server that does not answer in time: `with AnswerLimit(display): ...`.

    python-xlib waits for answers for ever. What waits then gets a ConnectionClosedError.

    Parameters
    ----------
    display : python-xlib Display
    seconds : float
    """

    def __init__(self, display: Any, seconds: float = ANSWER_S) -> None:
        self._timer = threading.Timer(seconds, self._cut, (display.display.socket,))
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    @staticmethod
    def _cut(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


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
    """True for the X server that Wayland compositors bring along: it sees its own windows only.

    It has an extension to say so since version 23.1; before, its pointers' names do, where it has any.
    """
    if display.query_extension("XWAYLAND") is not None:
        return True
    display.xinput_query_version()
    return any(device.name.startswith("xwayland-") for device in pointer_devices(display))


def is_xtest(device: Any) -> bool:
    """True for the pointers through which the XTEST extension, and so every program, can move the mouse."""
    return bool(device.name.endswith("XTEST pointer"))
