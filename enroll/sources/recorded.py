"""Recorded sessions: recordings of an agent, sealed or not, in the form in which data sets give sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.files.opening import HANDED_FILE, read_checked
from agent.files.private import mendable
from agent.files.recording import read_recording
from agent.files.sealing import MOST_SEALED_BYTES, Origin, unseal
from agent.files.stream import Session


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """A recording as one session.

    Attributes
    ----------
    account : str
        Whose it is.
    name : str
        The file's name without its ending.
    path : Path
    key : bytes
        What opens it: the recording key, or the private X25519 key where it is sealed.
    is_sealed : bool
    mouse : MouseConfiguration
        Under which it begins.
    wall_unix_ns : int
        When it began.
    """

    account: str
    name: str
    path: Path
    key: bytes = field(repr=False)
    is_sealed: bool
    mouse: MouseConfiguration
    wall_unix_ns: int

    @property
    def form(self) -> str:
        """How the file is read."""
        return "sealed recording" if self.is_sealed else "recording"

    def items(self) -> Iterator[StreamItem | Session]:
        """Everything in order, with the sessions themselves where they begin.

        Raises
        ------
        SteadyhandError
            If it cannot be read, was damaged or changed, or is of another key.
        """
        if self.is_sealed:
            yield from opened(self.path, X25519PrivateKey.from_private_bytes(self.key))[1]
        else:
            yield from read_recording(self.path, self.key).items()

    def __iter__(self) -> Iterator[StreamItem]:
        """Events and boundaries; where capture began again a boundary says so.

        Raises
        ------
        SteadyhandError
            As `items`.
        """
        return _without_sessions(self.items())


def recorded_session(account: str, name: str, path: Path, key: bytes) -> RecordedSession:
    """The recording at `path`; only its beginning is read.

    Raises
    ------
    SteadyhandError
        If it cannot be read, is of another key, or no session begins in it.
    """
    beginning = _beginning(read_recording(path, key).items(), path)
    return RecordedSession(account, name, path, key, False, beginning.mouse, beginning.wall_unix_ns)


def sealed_session(name: str, path: Path, key: X25519PrivateKey) -> RecordedSession:
    """The sealed recording at `path`, of the person whom it names.

    Raises
    ------
    SteadyhandError
        If it cannot be opened, or no session begins in it.
    """
    origin, items = opened(path, key)
    beginning = _beginning(items, path)
    raw = key.private_bytes_raw()
    return RecordedSession(origin.user, name, path, raw, True, beginning.mouse, beginning.wall_unix_ns)


def opened(path: Path, key: X25519PrivateKey) -> tuple[Origin, list[StreamItem | Session]]:
    """Whose a sealed recording is, and what it holds.

    Raises
    ------
    SteadyhandError
        If it is too large, was sealed for another key, or was changed.
    """
    with mendable(path, "read"):
        content = read_checked(path, HANDED_FILE, MOST_SEALED_BYTES)
    return unseal(content, key, str(path))


def _beginning(items: Iterable[StreamItem | Session], path: Path) -> Session:
    for entry in items:
        if isinstance(entry, Session):
            return entry
    raise SteadyhandError(f"{path} names no mouse: nothing was recorded in it", "delete it")


def _without_sessions(items: Iterable[StreamItem | Session]) -> Iterator[StreamItem]:
    before: Session | None = None
    for entry in items:
        if not isinstance(entry, Session):
            yield entry
            continue
        if before is not None:
            same = before.mouse.key == entry.mouse.key
            cause = Cause.CAPTURE_RESTARTED if same else Cause.MOUSE_CHANGED
            yield Boundary(entry.t_ns, cause, "new session")
        before = entry
