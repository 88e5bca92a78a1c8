"""Vendors' daemons: asked within a time limit, and listened to."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from agent.host.linux.bus import SESSION, SYSTEM, Bus, BusError, BusOwner, Listening, Service
from agent.host.linux.openrazer import RAZER, razer_devices
from agent.host.linux.ratbag import RATBAG, SIGNALS, VendorDevice, ratbag_devices

# A daemon that takes longer than this for everything is not believed: the mouse must be described within 2 s.
_MOST_S: Final = 0.6

_log = logging.getLogger(__name__)


class Vendors:
    """ratbagd and openrazer.

    Parameters
    ----------
    bus : Bus, optional
        Without one, nobody is asked.
    on_news : callable
        Called from a thread of its own when a daemon signals, comes or goes.
    """

    def __init__(self, bus: Bus | None, on_news: Callable[[], None]) -> None:
        self._bus = bus
        self._on_news = on_news
        self._subscriptions: list[Listening] = []

    def devices(self) -> tuple[VendorDevice, ...]:
        """Everything that they say now. Blocks up to 2 s where a daemon hangs, usually some ms."""
        if self._bus is None:
            return ()
        return (*ratbag_devices(_Hurried(self._bus)), *razer_devices(_Hurried(self._bus)))

    def listen(self) -> None:
        """Have `on_news` called from now on. A bus that is not there is left alone."""
        if self._bus is None:
            return
        rules = {
            SYSTEM: [SIGNALS, _owner_changes(RATBAG)],
            SESSION: [{"path_namespace": RAZER.path}, _owner_changes(RAZER)],
        }
        for name, wanted in rules.items():
            try:
                self._subscriptions.append(self._bus.listen(name, wanted))
            except BusError as why:
                _log.info("vendors' daemons are not listened to: %s", why)
        for subscription in self._subscriptions:
            threading.Thread(
                target=self._hear, args=(subscription,), name="steadyhand-vendors", daemon=True
            ).start()

    def close(self) -> None:
        """Stop listening."""
        for subscription in self._subscriptions:
            subscription.close()

    def _hear(self, listening: Listening) -> None:
        try:
            for _ in listening.signals():
                self._on_news()
        except BusError as why:
            _log.info("vendors' daemons are no longer listened to: %s", why)


def _owner_changes(service: Service) -> dict[str, str]:
    return {"interface": "org.freedesktop.DBus", "member": "NameOwnerChanged", "arg0": service.name}


class _Hurried:
    """A bus whose calls together may take only so long."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._end_s = time.monotonic() + _MOST_S

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """See `Bus.call`."""
        self._hurry(to)
        return self._bus.call(to, method, signature, *body, timeout_s=timeout_s)

    def get(self, of: Service, name: str) -> Any:
        """See `Bus.get`."""
        self._hurry(of)
        return self._bus.get(of, name)

    def has(self, service: Service) -> bool:
        """See `Bus.has`."""
        return self._bus.has(service)

    def problem(self, bus: str) -> str:
        """See `Bus.problem`."""
        return self._bus.problem(bus)

    def owner(self, service: Service) -> BusOwner:
        """See `Bus.owner`."""
        return self._bus.owner(service)

    def listen(self, bus: str, rules: list[dict[str, str]]) -> Listening:
        """See `Bus.listen`."""
        return self._bus.listen(bus, rules)

    def _hurry(self, service: Service) -> None:
        if time.monotonic() > self._end_s:
            raise BusError(f"{service.name} answers too slowly")
