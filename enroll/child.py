"""Training child process: reads a request and recordings on standard input, writes an unsigned profile, or whether the
recordings suffice, to standard output.

The agent starts it as `steadyhand-enroll train-child`, so that scikit-learn never is in the agent's process. It signs
nothing and writes no file: the parent checks what it returns, and signs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.engine.profile import Profile
from agent.files.decode import Fields, decode_json
from agent.files.paths import Paths
from agent.files.profile import pack_unsigned, unpack_unsigned
from agent.files.stream import read_stream
from enroll.background.learning import NONE, NamedBackground, background_of
from enroll.edition import Edition
from enroll.likeness import OnFile
from enroll.sources.enrolment import EnrolmentData, enrolment_of
from enroll.sufficiency import expected, weigh
from enroll.train import train
from enroll.transfer import transfer

_MOST_REQUEST: Final = 4096
MOST_PROFILE_BYTES: Final = 64 << 20
_HANDED_OVER: Final = "the profile that was handed over"
_MEND: Final = "start it from an agent of the same version"


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What the parent asks for, as one line of JSON.

    Attributes
    ----------
    user : str
    sequence : int
    false_locks_per_40h, false_alerts_per_40h : float
    on_file : tuple of int
        Sizes in bytes of the unsigned profiles that follow the line, before the stream: what is compared with.
    transfer : bool
        True where the one that follows is another mouse's, to be carried over to the stream's.
    background : str
        As the setting ``enrolment.background`` names it.
    """

    user: str
    sequence: int
    false_locks_per_40h: float
    false_alerts_per_40h: float
    enough_error: float = 0.15
    weigh: bool = False
    on_file: tuple[int, ...] = ()
    transfer: bool = False
    background: str = NONE


def train_child(source: BinaryIO, out: BinaryIO, paths: Paths) -> None:
    """Read a request and recordings, write an unsigned profile, or, asked to weigh, a `Sufficiency` as JSON.

    Parameters
    ----------
    source : binary file
        One line of JSON (see `TrainingRequest`), the profiles that it announces, then frames as
        `agent.files.stream.write_stream` writes them.
    out : binary file
        Gets what `agent.files.profile.pack_unsigned` makes.
    paths : Paths
        Whose administrators' keys a background's signature is checked by.

    Raises
    ------
    SteadyhandError
        If the request or the stream is malformed, or there is too little to learn from.
    """
    request = _request(source.readline(_MOST_REQUEST))
    profiles = tuple(unpack_unsigned(source.read(size), _HANDED_OVER) for size in request.on_file)
    try:
        enrolment = enrolment_of(read_stream(source), request.user)
    except ValueError as error:
        raise SteadyhandError(f"the recordings on standard input: {error}", _MEND) from error
    if request.weigh:
        sufficiency = expected(weigh(enrolment.sessions), request.enough_error)
        out.write(json.dumps(sufficiency.to_json()).encode())
        out.flush()
        return
    asked = JudgementSettings(
        false_locks_per_40h=request.false_locks_per_40h, false_alerts_per_40h=request.false_alerts_per_40h
    )
    if request.transfer:
        (origin,) = profiles
        profile = transfer(
            origin, enrolment.mouse, sample=enrolment.sessions, asked=asked, edition=Edition(request.sequence)
        )
    else:
        on_file = OnFile(profiles, enrolment.scripted)
        profile = _trained(request, enrolment, asked, on_file, background_of(request.background, paths))
    out.write(pack_unsigned(profile))
    out.flush()


def _trained(
    request: TrainingRequest,
    enrolment: EnrolmentData,
    asked: JudgementSettings,
    on_file: OnFile,
    named: NamedBackground,
) -> Profile:
    """A profile; where a background was refused, its summary says why."""
    profile = train(
        enrolment.sessions,
        request.user,
        enrolment.mouse,
        asked,
        background=named.background,
        on_file=on_file,
        edition=Edition(request.sequence),
    )
    if not named.refused:
        return profile
    return replace(profile, summary={**profile.summary, "background": f"none: {named.refused}"})


def _request(line: bytes) -> TrainingRequest:
    try:
        fields = Fields.of(decode_json(line, _MOST_REQUEST))
        request = TrainingRequest(**fields.document | {"on_file": tuple(fields.document.get("on_file", ()))})
        if not isinstance(request.user, str) or type(request.sequence) is not int:
            raise ValueError("user is not a text or sequence not a number")
        if not 0.0 < float(request.enough_error) <= 1.0 or type(request.weigh) is not bool:
            raise ValueError("enough_error is no share, or weigh neither true nor false")
        if not all(type(size) is int and 0 < size <= MOST_PROFILE_BYTES for size in request.on_file):
            raise ValueError("a profile on file has no size")
        if not (float(request.false_locks_per_40h) > 0 and float(request.false_alerts_per_40h) > 0):
            raise ValueError("a rate is not above 0")
        if not isinstance(request.background, str):
            raise ValueError("background is not a text")
        if type(request.transfer) is not bool or (request.transfer and len(request.on_file) != 1):
            raise ValueError("not one profile to transfer")
    except (ValueError, TypeError) as error:
        raise SteadyhandError(f"the request on standard input is malformed ({error})", _MEND) from error
    return request
