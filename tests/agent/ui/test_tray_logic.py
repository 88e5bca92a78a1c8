"""The tray without a desktop: its back-ends are scripted and refuse what the script does not have."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import Command, State, Status
from agent.ui import backend_native, tray
from agent.ui.backend import Clicked, Face, NoBackEnd, NoTray
from agent.ui.menu import BY_POLICY, Allowed, Page, Row
from agent.ui.recorded import Storage
from agent.ui.tray import Make, Tray, back_ends
from agent.ui.viewer import Viewer


class Notifications:
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        self.texts.append(text)
        return True


class Scripted:
    """A back-end whose `run` does what the script says; faces are kept."""

    note = "a limit"

    def __init__(self, name: str, script: Callable[[Scripted], None], clicked: Clicked) -> None:
        self.name = name
        self.clicked = clicked
        self.faces: list[Face] = []
        self.stops = 0
        self._script = script

    def run(self, face: Face) -> None:
        self.faces.append(face)
        self._script(self)

    def show(self, face: Face) -> None:
        self.faces.append(face)

    def stop(self) -> None:
        self.stops += 1


class Desk:
    """A tray with everything that it asks for."""

    def __init__(self, folder: Path, opener: Sequence[str] = ("open-it",)) -> None:
        self.commands: list[Command] = []
        self.opened: list[Sequence[str]] = []
        self.notifications = Notifications()
        self.backends: list[Scripted] = []
        self._viewer = Viewer(folder, opener, self.opened.append)

    def tray(self, **scripts: Callable[[Scripted], None]) -> Tray:
        return Tray(
            self.commands.append,
            allowed=Allowed(),
            storage=Storage("r", "p", "a"),
            facts=PrivacyFacts(),
            viewer=self._viewer,
            notifier=self.notifications,
            makes={name: self._make(name, script) for name, script in scripts.items()},
        )

    def _make(self, name: str, script: Callable[[Scripted], None]) -> Make:
        def make(clicked: Clicked) -> Scripted:
            made = Scripted(name, script, clicked)
            self.backends.append(made)
            return made

        return make


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(tray, "REBUILD_PAUSE_S", 0.0)
    return Desk(tmp_path)


def test_redraws_only_what_differs(desk: Desk) -> None:
    def script(backend: Scripted) -> None:
        for trust in (93, 93, 92):
            made.show(Status(State.PROTECTING, trust=trust, events=trust))
            made.show(Status(State.PROTECTING, trust=trust, events=trust + 1000))
        made.stop()

    made = desk.tray(only=script)
    made.run()
    assert [face.tooltip for face in desk.backends[0].faces[1:]] == [
        "Steadyhand: Protecting this session. Trust: 93 of 100",
        "Steadyhand: Protecting this session. Trust: 92 of 100",
    ]
    assert made.notes == ("a limit",)
    assert made.backend_name == "only"


def test_what_came_before_run_is_shown_first(desk: Desk) -> None:
    made = desk.tray(only=lambda backend: made.stop())
    made.show(Status(State.UNKNOWN_MOUSE))
    made.run()
    assert desk.backends[0].faces[0].state is State.UNKNOWN_MOUSE


def test_other_rules_change_the_menu_at_once(desk: Desk) -> None:
    def script(backend: Scripted) -> None:
        made.rule(Allowed(pause=BY_POLICY), PrivacyFacts(contact="the works council"))
        made.stop()

    made = desk.tray(only=script)
    made.run()
    first, ruled = desk.backends[0].faces
    told = f"Pause for 15 minutes ({BY_POLICY})"
    assert told not in [row.text for row in first.rows]
    assert told in [row.text for row in ruled.rows]


def test_stop_before_run(desk: Desk) -> None:
    made = desk.tray(only=lambda backend: pytest.fail("it was run"))
    made.stop()
    made.run()


def test_a_lost_icon_is_built_again(desk: Desk) -> None:
    def script(backend: Scripted) -> None:
        if len(desk.backends) == 3:
            made.stop()

    made = desk.tray(only=script)
    made.run()
    assert [backend.name for backend in desk.backends] == ["only"] * 3


def test_a_back_end_that_keeps_losing_it_gives_way_to_the_next(desk: Desk) -> None:
    made = desk.tray(first=lambda backend: None, second=lambda backend: made.stop())
    made.run()
    assert [backend.name for backend in desk.backends] == ["first"] * (tray.MOST_QUICK_LOSSES + 1) + [
        "second"
    ]


def test_a_back_end_that_breaks_gives_way_to_the_next(desk: Desk) -> None:
    def breaks(backend: Scripted) -> None:
        raise NoBackEnd("the display has gone")

    made = desk.tray(first=breaks, second=lambda backend: made.stop())
    made.run()
    assert [backend.name for backend in desk.backends] == ["first", "second"]


def test_without_any_back_end_it_waits_and_says_why(desk: Desk) -> None:
    def refuses(clicked: Clicked) -> Scripted:
        raise NoBackEnd("xorg: no display")

    made = desk.tray()
    made._makes = {"xorg": refuses}
    timer = threading.Timer(0.2, made.stop)
    timer.start()
    made.run()
    assert made.backend_name == "none"
    assert "xorg: no display" in made.notes[0]
    assert "steadyhand status" in made.notes[0]


def test_no_tray_keeps_a_stop_in_mind() -> None:
    waiting = NoTray()
    waiting.stop()
    waiting.run(Face(State.STARTING, "", ()))


def test_commands_go_out_and_pages_open(desk: Desk) -> None:
    def script(backend: Scripted) -> None:
        backend.clicked(Command.PAUSE)
        backend.clicked(Page.STATUS)
        backend.clicked(Page.RECORDED)
        made.stop()

    made = desk.tray(only=script)
    made.show(Status(State.SUSPICIOUS))
    made.run()
    assert desk.commands == [Command.PAUSE]
    assert [Path(words[-1]).name for words in desk.opened] == ["status.html", "recorded.html"]
    assert "Unusual mouse movement" in Path(desk.opened[0][-1]).read_text()


def test_a_page_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, opener=())

    def script(backend: Scripted) -> None:
        backend.clicked(Page.STATUS)
        made.stop()

    made = desk.tray(only=script)
    made.run()
    assert str(tmp_path / "status.html") in desk.notifications.texts[0]


@pytest.mark.parametrize(
    ("platform", "environ", "names"),
    [
        ("linux", {"DISPLAY": ":0"}, ["appindicator", "statusnotifier", "gtk", "xorg"]),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["appindicator", "statusnotifier"]),
        ("win32", {}, ["win32"]),
        ("darwin", {}, ["darwin"]),
    ],
)
def test_order_of_back_ends(platform: str, environ: dict[str, str], names: list[str]) -> None:
    assert list(back_ends(platform, environ)) == names


def test_importing_the_tray_needs_no_display_and_no_pystray() -> None:
    program = "import sys, agent.ui.tray; print(sorted({'pystray', 'Xlib', 'gi'} & set(sys.modules)))"
    root = str(Path(__file__).parents[3])
    env = {"PYTHONPATH": root, "PATH": ""}
    ran = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, env=env)
    assert ran.stdout.strip() == "[]", ran.stderr


class FakePystrayIcon:
    """pystray's win32 icon as its source has it: `run` calls `setup` from a thread, `stop` ends it."""

    def __init__(self, name: str) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._ended = threading.Event()
        # WM_USER + 11: a click on the icon, which opens the menu and returns when it is closed.
        self._message_handlers: dict[int, Callable[[int, int], Any]] = {0x40B: lambda *_: self.while_open()}
        self.while_open: Callable[[], None] = lambda: None

    def notify(self, message: str, title: str) -> None:
        self.calls.append(("notify", (message, title)))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("icon", "title", "menu", "visible"):
            self.calls.append((name, value))
        elif name not in ("calls", "_ended", "_message_handlers", "while_open"):
            pytest.fail(f"nobody sets {name}")
        super().__setattr__(name, value)

    def run(self, setup: Callable[[Any], None]) -> None:
        threading.Thread(target=setup, args=(self,)).start()
        assert self._ended.wait(5)

    def stop(self) -> None:
        self._ended.set()


@pytest.mark.parametrize("early", [True, False])
def test_native_loop(early: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    menus = SimpleNamespace(Menu=lambda *items: items, MenuItem=lambda text, act, **kw: text)
    menus.Menu = type("Menu", (), {"SEPARATOR": "-", "__new__": lambda cls, *items: list(items)})
    module = SimpleNamespace(Icon=FakePystrayIcon)
    monkeypatch.setattr(backend_native, "load_pystray", lambda name: (menus, module))
    native = backend_native.NativeBackend("win32", lambda action: None, backend_native.call_here)
    face = Face(State.PROTECTING, "tip", ())
    if early:
        native.stop()
    else:
        threading.Timer(0.2, native.stop).start()
    native.run(face)
    native.show(Face(State.PAUSED, "tip", ()))
    names = [name for name, _ in native._icon.calls]
    assert names == ["icon", "title", "menu", *([] if early else ["visible"]), "icon"]


def test_the_icon_shows_notifications_and_does_not_keep_windows_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    menus = SimpleNamespace(Menu=lambda *items: list(items), MenuItem=lambda text, act, **kw: text)
    module = SimpleNamespace(Icon=FakePystrayIcon)
    monkeypatch.setattr(backend_native, "load_pystray", lambda name: (menus, module))
    native = backend_native.NativeBackend("win32", lambda action: None, backend_native.call_here)
    # WM_QUERYENDSESSION: pystray's own answer to what it does not know is 0, which forbids a log-off.
    assert native._icon._message_handlers[0x11](0, 0) == 1
    # A menu that is replaced while it is open is a white space, and answers no click.
    native.show(Face(State.PROTECTING, "tip", ()))
    drawn = ["icon", "title", "menu"]

    def while_the_menu_is_open() -> None:
        native.show(Face(State.SUSPICIOUS, "another", (Row("Trust: 20"),)))
        assert [name for name, _ in native._icon.calls] == [*drawn, "icon", "title"]

    native._icon.while_open = while_the_menu_is_open
    native._icon._message_handlers[0x40B](0, 0x205)
    assert [name for name, _ in native._icon.calls] == [*drawn, *drawn]
    with pytest.raises(OSError, match="no icon"):
        native.notify("title", "text")
    done: list[bool] = []

    def while_it_runs() -> None:
        native.notify("title", "text")
        done.append(True)
        native.stop()

    threading.Timer(0.2, while_it_runs).start()
    native.run(Face(State.PROTECTING, "tip", ()))
    assert done
    assert ("notify", ("text", "title")) in native._icon.calls
