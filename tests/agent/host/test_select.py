"""Each system gets its own services, and imports no other's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.config.schema import LOCKERS
from agent.engine.events import Boundary
from agent.engine.mouse import MouseConfiguration
from agent.host.api import CannotSee, LockResult
from agent.host.ring import Ring
from agent.host.select import services

NOBODY = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
NO_BUS = Path("/nonexistent")


def refuse(*told: Any) -> None:
    raise AssertionError(told)


def test_an_unknown_system_has_nothing_and_says_so() -> None:
    host = services(LOCKERS, {}, "plan9")
    assert host.notes == ("Steadyhand does not know the operating system plan9",)
    source = host.pointer()
    with pytest.raises(CannotSee, match="plan9"):
        source.start(Ring())
    source.sync()
    source.stop()
    assert not source.is_alive()
    report = host.lock.lock()
    assert (report.result, report.seen_ns) == (LockResult.UNAVAILABLE, 0)
    assert "plan9" in report.tried[0]
    assert (host.lock.is_locked(), host.lock.names()) == (None, ())
    assert host.session.is_locked() is None
    assert host.idle.idle_ms() is None
    assert not host.reauthentication.available()
    assert not host.reauthentication.confirm("a test")
    assert not host.notifier.show("a", "b")
    assert host.mice.current() == MouseConfiguration(capture="none")
    host.mice.watch(refuse)
    host.session.start(refuse, refuse, refuse)
    for end in (host.mice.close, host.session.stop):
        end()


def test_a_linux_without_display_or_bus_says_what_is_missing() -> None:
    told: list[Boundary] = []
    host = services(("logind", "i3lock"), {**NOBODY, "PATH": ""}, "linux", system_bus=NO_BUS)
    assert any("the mouse cannot be seen: DISPLAY is not set" in note for note in host.notes)
    assert any("logind is not running" in note for note in host.notes)
    assert any("re-authentication is not available" in note for note in host.notes)
    with pytest.raises(CannotSee, match="DISPLAY"):
        host.pointer().start(Ring())
    report = host.lock.lock()
    assert report.result is LockResult.UNAVAILABLE
    assert report.tried[:2] == (
        "i3lock: not available: DISPLAY is not set",
        "logind: not available: logind is not running",
    )
    assert host.lock.is_locked() is None
    assert host.idle.idle_ms() is None
    host.session.start(told.append, refuse, refuse)
    host.session.stop()
    host.mice.watch(refuse)
    host.mice.close()
    assert told == []


@pytest.mark.parametrize(
    ("platform", "loaded"), [("linux", "linux"), ("plan9", "null"), ("win32", "windows"), ("darwin", "macos")]
)
def test_only_the_chosen_package_is_imported(platform: str, loaded: str) -> None:
    # The real tables of Windows and macOS cannot be made here; what was imported until then is what counts.
    code = (
        "import sys\n"
        "from agent.host.select import services\n"
        "try:\n"
        f"    services((), {NOBODY!r}, {platform!r})\n"
        "except (AttributeError, ImportError):\n"
        "    pass\n"
        "print(sorted({n.split('.')[2] for n in sys.modules if n.startswith('agent.host.')}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    packages = {"linux", "windows", "macos", "null"} & set(eval(done.stdout))
    assert packages - {"null"} == {loaded} - {"null"}
