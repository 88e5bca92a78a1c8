"""The agent with its tray: what `steadyhand` runs."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agent.config.schema import Settings
from agent.files.network_home import adopt_shared_state
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.version import agent_version, running_version
from agent.host.account import account_name
from agent.host.dialogue import dialogues
from agent.host.memory import keep_memory_small
from agent.host.notifier import IconNotifier
from agent.host.select import SYSTEM_BUS
from agent.host.start_environment import UNTOUCHED, StartFindings
from agent.language.language import Language, preferred_language
from agent.runtime.app import App, build
from agent.runtime.lifecycle.single_instance import SingleInstance
from agent.runtime.status.day_log import DayLog
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import Receipt, introduce
from agent.runtime.status.snapshot import Command, Status
from agent.ui.day import gather
from agent.ui.end_signals import end_on_signals
from agent.ui.false_lock import FalseLockScreen
from agent.ui.menu import Allowed
from agent.ui.notice_wording import AnswerWay
from agent.ui.notices import Notices
from agent.ui.recorded import Storage
from agent.ui.statuspage import ERASE
from agent.ui.tray import Tray
from agent.ui.viewer import Viewer

QUIT_BY_OWNER = 3
"""Exit code of an agent that its owner ended with a proven identity: the one end that a supervisor leaves alone."""


def _nowhere(_line: str) -> None:
    """Where nobody reads a terminal."""


def run_agent(
    paths: Paths,
    *,
    tray: bool,
    user: str = "",
    say: Callable[[str], None] = _nowhere,
    system_bus: Path = SYSTEM_BUS,
    start: StartFindings = UNTOUCHED,
) -> int:
    """Run the agent until it is told to end. Main thread; returns the exit code: 1 if an error ended it,
    `QUIT_BY_OWNER` if the owner did where somebody would start it again.

    Parameters
    ----------
    paths : Paths
    tray : bool
        Whether to show an icon.
    user : str, optional
        Whom the profiles are for; the account's name where it is not given.
    say : callable, optional
        Takes lines for the terminal: on the first run, what is recorded and what is not.
    system_bus : Path, optional
        As `agent.host.select.services` takes it.
    start : StartFindings, optional
        What of the environment is to be reported with the start.

    Raises
    ------
    SteadyhandError
        If a setting is wrong, another agent runs, or the folders cannot be used.
    """
    _prepare(paths)
    with SingleInstance(paths.lock_file):
        app = build(
            paths,
            user=user or account_name(),
            hostname=socket.gethostname(),
            program=running_version(),
            system_bus=system_bus,
            start=start,
        )
        ended = _ended_from_outside()
        diary = _begun_diary(paths)
        receipt = Receipt(agent_version(), preferred_language(), dialogues())
        icon = _tray(app, paths, diary, receipt.language) if tray else None
        facts = PrivacyFacts.under(app.settings)
        first_run = introduce(paths.introduced_file, facts, app.notifier, say, receipt)
        app.listen_settings(lambda settings: _rule(app, paths, icon, settings, say, receipt))
        _tell(app, paths, icon, diary, receipt.language, first_run=first_run)
        ended_as_asked = _work_to_the_end(app, icon, diary, ended)
    app.finished()
    return QUIT_BY_OWNER if app.ends_for_good else int(not ended_as_asked)


def _ended_from_outside(environ: Mapping[str, str] = os.environ) -> threading.Event:
    """Set by signals, and by the end of a Wayland compositor where no service manager ends the agent with it."""
    ended = end_on_signals()
    if environ.get("WAYLAND_DISPLAY") and not environ.get("NOTIFY_SOCKET"):
        from agent.host.linux.compositor_end import on_compositor_end

        on_compositor_end(environ, ended.set)
    return ended


def _work_to_the_end(app: App, icon: Tray | None, diary: DayLog, ended: threading.Event) -> bool:
    """Run the agent and end it, whatever happens; False if an error had ended it."""
    try:
        _work(app, icon, ended)
    finally:
        ended_as_asked = app.stop()
        diary.close()
    return ended_as_asked


def _prepare(paths: Paths) -> None:
    keep_memory_small()
    adopt_shared_state(paths.state_dir)
    private_dir(paths.state_dir)


def _work(app: App, icon: Tray | None, ended: threading.Event) -> None:
    """Run the agent, with the tray on this thread where there is one, until `ended`."""
    app.listen_end(ended.set)
    app.start()
    threading.Thread(target=_end_with_worker, args=(app, ended), name="steadyhand-end", daemon=True).start()
    if icon is None:
        ended.wait()
        return
    threading.Thread(target=_end_tray, args=(ended, icon), name="steadyhand-tray-end", daemon=True).start()
    icon.run()


def _begun_diary(paths: Paths) -> DayLog:
    diary = DayLog(paths.day_file, time.time)
    diary.begin()
    return diary


def _end_with_worker(app: App, ended: threading.Event) -> None:
    app.wait()
    ended.set()


def _end_tray(ended: threading.Event, tray: Tray) -> None:
    ended.wait()
    tray.stop()


def _rule(
    app: App,
    paths: Paths,
    icon: Tray | None,
    settings: Settings,
    say: Callable[[str], None],
    receipt: Receipt,
) -> None:
    """Tell what other settings mean for the person, before they hold."""
    facts = PrivacyFacts.under(settings)
    introduce(paths.introduced_file, facts, app.notifier, say, receipt)
    if icon:
        icon.rule(Allowed.under(settings, reauthentication=app.can_ask), facts)


def _tray(app: App, paths: Paths, diary: DayLog, language: Language) -> Tray:
    storage = Storage(
        str(paths.recordings_dir), str(paths.profiles_dir), str(paths.alerts_file), erase_command=ERASE
    )
    icon = Tray(
        app.request,
        allowed=Allowed.under(app.settings, reauthentication=app.can_ask),
        storage=storage,
        facts=PrivacyFacts.under(app.settings),
        viewer=Viewer(paths.pages_dir),
        notifier=app.notifier,
        day=lambda: gather(paths, diary.spells, time.time()),
        language=language,
    )
    if isinstance(app.notifier, IconNotifier):
        app.notifier.attach(icon.notify)
    return icon


def _tell(
    app: App, paths: Paths, tray: Tray | None, diary: DayLog, language: Language, *, first_run: bool
) -> None:
    """Bring each new status to the tray and, on a thread that may wait for the desktop, to notifications."""
    news: queue.SimpleQueue[Status] = queue.SimpleQueue()
    notices = Notices(
        app.notifier,
        time.monotonic_ns,
        answer_way=lambda: _answer_way(app, tray),
        has_menu=lambda: _has_menu(tray),
        was_me=lambda: app.request(Command.IT_WAS_ME),
        language=language,
    )
    screen = FalseLockScreen(
        Viewer(paths.pages_dir),
        app.notifier,
        lambda: gather(paths, diary.spells, time.time()),
        lambda: PrivacyFacts.under(app.settings),
        language,
    )
    if first_run:
        # The introduction has just said it, and more.
        notices.hold_back("learning")
    work = (news, (notices.status_changed, screen.status_changed, diary.told), tray, app)
    threading.Thread(target=_notify, args=work, name="steadyhand-notices", daemon=True).start()

    def listen(status: Status) -> None:
        if tray:
            tray.show(status)
        news.put(status)

    app.status.listen(listen)


def _answer_way(app: App, tray: Tray | None) -> AnswerWay:
    """How the person can answer where notifications have no buttons."""
    if not app.can_ask:
        return AnswerWay.NONE
    return AnswerWay.MENU if _has_menu(tray) else AnswerWay.COMMAND


def _has_menu(tray: Tray | None) -> bool:
    return tray is not None and tray.has_menu


def _notify(
    news: queue.SimpleQueue[Status],
    listeners: Sequence[Callable[[Status], object]],
    tray: Tray | None,
    app: App,
) -> None:
    while True:
        status = news.get()
        for listener in listeners:
            listener(status)
        for line in tray.notes if tray else ():
            app.status.note(line, holds=True)
