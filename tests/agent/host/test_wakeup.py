"""What ends another thread's sleep."""

from __future__ import annotations

import select
import threading

from agent.host.wakeup import Wakeup


def is_readable(wakeup: Wakeup) -> bool:
    return bool(select.select([wakeup], [], [], 0)[0])


def test_it_sleeps_until_it_is_woken_and_again_after_it_was_drained() -> None:
    wakeup = Wakeup()
    assert not is_readable(wakeup)
    wakeup.wake()
    wakeup.wake()
    assert is_readable(wakeup)
    assert wakeup.drain()
    assert not is_readable(wakeup)
    assert wakeup.drain()  # nothing waits, and it does not block
    wakeup.close()


def test_a_stop_is_for_good_also_behind_what_was_not_drained() -> None:
    wakeup = Wakeup()
    wakeup.wake()
    wakeup.stop()
    assert wakeup.drain()
    assert not wakeup.drain()
    assert is_readable(wakeup)
    wakeup.close()


def test_nobody_is_held_up_by_a_sleeper_that_never_drains_or_has_gone() -> None:
    wakeup = Wakeup()
    for _ in range(100_000):
        wakeup.wake()
    assert wakeup.drain()
    wakeup.close()
    wakeup.wake()
    wakeup.stop()


def test_a_thread_is_woken() -> None:
    wakeup, woken = Wakeup(), []

    def sleep() -> None:
        while wakeup in select.select([wakeup], [], [], 10)[0]:
            woken.append(wakeup.drain())
            if not woken[-1]:
                return

    thread = threading.Thread(target=sleep)
    thread.start()
    wakeup.wake()
    wakeup.stop()
    thread.join(10)
    assert woken[-1] is False
    wakeup.close()
