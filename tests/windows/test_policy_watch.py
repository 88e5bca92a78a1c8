"""Changes of the policy in the real registry: heard within two seconds, in whatever order the key comes and goes."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agent.host.windows.policy_watch import PolicyWatch

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

KEY = r"SOFTWARE\Policies\Steadyhand"
WITHIN_S = 2.0


class Registry:
    """The policy's key, as Group Policy writes it."""

    def __init__(self) -> None:
        self._winreg: Any = importlib.import_module("winreg")
        self.rights = self._winreg.KEY_ALL_ACCESS | self._winreg.KEY_WOW64_64KEY

    def write(self, section: str, name: str, number: int) -> None:
        registry = self._winreg
        with registry.CreateKeyEx(registry.HKEY_LOCAL_MACHINE, rf"{KEY}\{section}", 0, self.rights) as key:
            registry.SetValueEx(key, name, 0, registry.REG_DWORD, number)

    def remove(self) -> None:
        for key in (rf"{KEY}\alerts", rf"{KEY}\response", KEY):
            try:
                self._winreg.DeleteKeyEx(
                    self._winreg.HKEY_LOCAL_MACHINE, key, self._winreg.KEY_WOW64_64KEY, 0
                )
            except FileNotFoundError:
                continue


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    made.remove()
    yield made
    made.remove()


class Listener:
    """Waits for calls."""

    def __init__(self) -> None:
        self._called = threading.Semaphore(0)

    def call(self) -> None:
        self._called.release()

    def heard(self, within_s: float = WITHIN_S) -> bool:
        return self._called.acquire(timeout=within_s)

    def drain(self) -> None:
        while self.heard(0.7):
            pass


def test_every_change_is_heard_also_of_a_key_that_comes_goes_and_comes_again(registry: Registry) -> None:
    listener = Listener()
    watch = PolicyWatch(listener.call)
    watch.start()
    time.sleep(0.3)
    assert not listener.heard(0.5), "nothing has changed"
    registry.write("alerts", "eventlog", 1)
    assert listener.heard(), "the key is new"
    listener.drain()
    registry.write("alerts", "eventlog", 0)
    assert listener.heard(), "a value has changed"
    listener.drain()
    registry.remove()
    assert listener.heard(), "the key has gone"
    listener.drain()
    registry.write("response", "enabled", 1)
    assert listener.heard(), "the key is there again"
    listener.drain()
    registry.write("response", "enabled", 0)
    assert listener.heard(), "and is watched again"
    before = watch.changes
    watch.stop()
    registry.write("response", "enabled", 1)
    time.sleep(0.5)
    assert watch.changes == before


def test_a_policy_of_many_values_is_read_few_times(registry: Registry) -> None:
    registry.write("alerts", "eventlog", 1)
    listener = Listener()
    watch = PolicyWatch(listener.call)
    watch.start()
    time.sleep(0.3)
    for number in range(100):
        registry.write("response", f"value{number}", number)
    assert listener.heard()
    listener.drain()
    watch.stop()
    assert watch.changes <= 10
