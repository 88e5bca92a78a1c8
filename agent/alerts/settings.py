"""Alert settings: the section `[alerts]`, put together from its own keys and those of every registered transport."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from agent.alerts.transports.kind import TransportKind
from agent.alerts.transports.registry import transport_kinds
from agent.files.options import ADDRESS, Option, options_of, setting

SECTION: Final = "alerts"


def _default_transports() -> tuple[Any, ...]:
    return tuple(kind.settings() for kind in transport_kinds().values())


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts go. The JSON-lines file is always written.

    Attributes
    ----------
    transports : tuple
        The settings of each registered transport, in the order of the registry; in files their keys stand directly
        in ``[alerts]``.
    """

    heartbeat_rate: bool = setting(
        False,
        "the heartbeat also tells what follows the use of the mouse minute by minute: events a second, processor "
        "share and state",
    )
    outbox_most_mb: float = setting(20.0, "megabytes of waiting alerts that are kept", least=1.0, most=1000.0)
    playbook_url: str = setting(
        "",
        "folder of the playbooks that alerts link to (docs/playbooks); empty to name the page alone",
        **ADDRESS,
    )
    transports: tuple[Any, ...] = field(default_factory=_default_transports)
    more: tuple[str, ...] = setting(
        (),
        "further destinations, also of the same kind: a name and key=value of the keys above in each text, such as "
        "second syslog_host=siem2.example",
    )

    def wanted(self) -> Iterator[tuple[TransportKind, Any]]:
        """Each transport that is asked for, with its settings, in the order of the registry."""
        for kind, settings in zip(transport_kinds().values(), self.transports, strict=True):
            if kind.is_wanted(settings):
                yield kind, settings

    def setting(self, name: str) -> Any:
        """The setting under a key of ``[alerts]``."""
        holders = (self, *self.transports)
        return next(getattr(holder, name) for holder in holders if hasattr(holder, name))


def alert_settings(**by_name: Any) -> AlertSettings:
    """Alert settings from keys of ``[alerts]``; a key that is not among them keeps its default.

    Raises
    ------
    TypeError
        If a key is unknown.
    """
    if unknown := by_name.keys() - {option.name for option in alert_options()}:
        raise TypeError(f"{SECTION} has no setting {min(unknown)}")
    own = {option.name for option in options_of(SECTION, AlertSettings)}
    return AlertSettings(
        transports=tuple(transport_settings(kind, by_name) for kind in transport_kinds().values()),
        **{name: by_name[name] for name in own & by_name.keys()},
    )


def transport_settings(kind: TransportKind, by_name: dict[str, Any]) -> Any:
    """A kind's settings from those of the keys that are its own."""
    names = {declared.name for declared in dataclasses.fields(kind.settings)}
    return kind.settings(**{name: by_name[name] for name in names & by_name.keys()})


def alert_options() -> tuple[Option, ...]:
    """Every key of ``[alerts]``: its own, those of each transport, those that several transports share, ``more``."""
    *first, last = options_of(SECTION, AlertSettings)
    options = [option for kind in transport_kinds().values() for option in options_of(SECTION, kind.settings)]
    names = [option.name for option in options]
    of_one = [option for option in options if names.count(option.name) == 1]
    shared = {option.name: option for option in options if names.count(option.name) > 1}
    return (*first, *of_one, *shared.values(), last)
