"""File of the register of agents: a silence is noticed over restarts of the relay, too."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.damage import set_aside
from agent.files.decode import decode_json
from agent.files.private import read_private, write_private
from agent.relay.agent_register import AgentRegister

NAME: Final = "agents.json"
_MOST_BYTES: Final = 1 << 21
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")

_log = logging.getLogger(__name__)


def boot_id() -> str:
    """Names this run of the computer; empty where the system does not tell."""
    try:
        return _BOOT_ID.read_bytes().decode().strip()
    except OSError:
        return ""


class RegisterFile:
    """Keeps the register.

    Parameters
    ----------
    path : Path
        In the relay's own folder.
    boot : str
        As `boot_id` gives it.
    """

    def __init__(self, path: Path, boot: str) -> None:
        self._path = path
        self._boot = boot

    def load(self, now_ns: int) -> tuple[AgentRegister, str]:
        """The register of the run before, and what was wrong with its file; a damaged one is set aside."""
        try:
            document = decode_json(read_private(self._path, _MOST_BYTES), _MOST_BYTES)
            return AgentRegister.from_json(document, self._boot, now_ns), ""
        except FileNotFoundError:
            return AgentRegister(), ""
        except (SteadyhandError, ValueError) as error:
            return AgentRegister(), set_aside(self._path, error)

    def save(self, register: AgentRegister) -> None:
        """Replace the file. A disk that does not take it costs no alert: it is said in the log."""
        try:
            write_private(self._path, json.dumps(register.to_json(self._boot)).encode())
        except SteadyhandError as error:
            _log.error("%s", error)
