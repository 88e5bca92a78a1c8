"""Starting with the session: a systemd user unit where the desktop uses them, else an XDG autostart entry."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.frozen import is_frozen
from agent.host.linux.bus import SESSION, Bus, BusError, Service, single

_SYSTEMD: Final = Service(
    SESSION,
    "org.freedesktop.systemd1",
    "/org/freedesktop/systemd1",
    "org.freedesktop.systemd1.Manager",
)
_UNIT_NAME: Final = "steadyhand.service"

# RestartPreventExitStatus: called wrongly, or ended by the owner with a proven identity (agent.ui.main).
# KillMode: the locker that the agent started must not die, and open the screen, when the agent does.
# WatchdogSec: the agent gives one sign of life a minute, and wakes up for nothing else while the mouse rests.
# StartLimitIntervalSec: whoever kills it again and again must not make systemd give up.
_UNIT: Final = """\
[Unit]
Description=Steadyhand, continuous authentication by mouse movement
PartOf=graphical-session.target
After=graphical-session.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
Restart=always
RestartSec=1
RestartPreventExitStatus=2 3
SuccessExitStatus=3
WatchdogSec=180
TimeoutStartSec=60
TimeoutStopSec=15
KillMode=process
UMask=0077

[Install]
WantedBy=graphical-session.target
"""

_ENTRY: Final = """\
[Desktop Entry]
Type=Application
Name=Steadyhand
Comment=Continuous authentication by mouse movement
Exec={command}
Icon=steadyhand
Terminal=false
X-GNOME-Autostart-enabled=true
"""


def unit_text(command: Sequence[str]) -> str:
    """The systemd user unit that runs `command`."""
    return _UNIT.format(command=shlex.join(command).replace("%", "%%"))


def own_command(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """How this program is started again."""
    if is_frozen():
        return (sys.executable, "run")
    installed = shutil.which("steadyhand", path=environ.get("PATH"))
    return (installed, "run") if installed else (sys.executable, "-m", "agent", "run")


class LinuxAutostart:
    """`Autostart` for one user; exactly one of the two files exists while it is on.

    Parameters
    ----------
    bus : Bus
    command : tuple of str
        What is started.
    environ : mapping
        XDG_CONFIG_HOME and HOME say where the files go.
    """

    def __init__(self, bus: Bus, command: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> None:
        self._bus = bus
        self._command = command
        config_home = environ.get("XDG_CONFIG_HOME")
        config = Path(config_home) if config_home else Path(environ.get("HOME", "~")).expanduser() / ".config"
        self._unit = config / "systemd" / "user" / _UNIT_NAME
        self._wanted = self._unit.parent / "graphical-session.target.wants" / _UNIT_NAME
        self._entry = config / "autostart" / "steadyhand.desktop"

    def enable(self) -> str:
        """See `Autostart.enable`.

        Raises
        ------
        SteadyhandError
            If the file cannot be written.
        """
        self.disable()
        by_systemd = self._session_by_systemd()
        file = self._unit if by_systemd else self._entry
        try:
            if by_systemd:
                _write(file, unit_text(self._command))
                self._wanted.parent.mkdir(parents=True, exist_ok=True)
                self._wanted.symlink_to(file)
                self._reload()
            else:
                _write(file, _ENTRY.format(command=_desktop_quote(self._command)))
        except OSError as why:
            raise SteadyhandError(f"{file}: {why.strerror}", "make the folder writable for you") from why
        return str(file)

    def disable(self) -> None:
        """See `Autostart.disable`."""
        had_unit = self._unit.exists()
        try:
            for file in (self._wanted, self._unit, self._entry):
                file.unlink(missing_ok=True)
        except OSError as why:
            raise SteadyhandError(f"{file}: {why.strerror}", "delete it by hand") from why
        if had_unit:
            self._reload()

    def is_enabled(self) -> bool:
        """See `Autostart.is_enabled`."""
        return self._wanted.is_symlink() or self._entry.is_file()

    def _session_by_systemd(self) -> bool:
        """True where the desktop runs graphical-session.target; most small ones do not."""
        try:
            path = single(self._bus.call(_SYSTEMD, "GetUnit", "s", "graphical-session.target"), str)
            unit = _SYSTEMD.at(path, "org.freedesktop.systemd1.Unit")
            return bool(self._bus.get(unit, "ActiveState") == "active")
        except BusError:
            return False

    def _reload(self) -> None:
        try:
            self._bus.call(_SYSTEMD, "Reload", timeout_s=5.0)
        except BusError:
            return  # without systemd nothing waits to be told; it reads its files when it starts


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _desktop_quote(command: tuple[str, ...]) -> str:
    """A command as desktop entries quote it: in double quotes, with backslashes escaped twice."""
    quoted = []
    for word in command:
        for char in '\\"`$':
            word = word.replace(char, "\\" + char)
        quoted.append(f'"{word}"'.replace("\\", "\\\\").replace("%", "%%"))
    return " ".join(quoted)
