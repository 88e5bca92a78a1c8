"""Session facts: the graphical session of this account, by logind, root's file of it and the user database."""

from __future__ import annotations

import pwd
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.host.linux.bus import SYSTEM, Bus, BusError, Service, single
from agent.host.linux.logind import LOGIND
from agent.host.linux.session_files import SESSIONS, read_facts

_SESSION: Final = "org.freedesktop.login1.Session"
_USER: Final = "org.freedesktop.login1.User"
_GRAPHICAL: Final = ("x11", "wayland", "mir")
_TRIES: Final = 3
_SILENT: Final = "no answer in time"
_NO_SUCH_USER: Final = "NoSuchUser"


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
    home : str
        By the user database; empty where it has none.
    """

    session_id: str
    kind: str
    display: str
    runtime_dir: Path
    compositor_pid: int = 0
    home: str = ""


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


def devices_controller(bus: Bus, uid: int) -> int:
    """The process that controls the devices of the account's graphical session; 0 where none does, or nobody tells.

    -1 where logind is there and does not answer: any process may be another one then.
    """
    try:
        facts = session_facts(bus, uid)
    except BusError:
        return -1
    return facts.compositor_pid if facts is not None else 0


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
        _home(uid),
    )


def _home(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return ""


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
    controller = (read_facts(file) or {}).get("CONTROLLER", "")
    if not re.fullmatch(r":[\d.]+", controller):
        return 0
    try:
        owner = bus.owner(Service(LOGIND.bus, controller, "/", ""))
    except BusError:
        return 0  # it has ended since
    return owner.pid if owner.uid == uid else 0
