"""Picks the services of this operating system; imports no other system's package."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Final

from agent.engine.sentence import sentence
from agent.files.devices import Declared
from agent.host.api import HostServices
from agent.host.several_mice import SEVERAL_ARE_UNKNOWN

SYSTEM_BUS: Final = Path("/run/dbus/system_bus_socket")
"""Where a Linux computer's system bus listens; see `agent.host.linux.bus.SYSTEM_SOCKET`."""


def correct_environment(environ: MutableMapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """Give this process the display, session and bus of its account's session; a line for each that was another.

    Once, before anything has read `environ`. May block some seconds where the system's bus hangs.
    """
    if not platform.startswith("linux"):
        return ()
    from agent.host.linux.jeepney_bus import JeepneyBus
    from agent.host.linux.session_environment import correct

    return correct(JeepneyBus({}), environ)


def services(
    lockers: Sequence[str],
    environ: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    *,
    declared: Callable[[], Declared] = Declared,
    several: str = SEVERAL_ARE_UNKNOWN,
    system_bus: Path = SYSTEM_BUS,
    only_looks: bool = False,
) -> HostServices:
    """The services of `platform`. Starts nothing and blocks at most 200 ms.

    Parameters
    ----------
    lockers : sequence of str
        Names of lockers in the order in which they are tried; Linux only, elsewhere there is one.
    environ : mapping
        The environment of the session.
    platform : str
        As `sys.platform` names it.
    declared : callable
        What the administrator declares of mice.
    several : str
        ``judgement.several_mice``; on Linux every event says which mouse made it.
    system_bus : Path
        Linux only: the system bus; another than the computer's own is for tests and the demonstration.
    only_looks : bool
        True for a caller beside the running agent, which wants no events.
    """
    if platform.startswith("linux"):
        from agent.host.linux.services import linux_services

        return linux_services(lockers, environ, declared, system_bus, only_looks=only_looks)
    if platform == "win32":
        from agent.host.windows.services import windows_services

        return windows_services(declared=declared, several=several)
    if platform == "darwin":
        from agent.host.macos.services import macos_services

        return macos_services(declared=declared, several=several)
    from agent.host.null.services import null_services

    return null_services(
        sentence("Steadyhand does not know the operating system {platform}", platform=platform)
    )
