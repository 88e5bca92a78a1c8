"""logind and the desktops' screen savers, over a scripted bus."""

from __future__ import annotations

from typing import Any

import pytest

from agent.config.schema import LOCKERS
from agent.engine.errors import SteadyhandError
from agent.host.linux.bus import BusError
from agent.host.linux.lock import linux_lock
from agent.host.linux.lockers.dbus import FREEDESKTOP, GNOME, LogindLocker, ScreenSaverLocker
from agent.host.linux.logind import LogindSession
from agent.host.locker import LockerError

MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
SAVER = "org.gnome.ScreenSaver"


@pytest.fixture
def logind(bus: Any) -> Any:
    bus.present.add("org.freedesktop.login1")
    bus.answers[f"{MANAGER}.GetSession"] = ("/org/freedesktop/login1/session/_31",)
    return bus


def test_logind_is_asked_for_this_process_session_whatever_the_environment_says(logind: Any) -> None:
    logind.answers[f"{SESSION}.Lock"] = ()
    locker = LogindLocker(logind)
    assert locker.missing() == ""
    locker.fire()
    assert ("GetSession", ("auto",)) in logind.calls
    assert logind.calls[-1] == ("Lock", ())


def test_logind_finds_the_session_by_the_process(logind: Any) -> None:
    LogindSession(logind).find()
    assert logind.calls == [("GetSession", ("auto",))]


def test_logind_says_what_is_missing(bus: Any) -> None:
    locker = LogindLocker(bus)
    assert locker.missing() == "logind is not running"
    bus.present.add("org.freedesktop.login1")
    bus.answers[f"{MANAGER}.GetSession"] = BusError("NoSessionForPID")
    assert locker.missing() == "this process belongs to no logind session"
    assert locker.says_locked() is None
    with pytest.raises(LockerError, match="no logind session"):
        locker.fire()


def test_logind_refuses(logind: Any) -> None:
    logind.answers[f"{SESSION}.Lock"] = BusError("AccessDenied")
    with pytest.raises(LockerError, match="refused: AccessDenied"):
        LogindLocker(logind).fire()


def test_what_the_session_says_of_locks_is_not_the_lockers_word(logind: Any) -> None:
    assert LogindLocker(logind).says_locked() is None
    assert ScreenSaverLocker("gnome", (GNOME,), logind).says_locked() is None


def test_a_screen_saver_is_asked(bus: Any) -> None:
    bus.present.add(SAVER)
    bus.answers = {f"{SAVER}.Lock": ()}
    locker = ScreenSaverLocker("gnome", (GNOME,), bus)
    assert locker.missing() == ""
    locker.fire()
    assert bus.calls == [("Lock", ())]


def test_a_screen_saver_that_answers_only_when_unlocked_has_not_refused(bus: Any) -> None:
    bus.present.add(SAVER)
    bus.answers[f"{SAVER}.Lock"] = [BusError("no answer in time"), BusError("UnknownMethod")]
    locker = ScreenSaverLocker("gnome", (GNOME,), bus)
    locker.fire()
    with pytest.raises(LockerError, match="refused: UnknownMethod"):
        locker.fire()


def test_a_screen_saver_that_is_not_there(bus: Any) -> None:
    locker = ScreenSaverLocker("freedesktop", FREEDESKTOP, bus)
    assert locker.missing() == "nobody answers as org.freedesktop.ScreenSaver"
    assert locker.says_locked() is None
    with pytest.raises(LockerError, match="went away"):
        locker.fire()


def test_every_name_of_the_settings_is_known_and_no_other(bus: Any) -> None:
    linux_lock(LOCKERS, bus, lambda: None, {})
    with pytest.raises(SteadyhandError, match=r"response\.lockers: 'slock' is not known"):
        linux_lock(("i3lock", "slock"), bus, lambda: None, {})
