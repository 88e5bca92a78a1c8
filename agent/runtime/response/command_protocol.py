"""Command protocol: requests of the `steadyhand` command to the running agent, one JSON object each way. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.files.decode import Fields, decode_json
from agent.runtime.status.snapshot import Command

MOST_BYTES: Final = 1024
FORM: Final = 1


class Request(Enum):
    """What may be asked for; the value is the word of the command line."""

    WAS_ME = "was-me"
    PAUSE = "pause"
    RESUME = "resume"
    ENROL = "enrol"
    DRILL = "drill"
    ENROL_ANEW = "enrol-anew"


COMMANDS: Final = {
    Request.WAS_ME: Command.IT_WAS_ME,
    Request.PAUSE: Command.PAUSE,
    Request.RESUME: Command.RESUME,
    Request.ENROL: Command.ENROL,
    Request.DRILL: Command.DRILL,
    Request.ENROL_ANEW: Command.ENROL_ANEW,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request.

    Attributes
    ----------
    done : bool
    message : str
        One sentence for the person who asked.
    """

    done: bool
    message: str


def encode_request(request: Request) -> bytes:
    """One request as a line."""
    return json.dumps({"form": FORM, "command": request.value}).encode() + b"\n"


def decode_request(line: bytes) -> Request:
    """Read what `encode_request` wrote.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    fields = Fields.of(decode_json(line, MOST_BYTES, 2), required=("form", "command"), optional=())
    fields.integer("form", FORM, FORM)
    return fields.choice("command", Request)


def encode_reply(reply: Reply) -> bytes:
    """One reply as a line."""
    return json.dumps({"form": FORM, "done": reply.done, "message": reply.message}).encode() + b"\n"


def decode_reply(line: bytes) -> Reply:
    """Read what `encode_reply` wrote.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    fields = Fields.of(decode_json(line, MOST_BYTES, 2), required=("form", "done", "message"), optional=())
    fields.integer("form", FORM, FORM)
    return Reply(fields.boolean("done"), fields.text("message", most=400))
