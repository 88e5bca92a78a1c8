"""The tray: owns the main thread, shows the newest status, turns clicks into commands and pages."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import sentence
from agent.host.notifier import Notifier
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import notice_lines
from agent.runtime.status.snapshot import Command, Status
from agent.ui.backend import Clicked, Face, NoBackEnd, NoTray, TrayBackend
from agent.ui.backend_gtk import GtkBackend
from agent.ui.backend_native import NativeBackend, call_here, call_on_main
from agent.ui.backend_xorg import XorgBackend
from agent.ui.day import Day
from agent.ui.menu import Allowed, Page, rows
from agent.ui.recorded import Storage, recorded_page
from agent.ui.status_lines import tooltip
from agent.ui.statuspage import status_page
from agent.ui.viewer import Viewer

Make = Callable[[Clicked], TrayBackend]

NO_TRAY = mark("There is no tray icon ({why}). See `steadyhand status` instead.")
REBUILD_PAUSE_S = 0.5
LEAST_STAY_S = 5.0
MOST_QUICK_LOSSES = 5


def back_ends(platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> Mapping[str, Make]:
    """The ways of showing an icon on `platform` in the session that `environ` describes, best first."""
    if platform == "win32":
        return {"win32": lambda clicked: NativeBackend("win32", clicked, call_here)}
    if platform == "darwin":
        return {"darwin": lambda clicked: NativeBackend("darwin", clicked, call_on_main)}
    indicator = {"appindicator": lambda clicked: GtkBackend("appindicator", clicked)}
    if environ.get("WAYLAND_DISPLAY"):
        # A panel that docks X's windows is none of these desktops'; this waits for one that takes such icons.
        return {**indicator, "statusnotifier": lambda clicked: _status_notifier(clicked, waits=True)}
    return {
        **indicator,
        "statusnotifier": lambda clicked: _status_notifier(clicked, waits=False),
        "gtk": lambda clicked: GtkBackend("gtk", clicked),
        "xorg": XorgBackend,
    }


def _status_notifier(clicked: Clicked, *, waits: bool) -> TrayBackend:
    # Linux only, as its D-Bus is.
    from agent.ui.backend_sni import SniBackend

    return SniBackend(clicked, waits=waits)


class Tray:
    """The icon, its menu and its pages.

    Parameters
    ----------
    commands : callable
        Told every command that is chosen, on the tray's thread: must return at once, so whoever
        re-authenticates does it elsewhere.
    allowed : Allowed
        What the menu offers.
    storage : Storage
        What the page "What is recorded" tells.
    day : callable
        The last 24 hours, for the status page. Tray thread; may read a few small files.
    facts : PrivacyFacts
        What the settings mean for the person, for the pages.
    language : Language
    viewer : Viewer
        Opens pages.
    notifier : Notifier
        Shows why a page could not be opened.
    makes : mapping of str to callable
        The back-ends to try, best first.
    """

    def __init__(
        self,
        commands: Callable[[Command], None],
        *,
        allowed: Allowed,
        storage: Storage,
        facts: PrivacyFacts,
        viewer: Viewer,
        notifier: Notifier,
        day: Callable[[], Day | None] = lambda: None,
        language: Language = ENGLISH,
        makes: Mapping[str, Make] | None = None,
    ) -> None:
        self._commands = commands
        self._allowed = allowed
        self._storage = storage
        self._viewer = viewer
        self._day = day
        self._facts = facts
        self._language = language
        self._notifier = notifier
        self._makes = back_ends() if makes is None else makes
        self._status = Status()
        self._face = self._face_of(self._status)
        self._stopping = False
        self._backend: TrayBackend | None = None
        self._notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is degraded about the tray, a line each; empty before `run`. Any thread."""
        return self._notes

    @property
    def backend_name(self) -> str:
        """The back-end in use; empty before `run`. Any thread."""
        return self._backend.name if self._backend is not None else ""

    @property
    def has_menu(self) -> bool:
        """True where the icon has a menu. Any thread."""
        return self._backend is not None and self._backend.has_menu

    def run(self) -> None:
        """Show the icon and stay until `stop`. Main thread.

        A panel that goes away takes the icon with it on X: it is built again, so that the agent does not end
        with its panel.
        """
        names = list(self._makes)
        quick_losses = 0
        while not self._is_stopping():
            backend = self._build(names)
            if self._is_stopping():
                return
            began_s = time.monotonic()
            try:
                backend.run(self._face)
            except NoBackEnd as error:
                names.remove(backend.name)
                logging.getLogger(__name__).warning("tray: %s", error)
                continue
            if self._is_stopping():
                return
            quick_losses = quick_losses + 1 if time.monotonic() - began_s < LEAST_STAY_S else 0
            if quick_losses > MOST_QUICK_LOSSES:
                names.remove(backend.name)
            time.sleep(REBUILD_PAUSE_S)

    def show(self, status: Status) -> None:
        """Show `status` from now on. Any thread; returns at once, and does nothing where nothing differs."""
        self._status = status
        face = self._face_of(status)
        if face == self._face:
            return
        self._face = face
        if self._backend is not None:
            self._backend.show(face)

    def notify(self, title: str, text: str) -> None:
        """Show a notification beside the icon. Any thread.

        Raises
        ------
        OSError
            If the icon shows none.
        """
        if not isinstance(self._backend, NativeBackend):
            raise OSError("there is no icon that shows notifications")
        self._backend.notify(title, text)

    def rule(self, allowed: Allowed, facts: PrivacyFacts) -> None:
        """Offer and tell what other settings allow. Any thread; returns at once."""
        self._allowed, self._facts = allowed, facts
        self.show(self._status)

    def stop(self) -> None:
        """Make `run` return. Any thread, also from a signal handler; returns at once."""
        self._stopping = True
        if self._backend is not None:
            self._backend.stop()

    def _is_stopping(self) -> bool:
        return self._stopping

    def _build(self, names: list[str]) -> TrayBackend:
        """The first back-end of `names` that works, else none; names that do not work are removed."""
        whys = []
        for name in tuple(names):
            try:
                self._backend = self._makes[name](self._clicked)
            except NoBackEnd as error:
                whys.append(str(error))
                names.remove(name)
            else:
                break
        else:
            self._backend = NoTray(
                sentence(NO_TRAY, why="; ".join(whys) or sentence("no back-end works here"))
            )
        self._notes = (self._backend.note,) if self._backend.note else ()
        return self._backend

    def _face_of(self, status: Status) -> Face:
        language = self._language
        return Face(status.state, tooltip(status, language), rows(status, self._allowed, language))

    def _clicked(self, action: Command | Page) -> None:
        if isinstance(action, Command):
            self._commands(action)
            return
        try:
            self._viewer.show(*self._page(action))
        except SteadyhandError as error:
            self._notifier.show(self._language.text("The page could not be opened"), str(error))

    def _page(self, page: Page) -> tuple[str, str]:
        """Name and HTML of `page`."""
        if page is Page.RECORDED:
            return "recorded", recorded_page(self._storage, self._facts, self._language)
        told_at = datetime.now().astimezone().strftime("%H:%M:%S")
        introduction = notice_lines(self._facts, self._language)
        return "status", status_page(self._status, told_at, self._day(), introduction, self._language)
