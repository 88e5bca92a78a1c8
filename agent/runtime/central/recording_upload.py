"""Recording upload: hands recordings to the administrator, where policy asks for it and the person was told.

Each recording is sealed once and sent under a name that holds its hash, until it is acknowledged: at least once, and
the same file again does no harm. Nothing is deleted before the receiver has it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.alerts.api import DeliveryOutcome
from agent.config.schema import CentralSettings
from agent.engine.errors import SteadyhandError
from agent.files.keys import computer_key
from agent.files.ledger import HANDED, RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.profiles import profile_name
from agent.files.recording import read_recording
from agent.files.recording_keys import RecordingKeys
from agent.files.recordings import list_recordings
from agent.files.refused_uploads import RefusedUpload, read_refused, refused_line, write_refused
from agent.files.sealing import MOST_SEALED_BYTES, SEALED, Origin, seal
from agent.files.stream import Item, Session
from agent.files.upload_log import UploadedRecording, read_handed, write_handed
from agent.runtime.central.folder import Folder
from agent.runtime.learning.action_count import ActionCount

if TYPE_CHECKING:
    from agent.alerts.transports.http_client import Client

_MB: Final = 1_000_000
_FOR_GOOD: Final = (DeliveryOutcome.TOO_LARGE, DeliveryOutcome.PERMANENT)
# The file is there already: an earlier acknowledgement was lost on its way.
_HAS_IT: Final = HTTPStatus.PRECONDITION_FAILED


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A recording that is ready to be sent."""

    recording: Path
    content: bytes
    mouse_key: str
    actions: int
    used_ns: int

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.content).digest()


@dataclass(frozen=True, slots=True)
class _Upload:
    """What became of one recording; no outcome where policy's limit for its mouse keeps it here."""

    outcome: DeliveryOutcome | None
    detail: str = ""
    size_bytes: int = 0

    @property
    def is_too_much(self) -> bool:
        return self.outcome is None


class RecordingUpload:
    """Uploader: sends closed recordings one after the other. Polling thread.

    Parameters
    ----------
    paths : Paths
    user, host : str
    wall_s : callable
        Seconds since 1970.
    """

    def __init__(self, paths: Paths, user: str, host: str, wall_s: Callable[[], float]) -> None:
        self._paths = paths
        self._user = user
        self._host = host
        self._wall_s = wall_s

    def go(self, central: CentralSettings, open_file: Callable[[], Path | None], *, keep: bool) -> str:
        """Hand over every recording that is closed; returns what keeps it from that, or an empty line.

        One that the receiver refuses for good, or that is too much of one mouse, holds up no other.

        Parameters
        ----------
        central : CentralSettings
        open_file : callable
            The recording that is being written, asked after the folder was listed.
        keep : bool
            Whether policy keeps recordings here afterwards.
        """
        try:
            closed = [recording.path for recording in list_recordings(self._paths.recordings_dir)]
            busy = open_file()
            folder = Folder.of_recordings(central)
            headers = folder.headers()
            refused = read_refused(self._paths)
            too_much = ""
            with folder.client() as client:
                for path in closed:
                    if path == busy or self._rests(refused, path):
                        continue
                    answer = self._hand_over_recording(client, headers, path, central, keep=keep)
                    if answer.outcome is DeliveryOutcome.OK:
                        refused.pop(path.name, None)
                    elif answer.outcome in _FOR_GOOD:
                        refused[path.name] = RefusedUpload(answer.size_bytes, answer.detail, self._wall_s())
                    elif answer.is_too_much:
                        too_much = answer.detail
                    else:
                        return f"recordings wait to be handed over: {answer.detail}"
                    write_refused(self._paths, refused)
        except SteadyhandError as error:
            return f"recordings wait to be handed over: {error}"
        waiting = f"recordings wait to be handed over: {too_much}" if too_much else ""
        there = {path.name for path in closed}
        return "; ".join(
            filter(None, (waiting, refused_line({n: entry for n, entry in refused.items() if n in there})))
        )

    def _rests(self, refused: Mapping[str, RefusedUpload], path: Path) -> bool:
        return path.name in refused and refused[path.name].rests(self._wall_s())

    def _hand_over_recording(
        self, client: Client, headers: dict[str, str], path: Path, central: CentralSettings, *, keep: bool
    ) -> _Upload:
        handed = read_handed(self._paths)
        if path.name not in {uploaded.name for uploaded in handed}:
            sealed = self._sealed(path, central.recordings_key)
            so_far = sum(uploaded.size_bytes for uploaded in handed if uploaded.mouse_key == sealed.mouse_key)
            if so_far + len(sealed.content) > central.recordings_most_mb * _MB:
                detail = (
                    f"more than {central.recordings_most_mb:g} MB of one mouse (central.recordings_most_mb)"
                )
                return _Upload(None, detail, len(sealed.content))
            answer = self._send(client, headers, sealed)
            if answer.outcome is not DeliveryOutcome.OK:
                return answer
            done = self._acknowledged(sealed)
            write_handed(self._paths, (*handed, done))
        if not keep:
            ledger = RecordingLedger(self._paths)
            ledger.allow([path.name], HANDED)
            ledger.erase([path])
        for copy in self._paths.outgoing_dir.glob(f"{path.stem}-*{SEALED}"):
            copy.unlink()
        return _Upload(DeliveryOutcome.OK)

    def _sealed(self, path: Path, public: str) -> _Sealed:
        """The recording, sealed; the same bytes at every attempt, so that its name stays."""
        count, keys = ActionCount(), set[str]()

        def counted() -> Iterator[Item]:
            for entry in read_recording(path, RecordingKeys(self._paths).of(path)).items():
                if isinstance(entry, Session):
                    keys.add(entry.mouse.key)
                else:
                    count.take(entry)
                yield entry

        sealed_copy = (
            self._paths.outgoing_dir
            / f"{path.stem}-2-{hashlib.sha256(public.encode()).hexdigest()[:8]}{SEALED}"
        )
        if sealed_copy.exists():
            for _ in counted():
                pass
        else:
            private_dir(sealed_copy.parent)
            origin = Origin(self._user, self._host, path.name)
            write_private(sealed_copy, seal(origin, counted(), public, computer_key(self._paths)))
        content = read_private(sealed_copy, MOST_SEALED_BYTES)
        return _Sealed(path, content, next(iter(keys), ""), count.actions, count.used_ns)

    def _send(self, client: Client, headers: dict[str, str], sealed: _Sealed) -> _Upload:
        digest = base64.b64encode(sealed.sha256).decode()
        about = {
            "Content-Type": "application/octet-stream",
            "Content-Digest": f"sha-256=:{digest}:",
            "If-None-Match": "*",
        }
        owner = profile_name(self._user, sealed.mouse_key)
        name = f"/{owner}-{sealed.recording.stem}-{sealed.sha256.hex()[:16]}{SEALED}"
        answer = client.put(name, headers | about, sealed.content)
        if answer.outcome is DeliveryOutcome.OK or answer.status == _HAS_IT:
            return _Upload(DeliveryOutcome.OK)
        return _Upload(answer.outcome, answer.detail, len(sealed.content))

    def _acknowledged(self, sealed: _Sealed) -> UploadedRecording:
        return UploadedRecording(
            sealed.recording.name,
            sealed.sha256.hex(),
            sealed.mouse_key,
            sealed.actions,
            sealed.used_ns,
            len(sealed.content),
            self._wall_s(),
        )
