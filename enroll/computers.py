"""Computers that hand recordings over: each has a key, which the administrator admits once and can revoke.

Sealing a recording needs no secret, so only the signature of an admitted computer says that its recording is that
account's on that host. The first recording of a key is its request: it waits, and so does what it signed.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.sealing import Origin
from agent.files.signing import PublicKey

MOST_WAITING: Final = 10_000
_MOST_BYTES: Final = 1 << 25
_MOST_NAME: Final = 255
_KEY_ID: Final = re.compile("[0-9a-f]{16}")


class Admission(Enum):
    """What the administrator has said of a computer."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Computer:
    """One account on one computer.

    Attributes
    ----------
    key : PublicKey
    account, host : str
        As its first recording said: they are part of what is admitted.
    admission : Admission
    since : str
        When that was said, ISO 8601 in UTC.
    """

    key: PublicKey
    account: str
    host: str
    admission: Admission
    since: str

    @property
    def shown(self) -> str:
        """For people."""
        return f"{self.key.key_id}  {self.account} on {self.host}"


@dataclass(frozen=True, slots=True)
class Computers:
    """The computers that are known, by the id of their key.

    Attributes
    ----------
    by_id : mapping of str to Computer
    """

    by_id: Mapping[str, Computer] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Computer]:
        return iter(self.by_id.values())

    def with_request(self, origin: Origin) -> Computers:
        """The same with the computer of a recording that was never met before, which waits."""
        if origin.computer is None or origin.computer.key_id in self.by_id:
            return self
        if sum(computer.admission is Admission.WAITING for computer in self) >= MOST_WAITING:
            return self
        fresh = Computer(origin.computer, origin.user, origin.host, Admission.WAITING, _now())
        return Computers({**self.by_id, fresh.key.key_id: fresh})

    def with_admission(self, key_ids: Iterable[str], admission: Admission) -> Computers:
        """The same after the administrator said so of these.

        Raises
        ------
        SteadyhandError
            If one is not known.
        """
        changed = dict(self.by_id)
        for key_id in key_ids:
            if key_id not in changed:
                raise SteadyhandError(
                    f"no computer has the key {key_id!r}",
                    "see them all with: steadyhand-enroll computers list",
                )
            changed[key_id] = replace(changed[key_id], admission=admission, since=_now())
        return Computers(changed)

    def without_accounts(self, accounts: Iterable[tuple[str, str]]) -> Computers:
        """The same without those of these accounts, by account and computer; ``*`` is any computer."""
        pairs = set(accounts)

        def stays(computer: Computer) -> bool:
            return pairs.isdisjoint({(computer.account, computer.host), (computer.account, "*")})

        return Computers({key_id: computer for key_id, computer in self.by_id.items() if stays(computer)})

    def refusal(self, origin: Origin, *, takes_unsigned: bool = False) -> str:
        """Why a recording is kept apart; empty where its computer is admitted for just this account and host.

        Parameters
        ----------
        origin : Origin
        takes_unsigned : bool
            Whether to take what agents of earlier versions handed over, which anybody could have made.
        """
        if origin.computer is None:
            return "" if takes_unsigned else f"{origin.user} on {origin.host}: not signed by any computer"
        key_id = origin.computer.key_id
        computer = self.by_id.get(key_id)
        who = f"{origin.user} on {origin.host}, key {key_id}"
        if computer is None or computer.admission is Admission.WAITING:
            return f"{who}: not admitted; admit it with: steadyhand-enroll computers admit {key_id}"
        if computer.admission is Admission.REVOKED:
            return f"{who}: revoked on {computer.since[:10]}"
        if (computer.account, computer.host) != (origin.user, origin.host):
            return f"{who}: that key was admitted for {computer.account} on {computer.host}"
        return ""


class AdmissionDesk:
    """Decides about recordings as they are received, and notes the computers that were never met before.

    Parameters
    ----------
    path : Path
        The file of the computers.
    takes_unsigned : bool
        See `Computers.refusal`.
    """

    def __init__(self, path: Path, *, takes_unsigned: bool) -> None:
        self._path = path
        self._takes_unsigned = takes_unsigned
        self._before = self._computers = read_computers(path)
        self._apart: Counter[str] = Counter()

    def admits(self, origin: Origin) -> bool:
        """Whether a recording may be kept; if not, it is left where it is, and named by `lines`."""
        self._computers = self._computers.with_request(origin)
        refusal = self._computers.refusal(origin, takes_unsigned=self._takes_unsigned)
        if refusal:
            self._apart[refusal] += 1
        return not refusal

    def lines(self) -> list[str]:
        """What was kept apart, and why: a line for each computer."""
        return [f"{count} kept apart: {why}" for why, count in sorted(self._apart.items())]

    def save(self) -> None:
        """Keep the requests of computers that were never met before.

        Raises
        ------
        SteadyhandError
            If that cannot be written.
        """
        if self._computers is not self._before:
            write_computers(self._path, self._computers)


def computers_file(paths: Paths) -> Path:
    """Where the computers are kept, beside the administrator's recordings."""
    return paths.state_dir / "computers.json"


def read_computers(path: Path) -> Computers:
    """The computers of a file; none where there is no file.

    Raises
    ------
    SteadyhandError
        If it cannot be read, or is damaged: who was revoked must not be forgotten.
    """
    try:
        document = Fields.of(decode_json(read_private(path, _MOST_BYTES), _MOST_BYTES))
        return Computers({key_id: _computer(key_id, document.nested(key_id)) for key_id in document.document})
    except FileNotFoundError:
        return Computers()
    except ValueError as error:
        raise SteadyhandError(f"{path} is damaged ({error})", "restore it from a backup") from error


def write_computers(path: Path, computers: Computers) -> None:
    """Replace the file, durably.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    if not path.parent.exists():
        private_dir(path.parent)
    document = {computer.key.key_id: _to_json(computer) for computer in computers}
    write_private(path, json.dumps(document, indent=1, ensure_ascii=False).encode())


def _to_json(computer: Computer) -> dict[str, Any]:
    return {
        "key": base64.b64encode(computer.key.raw).decode(),
        "account": computer.account,
        "host": computer.host,
        "admission": computer.admission.value,
        "since": computer.since,
    }


def _computer(key_id: str, fields: Fields) -> Computer:
    try:
        key = PublicKey(base64.b64decode(fields.text("key", _MOST_NAME), validate=True))
    except binascii.Error as error:
        raise ValueError(f"{key_id}: its key is not base64") from error
    if not _KEY_ID.fullmatch(key_id) or key.key_id != key_id:
        raise ValueError(f"{key_id}: its key is another one")
    return Computer(
        key,
        fields.text("account", _MOST_NAME),
        fields.text("host", _MOST_NAME),
        fields.choice("admission", Admission),
        fields.text("since", _MOST_NAME),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
