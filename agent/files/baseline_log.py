"""Baseline log: the day baselines that were taken on this computer, a JSON line each, for the status page alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json
from agent.files.private import read_private, write_private

KEPT_S: Final = 60 * 86_400
"""Older lines go with the next baseline."""
MOST_KEPT: Final = 2000

_MOST_BYTES: Final = 1 << 20
_MOST_LINE: Final = 1000
_MOST_UNIX_S: Final = 253_402_300_799
_MOST_SD: Final = 100.0


@dataclass(frozen=True, slots=True)
class BaselineRecord:
    """One baseline that was taken.

    Attributes
    ----------
    t_unix_s : int
    proof : str
        What opened it, as `agent.engine.day_baseline.Proof` names it.
    authority : str
        Who vouches for the proof.
    actions : int
        Collected for it.
    departure_sd : float
        Mean deviate of them: below 0 where they are less like the enrolment.
    """

    t_unix_s: int
    proof: str
    authority: str
    actions: int
    departure_sd: float


def append_baseline(path: Path, baseline: BaselineRecord) -> None:
    """Add one, all or nothing and durably; what is older than `KEPT_S` goes.

    Raises
    ------
    SteadyhandError
        If the file is damaged, or cannot be written.
    """
    since_s = baseline.t_unix_s - KEPT_S
    recent = [earlier for earlier in read_baselines(path) if earlier.t_unix_s >= since_s]
    write_private(path, _encoded([*recent, baseline][-MOST_KEPT:]))


def read_baselines(path: Path) -> tuple[BaselineRecord, ...]:
    """All that are kept, oldest first; none where there is no file.

    Raises
    ------
    SteadyhandError
        If the file cannot be read, or is damaged.
    """
    try:
        return tuple(_decoded(line) for line in read_private(path, _MOST_BYTES).splitlines())
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise SteadyhandError(f"{path} is damaged ({error})", "move it away: it begins anew") from error


def _encoded(baselines: Sequence[BaselineRecord]) -> bytes:
    return b"".join(json.dumps(asdict(baseline)).encode() + b"\n" for baseline in baselines)


def _decoded(line: bytes) -> BaselineRecord:
    keys = ("t_unix_s", "proof", "authority", "actions", "departure_sd")
    fields = Fields.of(decode_json(line, _MOST_LINE, 2), required=keys, optional=())
    return BaselineRecord(
        fields.integer("t_unix_s", 0, _MOST_UNIX_S),
        fields.text("proof"),
        fields.text("authority"),
        fields.integer("actions"),
        fields.number("departure_sd", -_MOST_SD, _MOST_SD),
    )
