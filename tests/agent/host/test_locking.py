"""The lock's verification, with scripted lockers, screen and clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from agent.host.api import LockReport, LockResult
from agent.host.locker import Locker, LockerError, NoScreen, ScreenGone, ScreenView
from agent.host.locking import CheckedLock

PID = 4711


class World:
    """A screen and a session whose state is a function of the time since a locker fired."""

    visible = True

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.held = False
        self.covering: frozenset[int] = frozenset()
        self.known = True
        self.says: bool | None = None
        self.dismissed = 0
        self.later: list[tuple[int, Callable[[], None]]] = []

    def after(self, ms: int, change: Callable[[], None]) -> None:
        self.later.append((self.clock() + ms * 1_000_000, change))

    def cover(self) -> None:
        self.covering, self.held = frozenset({PID}), True

    def _pass(self) -> None:
        due = [entry for entry in self.later if entry[0] <= self.clock()]
        self.later = [entry for entry in self.later if entry not in due]
        for _, change in due:
            change()

    def grabbed(self) -> bool:
        self._pass()
        return self.held

    def covered_by(self) -> frozenset[int]:
        self._pass()
        return self.covering

    def is_locker(self, pid: int) -> bool:
        return self.known and pid == PID

    def dismiss(self) -> None:
        self.dismissed += 1


class FakeLocker:
    """A locker that does what a test says when it is fired."""

    def __init__(
        self,
        name: str,
        fires: Callable[[], None] = lambda: None,
        *,
        missing: str = "",
        tells: bool = False,
        takes: bool = False,
        says: Callable[[], bool | None] = lambda: None,
    ) -> None:
        self.name, self.tells, self.takes = name, tells, takes
        self._fires, self._missing, self._says = fires, missing, says
        self.fired = 0
        self.withdrawn = 0
        self.death = ""

    def missing(self) -> str:
        return self._missing

    def fire(self) -> None:
        self.fired += 1
        self._fires()

    def died(self) -> str:
        return self.death

    def says_locked(self) -> bool | None:
        return self._says()

    def withdraw(self) -> None:
        self.withdrawn += 1


@pytest.fixture
def world(clock: Any) -> World:
    return World(clock)


def lock(world: World, *lockers: Locker, screen: ScreenView | None = None) -> LockReport:
    return checked(world, *lockers, screen=screen).lock()


def checked(world: World, *lockers: Locker, screen: ScreenView | None = None) -> CheckedLock:
    @contextmanager
    def opened() -> Iterator[ScreenView]:
        yield screen or world

    return CheckedLock(lockers, opened, lambda: world.says, world.clock, world.clock.sleep)


def test_a_fresh_grab_with_a_covering_locker_is_a_lock(world: World) -> None:
    locker = FakeLocker("i3lock", lambda: world.after(100, world.cover))
    began_ns = world.clock()
    report = lock(world, locker)
    assert report.result is LockResult.LOCKED
    assert report.locker == "i3lock"
    assert 100e6 <= report.seen_ns - began_ns <= 200e6
    assert report.tried == (f"i3lock: locked, seen after {(report.seen_ns - began_ns) / 1e6:.0f} ms",)
    assert locker.withdrawn == 0


def test_a_program_that_covers_and_grabs_is_no_locker(world: World) -> None:
    world.known = False
    report = lock(world, FakeLocker("i3lock", world.cover))
    assert report.result is LockResult.FAILED
    assert "no known locker covers the screen" in report.tried[0]


def test_the_compositors_word_without_a_grab_is_not_enough(world: World) -> None:
    report = lock(world, FakeLocker("gnome", lambda: setattr(world, "says", True), tells=True))
    assert report.result is LockResult.FAILED
    assert "mouse and keyboard are not held" in report.tried[0]


def test_a_cover_without_a_grab_is_not_enough(world: World) -> None:
    def cover() -> None:
        world.covering = frozenset({PID})

    locker = FakeLocker("i3lock", cover)
    report = lock(world, locker)
    assert report.result is LockResult.FAILED
    assert locker.withdrawn == 1


def test_a_desktop_that_draws_its_own_lock_screen_needs_word_and_grab(world: World) -> None:
    def shell() -> None:
        world.held, world.says = True, True

    assert lock(world, FakeLocker("gnome", shell, tells=True)).result is LockResult.LOCKED


def test_a_lockers_own_word_counts_for_nothing_where_the_screen_can_be_seen(world: World) -> None:
    asked = FakeLocker("gnome", lambda: setattr(world, "held", True), tells=True, says=lambda: True)
    report = lock(world, asked)
    assert report.result is LockResult.FAILED
    assert "no window covers the screen" in report.tried[0]


def test_a_locker_that_never_tells_the_session_is_believed_by_its_name(world: World) -> None:
    assert lock(world, FakeLocker("logind", world.cover, tells=True)).result is LockResult.LOCKED


def test_a_grab_that_was_there_before_blocks_every_locker(world: World) -> None:
    world.held = True
    lockers = [FakeLocker("i3lock", world.cover), FakeLocker("xsecurelock", world.cover)]
    report = lock(world, *lockers)
    assert report.result is LockResult.BLOCKED
    assert [locker.fired for locker in lockers] == [0, 0]
    assert len(report.tried) == 2
    assert world.dismissed == 1


def test_a_locker_that_can_take_the_screen_is_tried_all_the_same(world: World) -> None:
    world.held = True
    polite, strong = FakeLocker("i3lock", world.cover), FakeLocker("xsecurelock", world.cover, takes=True)
    report = lock(world, polite, strong)
    assert (report.result, report.locker) == (LockResult.LOCKED, "xsecurelock")
    assert polite.fired == 0


def test_a_locker_that_could_not_take_the_screen_covers_nothing_and_has_failed(world: World) -> None:
    world.held = True
    report = lock(world, FakeLocker("xsecurelock", takes=True))
    assert report.result is LockResult.FAILED
    assert "no window covers the screen" in report.tried[0]


def test_a_grab_that_ends_in_time_is_waited_for(world: World) -> None:
    world.held = True
    world.after(400, lambda: setattr(world, "held", False))
    assert lock(world, FakeLocker("i3lock", world.cover)).result is LockResult.LOCKED


def test_a_locker_seen_for_a_moment_and_then_dead_is_a_failure(world: World) -> None:
    locker = FakeLocker("i3lock", world.cover)
    world.after(20, lambda: setattr(locker, "death", "ended at once with exit code 1"))
    second = FakeLocker("xsecurelock", world.cover)
    world.after(20, lambda: setattr(world, "held", False))
    report = lock(world, locker, second)
    assert report.tried[0] == "i3lock: ended at once with exit code 1"
    assert report.locker == "xsecurelock"


def test_the_next_one_is_tried_until_one_works_and_the_rest_is_not(world: World) -> None:
    def refuse() -> None:
        raise LockerError("refused: policy")

    absent = FakeLocker("logind", missing="logind is not running")
    unused = FakeLocker("xsecurelock")
    report = lock(world, absent, FakeLocker("gnome", refuse), FakeLocker("i3lock", world.cover), unused)
    assert report.result is LockResult.LOCKED
    assert report.tried[0] == "logind: not available: logind is not running"
    assert report.tried[1] == "gnome: refused: policy"
    assert report.tried[2].startswith("i3lock: locked, seen after")
    assert unused.fired == 0


@pytest.mark.parametrize("ms", [100, 400, 650])
def test_a_lock_that_is_lost_right_after_was_none(world: World, ms: int) -> None:
    def uncover() -> None:
        world.covering, world.held = frozenset(), False

    def cover() -> None:
        world.cover()
        world.after(ms, uncover)

    report = lock(world, FakeLocker("i3lock", cover))
    assert (report.result, report.seen_ns) == (LockResult.FAILED, 0)
    assert "was lost after" in report.tried[0]


def test_a_screen_that_is_locked_already_is_asked_for_a_lock_all_the_same(world: World) -> None:
    world.cover()
    asked, started = FakeLocker("logind", tells=True), FakeLocker("i3lock")
    report = lock(world, asked, started)
    assert (report.result, report.tried) == (LockResult.LOCKED, ("the screen was locked already",))
    assert (asked.fired, started.fired) == (1, 0)


def test_a_lock_that_was_there_and_goes_is_made_anew(world: World) -> None:
    world.cover()

    def vanish() -> None:
        world.covering, world.held = frozenset(), False

    again = FakeLocker("i3lock", world.cover)
    report = lock(world, FakeLocker("logind", vanish, tells=True), again)
    assert (report.result, report.locker) == (LockResult.LOCKED, "i3lock")


def test_it_gives_up_on_a_locker_after_three_seconds(world: World) -> None:
    began_ns = world.clock()
    report = lock(world, FakeLocker("i3lock"))
    assert report.result is LockResult.FAILED
    assert report.seen_ns == 0
    assert 3.0 <= (world.clock() - began_ns) / 1e9 <= 3.1


def test_a_locker_that_holds_the_screen_is_left_there(world: World) -> None:
    world.known = False
    locker = FakeLocker("i3lock", world.cover)
    assert lock(world, locker).result is LockResult.FAILED
    assert locker.withdrawn == 0


def test_without_any_locker_nothing_is_available(world: World) -> None:
    report = lock(world, FakeLocker("i3lock", missing="i3lock is not installed"))
    assert report.result is LockResult.UNAVAILABLE
    assert "install i3lock" in report.tried[-1]


def test_where_nothing_can_be_seen_the_word_of_system_or_locker_decides(world: World) -> None:
    said: dict[str, bool] = {}
    tells = FakeLocker("gnome", lambda: said.update(locked=True), tells=True, says=lambda: said.get("locked"))
    assert lock(world, tells, screen=NoScreen()).result is LockResult.LOCKED
    silent = FakeLocker("i3lock")
    report = lock(world, silent, screen=NoScreen())
    assert report.result is LockResult.FAILED
    assert "no lock screen is shown" in report.tried[0]


@pytest.mark.parametrize(
    ("says", "cover", "held", "locked"),
    [
        (None, False, False, False),
        (None, False, True, False),
        (None, True, True, True),
        (None, True, False, False),
        (True, False, True, True),
        (True, False, False, False),
        (False, True, True, True),
    ],
)
def test_what_counts_as_locked_now(
    world: World, says: bool | None, cover: bool, held: bool, locked: bool
) -> None:
    world.says, world.held = says, held
    world.covering = frozenset({PID}) if cover else frozenset()
    assert checked(world).is_locked() is locked


@pytest.mark.parametrize("says", [True, False, None])
def test_without_a_screen_to_look_at_the_session_is_asked(world: World, says: bool | None) -> None:
    world.says = says
    assert checked(world, screen=NoScreen()).is_locked() is says


def test_a_display_that_goes_away_is_a_failed_lock(world: World) -> None:
    def vanish() -> None:
        raise ScreenGone("the X server has gone")

    report = lock(world, FakeLocker("gnome", missing="absent"), FakeLocker("i3lock", vanish))
    assert report.result is LockResult.FAILED
    assert report.tried == ("gnome: not available: absent", "the X server has gone")
    assert (report.locker, report.seen_ns) == ("", 0)


def test_only_lockers_that_can_be_used_are_named(world: World) -> None:
    assert checked(world, FakeLocker("a", missing="x"), FakeLocker("b")).names() == ("b",)


def uncover(world: World) -> None:
    world.covering, world.held = frozenset(), False


def test_a_lock_is_seen_twice_before_it_counts_as_seen(world: World) -> None:
    began_ns = world.clock()
    report = lock(world, FakeLocker("i3lock", world.cover))
    # Looks are 30 ms apart: the first at once, the second is the one that counts.
    assert report.seen_ns - began_ns == 30_000_000
    assert world.clock() - began_ns == pytest.approx(30e6 + 700e6, abs=30e6)


def test_two_looks_count_only_one_after_the_other(world: World) -> None:
    def flicker() -> None:
        world.cover()
        world.after(15, lambda: uncover(world))
        world.after(45, world.cover)

    began_ns = world.clock()
    report = lock(world, FakeLocker("i3lock", flicker))
    assert report.result is LockResult.LOCKED
    assert report.seen_ns - began_ns == 90_000_000


def test_a_screen_that_looks_locked_for_a_moment_is_locked_anew(world: World) -> None:
    world.cover()
    world.after(15, lambda: uncover(world))
    asked, started = FakeLocker("logind", tells=True), FakeLocker("i3lock", world.cover)
    report = lock(world, asked, started)
    assert report.result is LockResult.LOCKED
    assert report.locker == "i3lock"
    assert "the screen was locked already" not in report.tried
    assert started.fired == 1


def test_a_holder_is_waited_for_a_second_and_no_longer(world: World) -> None:
    world.held = True
    began_ns = world.clock()
    assert lock(world, FakeLocker("i3lock")).result is LockResult.BLOCKED
    assert world.clock() - began_ns == pytest.approx(1e9, abs=31e6)
    assert world.dismissed == 1


def test_a_free_screen_is_not_waited_for(world: World) -> None:
    began_ns = world.clock()
    lock(world, FakeLocker("i3lock", world.cover))
    assert world.dismissed == 0
    assert world.clock() - began_ns < 1e9


def test_what_was_tried_says_how_long_it_took(world: World) -> None:
    def brief() -> None:
        world.cover()
        world.after(100, lambda: uncover(world))

    report = lock(world, FakeLocker("never"), FakeLocker("brief", brief))
    assert report.tried == (
        "never: took the request, but after 3000 ms no window covers the screen",
        "brief: locked, and was lost after 120 ms: no window covers the screen",
    )
    assert report.locker == "brief"


def test_a_locker_that_refuses_while_it_is_asked_again_is_reported(world: World) -> None:
    def refuse() -> None:
        raise LockerError("refused: policy")

    world.cover()
    absent = FakeLocker("absent", tells=True, missing="not there")
    report = lock(world, FakeLocker("logind", refuse, tells=True), absent)
    assert report.result is LockResult.LOCKED
    assert report.tried == ("the screen was locked already", "logind: refused: policy")
    assert (report.locker, report.seen_ns, absent.fired) == ("", world.clock(), 0)


def test_unavailable_lockers_say_what_to_install(world: World) -> None:
    report = lock(world, FakeLocker("i3lock", missing="i3lock is not installed"))
    assert report.tried == (
        "i3lock: not available: i3lock is not installed",
        "no locker can be used: install i3lock or xsecurelock, or set response.lockers",
    )
    assert (report.locker, report.seen_ns) == ("", 0)


def test_blocked_is_said_for_each_locker(world: World) -> None:
    world.held = True
    report = lock(world, FakeLocker("i3lock"))
    assert report.tried == ("i3lock: blocked: another program holds the mouse or keyboard (an open menu?)",)
    assert (report.locker, report.seen_ns) == ("i3lock", 0)


def test_a_screen_that_is_gone_says_nothing_of_the_lock(world: World) -> None:
    @contextmanager
    def gone() -> Iterator[ScreenView]:
        raise ScreenGone("the X server has gone")
        yield world

    assert CheckedLock((), gone, lambda: True).is_locked() is None


@pytest.mark.parametrize(
    ("shown", "words", "locked"),
    [
        (None, (None, True), True),
        (False, (None, False), False),
        (None, (None, None), None),
        (False, (True,), True),
    ],
)
def test_without_a_screen_any_word_counts(
    world: World, shown: bool | None, words: tuple[bool | None, ...], locked: bool | None
) -> None:
    world.says = shown
    lockers = [FakeLocker(f"l{i}", says=lambda word=word: word) for i, word in enumerate(words)]
    assert checked(world, *lockers, screen=NoScreen()).is_locked() is locked


@pytest.mark.parametrize(("silent", "result"), [(2, LockResult.LOCKED), (3, LockResult.FAILED)])
def test_a_late_answer_is_no_lost_lock_and_silence_is(world: World, silent: int, result: LockResult) -> None:
    words = iter([False, False, False, True, True, True, *[None] * silent])

    class Shell(FakeLocker):
        def says_locked(self) -> bool | None:
            return None

    def shown() -> bool | None:
        return next(words, True if silent < 3 else None)

    @contextmanager
    def opened() -> Iterator[ScreenView]:
        yield NoScreen()

    lock = CheckedLock([Shell("gnome", tells=True)], opened, shown, world.clock, world.clock.sleep)
    assert lock.lock().result is result


def test_where_nothing_can_be_seen_those_that_can_be_believed_are_tried_first(world: World) -> None:
    asked, started = FakeLocker("logind", tells=True), FakeLocker("swaylock", says=lambda: started.fired > 0)
    report = lock(world, asked, started, screen=NoScreen())
    assert (report.result, report.locker, asked.fired) == (LockResult.LOCKED, "swaylock", 0)


@pytest.mark.parametrize(("says", "names"), [(None, ("swaylock",)), (False, ("logind", "swaylock"))])
def test_who_is_only_asked_is_not_named_where_nothing_can_be_seen(
    world: World, says: bool | None, names: tuple[str, ...]
) -> None:
    world.says = says
    lockers = (FakeLocker("logind", tells=True), FakeLocker("swaylock"))
    assert checked(world, *lockers, screen=NoScreen()).names() == names
    assert checked(world, *lockers).names() == ("logind", "swaylock")
