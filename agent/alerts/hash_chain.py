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
_MOST_CHAIN: Final = 64
BEGINNING: Final = "0" * 64
FORM: Final = 3
"""Of what is sealed. Links without one are of form 1, which left out the activity. Whoever changes how
`agent.alerts.ocsf` derives an event from an alert raises it: events of another form cannot be compared."""
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
    content = sealed_content(brief) | {"form": FORM}
    link = Link(after.chain, number, link_hash(content, after.chain, number, after.hash))
    shown = {"id": link.chain, "number": number, "previous": after.hash, "hash": link.hash, "form": FORM}
    return replace(brief, detail={**brief.detail, CHAIN: shown}), link


def sealed_content(alert: Alert) -> dict[str, Any]:
    """What a hash stands for: all that an alert says. What receivers are shown beside it follows from it."""
    return {
        "record": alert.record_id,
        "finding": alert.finding_id,
        "kind": alert.kind.value,
        "activity": int(alert.activity),
        "time_ms": alert.time_unix_ns // _MS_NS,
        "severity": int(alert.severity),
        "user": alert.user,
        "host": alert.host,
        "message": alert.message,
        "reasons": list(alert.reasons[:MOST_LIST_ITEMS]),
        "detail": dict(alert.detail),
    }


def link_hash(content: Mapping[str, Any], chain: str, number: int, previous: str) -> str:
    """SHA-256 of one alert's content and its place in the chain.

    Parameters
    ----------
    content : mapping
        See `sealed_content`; with ``form``, but for form 1.
    chain : str
    number : int
    previous : str
        Hash of the alert before it.
    """
    whole = plain({**content, CHAIN: [chain, number, previous]})
    canonical_json = json.dumps(whole, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical_json.encode()).hexdigest()


def chain_of(alert: Alert) -> str:
    """The chain that an agent's alert names; empty for none of an ordinary form."""
    link = alert.detail.get(CHAIN)
    chain = link.get("id") if isinstance(link, dict) else None
    return chain if isinstance(chain, str) and len(chain) <= _MOST_CHAIN else ""
