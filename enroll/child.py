"""The training child: a request and recordings come in on one pipe, an unsigned profile goes out on the other.

The agent starts it as `steadyhand-enroll train-child`, so that scikit-learn never is in the agent's process. It signs
nothing and writes no file: the parent checks what it returns, and signs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from agent.engine.errors import SteadyhandError
from agent.engine.settings import Judgement
from agent.files.profile import PROFILE, pack_unsigned, unpack_unsigned
from agent.files.stream import read_stream
from enroll.sources import enrolment_of
from enroll.train import train
from enroll.transfer import transfer

_MOST_REQUEST: Final = 4096
_MEND: Final = "start it from an agent of the same version"


@dataclass(frozen=True, slots=True)
class Request:
    """What the parent asks for, as one line of JSON before the stream."""

    user: str
    sequence: int
    false_locks_per_40h: float
    false_alerts_per_40h: float
    profile_bytes: int = 0


def train_child(source: BinaryIO, out: BinaryIO) -> None:
    """Read a request and recordings, write an unsigned profile.

    Parameters
    ----------
    source : binary file
        One line of JSON (see `Request`), then so many bytes of another mouse's profile as it says, then frames as
        `agent.files.stream.write_stream` writes them.
    out : binary file
        Gets what `agent.files.profile.pack_unsigned` makes.

    Raises
    ------
    SteadyhandError
        If the request or the stream is malformed, or there is too little to learn from.
    """
    request = _request(source.readline(_MOST_REQUEST))
    carried = source.read(request.profile_bytes)
    origin = unpack_unsigned(carried, "the profile that was handed over") if carried else None
    try:
        enrolment = enrolment_of(read_stream(source), request.user)
    except ValueError as error:
        raise SteadyhandError(f"the recordings on standard input: {error}", _MEND) from error
    asked = Judgement(
        false_locks_per_40h=request.false_locks_per_40h, false_alerts_per_40h=request.false_alerts_per_40h
    )
    if origin is None:
        profile = train(enrolment.sessions, request.user, enrolment.mouse, asked, sequence=request.sequence)
    else:
        profile = transfer(
            origin, enrolment.mouse, sample=enrolment.sessions, asked=asked, sequence=request.sequence
        )
    out.write(pack_unsigned(profile))
    out.flush()


def _request(line: bytes) -> Request:
    try:
        told: Any = json.loads(line)
        request = Request(**told)
        if not isinstance(request.user, str) or type(request.sequence) is not int:
            raise ValueError("user is not a text or sequence not a number")
        if not (float(request.false_locks_per_40h) > 0 and float(request.false_alerts_per_40h) > 0):
            raise ValueError("a rate is not above 0")
        if type(request.profile_bytes) is not int or not 0 <= request.profile_bytes <= PROFILE.most_bytes:
            raise ValueError("profile_bytes is not a number that a profile can have")
    except (ValueError, TypeError) as error:
        raise SteadyhandError(f"the request on standard input is malformed ({error})", _MEND) from error
    return request
