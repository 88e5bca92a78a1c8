"""Protocol of those who listen to the mouse service: what they say to it, one JSON object a packet. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.files.decode import Fields, decode_json

FORM: Final = 1
MOST_MESSAGE: Final = 256
_MOST_JUDGED: Final = 1 << 62


class Wish(Enum):
    """What a client asks for with its first packet: all movement, or only who is there."""

    MOVEMENT = "movement"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True)
class ListenerReport:
    """What the agent says of itself, every few seconds while the mouse moves.

    Attributes
    ----------
    judged : int
        Reports with movement that its worker has taken since it connected.
    locked : bool
        True while it has seen the screen locked: nothing is handed on then.
    """

    judged: int
    locked: bool


def encode_wish(wish: Wish) -> bytes:
    """The bytes of a client's first packet."""
    return json.dumps({"form": FORM, "wish": wish.value}).encode()


def decode_wish(raw: bytes) -> Wish:
    """A client's first packet.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    fields = Fields.of(decode_json(raw, MOST_MESSAGE), required=("form", "wish"), optional=())
    fields.integer("form", FORM, FORM)
    return fields.choice("wish", Wish)


def encode_report(report: ListenerReport) -> bytes:
    """The bytes of what the agent says."""
    return json.dumps({"judged": report.judged, "locked": report.locked}).encode()


def decode_report(raw: bytes) -> ListenerReport:
    """What a listener says.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    fields = Fields.of(decode_json(raw, MOST_MESSAGE), required=("judged", "locked"), optional=())
    return ListenerReport(fields.integer("judged", 0, _MOST_JUDGED), fields.boolean("locked"))
