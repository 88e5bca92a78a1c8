"""Session environment: the display, session and bus of this account's session, by logind and the kernel.

Whoever starts the agent chooses its environment, and could show it another screen or another session bus. Where logind
knows a graphical session of this account, its word replaces the environment's. Where it knows none (no systemd, a
server, a test under root on a display of its own) there is nobody to ask, and the environment stands.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.host.linux.bus import Bus, BusError
from agent.host.linux.compositor import drawing_process, socket_listener
from agent.host.linux.own_programs import OwnPrograms
from agent.host.linux.session_facts import SessionFacts, session_facts

_MOST_SOCKETS: Final = 64


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


def correction(facts: SessionFacts | None, environ: Mapping[str, str], uid: int) -> Correction:
    """What the session's facts change of an environment."""
    if facts is None:
        return Correction()
    wanted: dict[str, str | None] = {
        "XDG_SESSION_ID": facts.session_id,
        "XDG_SESSION_TYPE": facts.kind,
        "XDG_RUNTIME_DIR": str(facts.runtime_dir),
    }
    if facts.home:
        wanted["HOME"] = facts.home
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


def _socket_of(pid: int, named: str, runtime_dir: Path) -> str:
    """The Wayland socket at which that process listens: the named one if it is its, else the first; empty for none."""
    sockets = sorted(path.name for path in runtime_dir.glob("wayland-*") if not path.name.endswith(".lock"))
    programs = OwnPrograms()
    for name in (*([named] if named else []), *sockets[:_MOST_SOCKETS]):
        if pid == drawing_process(socket_listener(runtime_dir / name)[0], programs):
            return name
    return ""


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
    if name in ("XDG_RUNTIME_DIR", "HOME"):
        return (text or "").rstrip("/")
    return text or ""
