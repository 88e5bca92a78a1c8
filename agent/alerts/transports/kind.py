"""Transport kind: what the registry holds of each transport, and what a transport is built with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.alerts.alert import Alert
from agent.alerts.api import Record, Transport
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a transport may take.

    Attributes
    ----------
    step_s : float
        Connect, handshake, one write or one read.
    whole_s : float
        One request; also, for those that send record by record, after which a batch ends with what has arrived.
    """

    step_s: float = 10.0
    whole_s: float = 30.0


_DEADLINES: Final = Deadlines()


@dataclass(frozen=True, slots=True)
class RelayServices:
    """What the relay alone gives its transports.

    Attributes
    ----------
    state_dir : Path
        A private folder.
    raise_alert : callable
        Takes an alert of the relay's own; from a delivery thread. Raises OSError where it is not on disk: the records
        that it is about must then be sent again.
    playbooks : str
        Folder of the playbooks; empty to name their pages alone.
    """

    state_dir: Path
    raise_alert: Callable[[Alert], None]
    playbooks: str = ""


class TransportContext:
    """What all transports share: the product that sends, the wall clock, and TLS contexts of the same files.

    Parameters
    ----------
    product : Product
    wall : callable, optional
        Unix ns.
    deadlines : Deadlines, optional
    relay : RelayServices, optional
        In the relay's process alone.
    """

    def __init__(
        self,
        product: Product,
        wall: Callable[[], int] = time.time_ns,
        deadlines: Deadlines = _DEADLINES,
        relay: RelayServices | None = None,
    ) -> None:
        self.product = product
        self.deadlines = deadlines
        self.wall = wall
        self.relay = relay
        self._tls: dict[TlsFiles, TlsContext] = {}

    def to_event(self, record: Record) -> dict[str, Any]:
        """A record as an OCSF event."""
        return to_ocsf(record, self.product)

    def tls(self, files: TlsFiles) -> TlsContext:
        """The TLS context of these files: one for all transports, since a list of authorities takes megabytes."""
        return self._tls.setdefault(files, TlsContext(files))


@dataclass(frozen=True, slots=True)
class TransportKind:
    """One kind of transport.

    Attributes
    ----------
    settings : type
        A frozen dataclass of fields made by `agent.files.options.setting`, named as the keys of ``[alerts]``.
        What several kinds share is inherited.
    build : callable
        ``build(settings, context)`` gives the transport. Must not open files or connections.
    switch : str
        The key that asks for a transport of this kind where it is not empty or false.
    single : bool
        True where a computer can have one of the kind only: ``alerts.more`` does not take it.
    relay_only : bool
        True where the agent never sends by it, only the relay does.
    """

    settings: type
    build: Callable[[Any, TransportContext], Transport]
    switch: str
    single: bool = False
    relay_only: bool = False

    def is_wanted(self, settings: object) -> bool:
        """Whether `settings`, of the kind's own class, ask for a transport."""
        return bool(getattr(settings, self.switch))
