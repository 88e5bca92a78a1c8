"""Controls that a person can reach here: the icon's menu, buttons on notifications, or commands. For the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.findings import Finding, Health

COMMANDS = "in a terminal: steadyhand open, was-me, pause, resume, enrol"


@dataclass(frozen=True, slots=True)
class DesktopFacilities:
    """What the desktop and this computer offer.

    Attributes
    ----------
    wayland : bool
    takes_notifiers : bool
        A panel takes status notifier items now.
    has_gtk : bool
        PyGObject is installed.
    has_buttons : bool
        Notifications may have buttons.
    """

    wayland: bool
    takes_notifiers: bool
    has_gtk: bool
    has_buttons: bool


def desktop_facilities(environ: Mapping[str, str], *, has_buttons: bool) -> DesktopFacilities:
    """Look at this Linux session. May block 200 ms."""
    from agent.host.linux.bus import SESSION, Service
    from agent.host.linux.jeepney_bus import JeepneyBus

    watcher = Service(
        SESSION, "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher"
    )
    try:
        __import__("gi")
    except ImportError:
        has_gtk = False
    else:
        has_gtk = True
    takes = JeepneyBus(environ).has(watcher)
    return DesktopFacilities(bool(environ.get("WAYLAND_DISPLAY")), takes, has_gtk, has_buttons)


def tray_finding(offers: DesktopFacilities, install_gtk: str) -> Finding:
    """What the person can really reach.

    Parameters
    ----------
    offers : DesktopFacilities
    install_gtk : str
        How PyGObject is installed here.
    """
    if offers.takes_notifiers:
        return Finding("tray", Health.OK, "a panel here takes the icon, with its menu")
    buttons = "“That was me” is a button on notifications; the rest " if offers.has_buttons else ""
    if offers.wayland:
        seen = "no panel here takes icons (status notifiers), so there is no menu"
        return Finding("tray", Health.DEGRADED, seen, f"{buttons}{COMMANDS}")
    if offers.has_gtk:
        return Finding("tray", Health.OK, "GTK is there for the icon's menu, where a panel docks icons")
    return Finding("tray", Health.DEGRADED, "only the xorg back-end: an icon without a menu", install_gtk)
