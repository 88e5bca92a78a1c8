"""Hash chain: links alerts so that a receiver notices a missing or edited one. Pure.

Each alert's ``detail["chain"]`` holds the chain's id, its number, the hash of the alert before it and its own.
Nothing is secret: whoever owns the agent's files can begin a new chain, or go on with a false one, but not
change or take out what a receiver already has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.alerts.alert import Alert
from agent.alerts.wire import MOST_ALERT_BYTES, MOST_LIST_ITEMS, plain, shortened

CHAIN: Final = "chain"
BEGINNING: Final = "0" * 64
LINK_BYTES: Final = 256
"""What a link adds to an alert, at most."""
_MS_NS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain stands.

    Attributes
    ----------
    chain : str
        UUID of the chain.
    number : int
        Of the last alert; 0 before the first.
    hash : str
        Of the last alert, in hexadecimal; `BEGINNING` before the first.
    """

    chain: str
    number: int = 0
    hash: str = BEGINNING


def sealed(alert: Alert, after: Link) -> tuple[Alert, Link]:
    """`alert` as the next of the chain, cut to what the wire takes, and where the chain then stands."""
    brief = shortened(alert, MOST_ALERT_BYTES - LINK_BYTES)
    number = after.number + 1
    content = {
        "record": brief.record_id,
        "finding": brief.finding_id,
        "kind": brief.kind.value,
        "time_ms": brief.time_unix_ns // _MS_NS,
        "severity": int(brief.severity),
        "user": brief.user,
        "host": brief.host,
        "message": brief.message,
        "reasons": list(brief.reasons[:MOST_LIST_ITEMS]),
        "detail": dict(brief.detail),
    }
    link = Link(after.chain, number, link_hash(content, after.chain, number, after.hash))
    shown = {"id": link.chain, "number": number, "previous": after.hash, "hash": link.hash}
    return replace(brief, detail={**brief.detail, CHAIN: shown}), link


def link_hash(content: Mapping[str, Any], chain: str, number: int, previous: str) -> str:
    """SHA-256 of one alert's content and its place in the chain.

    Parameters
    ----------
    content : mapping
        ``record finding kind time_ms severity user host message reasons detail``.
    chain : str
    number : int
    previous : str
        Hash of the alert before it.
    """
    whole = plain({**content, CHAIN: [chain, number, previous]})
    canonical_json = json.dumps(whole, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical_json.encode()).hexdigest()
