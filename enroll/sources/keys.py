"""Keys of sources: what opens recordings and sealed recordings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.engine.errors import SteadyhandError
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.recording_keys import RecordingKeys
from enroll.office.passphrase import opening_key_at

_HOW_TO_OPEN: Final = "name what `steadyhand-enroll key --recordings` made with --opening-key"


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """The keys of one call, as plain bytes, so that worker processes can be given them.

    Attributes
    ----------
    recording : bytes or None
        Shared by this user's imported and earlier recordings, 32 bytes.
    opening : bytes or None
        X25519 private key that opens sealed recordings, 32 bytes.
    single : RecordingKeys or None
        Of this user's own recordings, which have a key each.
    """

    recording: bytes | None = field(default=None, repr=False)
    opening: bytes | None = field(default=None, repr=False)
    single: RecordingKeys | None = None

    @classmethod
    def of(cls, paths: Paths, opening_key_file: Path | None = None) -> SourceKeys:
        """The keys of this user, and the one that opens sealed recordings where it is named; a passphrase is asked for.

        Raises
        ------
        SteadyhandError
            If a key file cannot be used.
        """
        own = recording_key(paths) if paths.recording_key_file.exists() else None
        opening = opening_key_at(opening_key_file, None).private_bytes_raw() if opening_key_file else None
        return cls(own, opening, RecordingKeys(paths))

    def recording_key_for(self, path: Path) -> bytes:
        """The key of the recording at `path`.

        Raises
        ------
        SteadyhandError
            If there is none.
        """
        single = self.single.own(path) if self.single else None
        if single is not None:
            return single
        if self.recording is None:
            raise SteadyhandError(
                f"{path} is a recording, and this user has no recording key",
                "name the folder that holds the key with --root",
            )
        return self.recording

    def opening_key_for(self, path: Path) -> X25519PrivateKey:
        """The key of the sealed recording at `path`.

        Raises
        ------
        SteadyhandError
            If there is none.
        """
        if self.opening is None:
            raise SteadyhandError(f"{path} is a sealed recording", _HOW_TO_OPEN)
        return X25519PrivateKey.from_private_bytes(self.opening)


NO_KEYS: Final = SourceKeys()
