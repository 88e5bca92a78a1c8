"""Session environment: the display, session and bus of this account's session, by logind and the kernel.

Whoever starts the agent chooses its environment, and could show it another screen or another session bus. Where logind
knows a graphical session of this account, its word replaces the environment's. Where it knows none (no systemd, a
server, a test under root on a display of its own) there is nobody to ask, and the environment stands.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import struct
from collections.abc import Mapping, MutableMapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service, single
from agent.host.linux.logind import LOGIND

SESSIONS: Final = Path("/run/systemd/sessions")
_SESSION: Final = "org.freedesktop.login1.Session"
_USER: Final = "org.freedesktop.login1.User"
_GRAPHICAL: Final = ("x11", "wayland", "mir")
_TRIES: Final = 3
_SILENT: Final = "no answer in time"
_NO_SUCH_USER: Final = "NoSuchUser"
_CONNECT_S: Final = 0.5
_MOST_BYTES: Final = 1 << 16
_MOST_SOCKETS: Final = 64
_CREDENTIALS: Final = struct.Struct("=iII")


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A graphical session by logind's word.

    Attributes
    ----------
    session_id, kind, display : str
        Its id, type and X display; the last is empty where logind does not know it.
    runtime_dir : Path
        The account's runtime folder.
    compositor_pid : int
        The process that took control of the session's devices; 0 where none did.
    """

    session_id: str
    kind: str
    display: str
    runtime_dir: Path
    compositor_pid: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be changed of an environment.

    Attributes
    ----------
    changes : mapping of str to str or None
        New values; None for what is to be removed.
    differences : tuple of str
        A line for each value that was another.
    """

    changes: Mapping[str, str | None] = field(default_factory=dict)
    differences: tuple[str, ...] = ()


def session_facts(bus: Bus, uid: int, sessions: Path = SESSIONS) -> SessionFacts | None:
    """The graphical session of this process, else the one that its account shows; None where there is none.

    Raises
    ------
    BusError
        If logind is there and does not answer.
    """
    if not bus.has(LOGIND):
        problem = bus.problem(SYSTEM)
        if _SILENT in problem:
            raise BusError(problem)
        return None
    for attempt in range(_TRIES):
        try:
            return _facts(bus, uid, sessions)
        except BusError as why:
            if _NO_SUCH_USER in str(why):
                return None
            if attempt == _TRIES - 1:
                raise
    return None


def correction(facts: SessionFacts | None, environ: Mapping[str, str], uid: int) -> Correction:
    """What the session's facts change of an environment."""
    if facts is None:
        return Correction()
    wanted: dict[str, str | None] = {
        "XDG_SESSION_ID": facts.session_id,
        "XDG_SESSION_TYPE": facts.kind,
        "XDG_RUNTIME_DIR": str(facts.runtime_dir),
    }
    if _is_own_socket(facts.runtime_dir / "bus", uid):
        wanted["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={facts.runtime_dir}/bus"
    if facts.kind == "x11":
        wanted["WAYLAND_DISPLAY"] = None
        if facts.display:
            wanted["DISPLAY"] = facts.display
    elif facts.compositor_pid:
        name = _socket_of(facts.compositor_pid, environ.get("WAYLAND_DISPLAY", ""), facts.runtime_dir)
        wanted |= {"WAYLAND_DISPLAY": name} if name else {}
    changes, differences = {}, []
    for name, text in wanted.items():
        present = environ.get(name)
        if _plain(name, present) == _plain(name, text):
            continue
        changes[name] = text
        if present:
            differences.append(f"{name} is {present!r}, but the session's is {text or 'none'!r}")
    return Correction(changes, tuple(differences))


def correct(bus: Bus, environ: MutableMapping[str, str]) -> tuple[str, ...]:
    """Correct this process's environment, before anything has read it.

    Returns
    -------
    tuple of str
        A line for each value that was another than the session's.
    """
    uid = os.getuid()
    try:
        facts = session_facts(bus, uid)
    except BusError as why:
        return (f"logind does not say which session this is ({why}): the environment is believed",)
    corrected = correction(facts, environ, uid)
    for name, text in corrected.changes.items():
        if text is None:
            environ.pop(name, None)
        else:
            environ[name] = text
    return corrected.differences


def _facts(bus: Bus, uid: int, sessions: Path) -> SessionFacts | None:
    user = LOGIND.at(single(bus.call(LOGIND, "GetUser", "u", uid), str), _USER)
    session = _own_session(bus, uid) or _shown_session(bus, user)
    if session is None:
        return None
    session_id = str(bus.get(session, "Id"))
    return SessionFacts(
        session_id,
        str(bus.get(session, "Type")),
        str(bus.get(session, "Display")),
        Path(str(bus.get(user, "RuntimePath"))),
        _controller(bus, sessions / session_id, uid),
    )


def _own_session(bus: Bus, uid: int) -> Service | None:
    """This process's own session, if it is a graphical one of this account's here."""
    try:
        session = LOGIND.at(single(bus.call(LOGIND, "GetSession", "s", "auto"), str), _SESSION)
    except BusError:
        return None
    owner = bus.get(session, "User")
    is_own = isinstance(owner, tuple) and owner[:1] == (uid,)
    return session if is_own and _is_graphical(bus, session) else None


def _shown_session(bus: Bus, user: Service) -> Service | None:
    """The session that logind counts as the account's display, if it is a graphical one."""
    display = bus.get(user, "Display")
    if not isinstance(display, tuple) or len(display) != 2 or not display[0]:
        return None
    session = user.at(str(display[1]), _SESSION)
    return session if _is_graphical(bus, session) else None


def _is_graphical(bus: Bus, session: Service) -> bool:
    return bus.get(session, "Type") in _GRAPHICAL and bus.get(session, "Remote") is not True


def _controller(bus: Bus, file: Path, uid: int) -> int:
    """The process that controls the session's devices, by root's file of the session; 0 where none does."""
    try:
        with file.open("rb") as session:
            text = session.read(_MOST_BYTES).decode(errors="replace")
    except OSError:
        return 0
    controller = re.search(r"^CONTROLLER=(:[\d.]+)$", text, re.MULTILINE)
    if controller is None:
        return 0
    try:
        owner = bus.owner(Service(LOGIND.bus, controller[1], "/", ""))
    except BusError:
        return 0  # it has ended since
    return owner.pid if owner.uid == uid else 0


def _socket_of(pid: int, named: str, runtime_dir: Path) -> str:
    """The Wayland socket at which that process listens: the named one if it is its, else the first; empty for none."""
    sockets = sorted(path.name for path in runtime_dir.glob("wayland-*") if not path.name.endswith(".lock"))
    for name in (*([named] if named else []), *sockets[:_MOST_SOCKETS]):
        if _listener(runtime_dir / name) == pid:
            return name
    return ""


def _listener(path: Path) -> int:
    """The process that listens at a socket; 0 where nobody does."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)) as connection:
        connection.settimeout(_CONNECT_S)
        try:
            connection.connect(str(path))
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        except OSError:
            return 0
    return int(_CREDENTIALS.unpack(credentials)[0])


def _is_own_socket(path: Path, uid: int) -> bool:
    """Whether it is a socket of this account's, in a folder that only this account writes to."""
    try:
        folder, status = os.lstat(path.parent), os.lstat(path)
    except OSError:
        return False
    is_own = folder.st_uid == status.st_uid == uid
    return is_own and stat.S_ISSOCK(status.st_mode) and not stat.S_IMODE(folder.st_mode) & 0o022


def _plain(name: str, text: str | None) -> str:
    """A value without what makes no difference."""
    if name == "DISPLAY":
        return re.sub(r"^unix(?=:)|\.\d+$", "", text or "")
    if name == "DBUS_SESSION_BUS_ADDRESS":
        return re.sub(r",guid=[0-9a-f]*$", "", text or "")
    if name == "XDG_RUNTIME_DIR":
        return (text or "").rstrip("/")
    return text or ""
