"""Office layout: where each part of an office is, and how an office is found and made."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.administrators_dir import system_administrators_dir
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

MARKER: Final = "office.json"
LEAST_KEEP_DAYS: Final = 1
_SCHEMA: Final = 1
_MOST_MARKER_BYTES: Final = 65_536
_PRIVATE_DIRS: Final = (
    "recordings",
    "cohorts",
    "background",
    "profiles",
    "policies",
    "reports",
)


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """What `office.json` holds.

    Attributes
    ----------
    office : str
        Random id, which the published index bears.
    created : str
        ISO 8601, UTC.
    keys_dir, published_dir : str
        Relative to the office, or absolute where they lie elsewhere.
    inbox_dir : str
        Folder that agents hand recordings over to; empty where it is named in each call.
    recordings_keep_days : int
        Days after which `office expire` deletes recordings.
    schema : int
    """

    office: str
    created: str
    keys_dir: str = "keys"
    published_dir: str = "published"
    inbox_dir: str = ""
    recordings_keep_days: int = 90
    schema: int = _SCHEMA


@dataclass(frozen=True, slots=True)
class OfficeLayout:
    """The paths of one office.

    Attributes
    ----------
    root : Path
    settings : OfficeSettings
    """

    root: Path
    settings: OfficeSettings

    @property
    def paths(self) -> Paths:
        """Recordings, profiles and the key of recordings as other commands know them."""
        return Paths(self.root / "config", self.root, system_administrators_dir())

    @property
    def people_file(self) -> Path:
        """Which account on which computer is whom; the administrator may edit it."""
        return self.root / "people.csv"

    @property
    def mice_file(self) -> Path:
        """Mouse configurations that were met, by key."""
        return self.root / "mice.csv"

    @property
    def recordings_dir(self) -> Path:
        """``PERSON/MOUSE/NAME.recording``."""
        return self.root / "recordings"

    @property
    def cohorts_dir(self) -> Path:
        """Feature rows of the office's own people."""
        return self.root / "cohorts"

    @property
    def background_dir(self) -> Path:
        """One signed background of differences, which is published for agents that learn by themselves."""
        return self.root / "background"

    @property
    def profiles_dir(self) -> Path:
        """Signed profiles by person and mouse configuration, and the figures of each."""
        return self.root / "profiles"

    @property
    def policies_dir(self) -> Path:
        """``default.json``, and ``GROUP.json`` for each group with a policy of its own."""
        return self.root / "policies"

    @property
    def reports_dir(self) -> Path:
        """Pages and figures for those who decide."""
        return self.root / "reports"

    @property
    def keys_dir(self) -> Path:
        """Secret keys."""
        return self.root / self.settings.keys_dir

    @property
    def published_dir(self) -> Path:
        """What a web server hands out: written by `office publish` alone."""
        return self.root / self.settings.published_dir

    @property
    def keyring_file(self) -> Path:
        """Public halves of the keys, their roles and the epoch."""
        return self.root / "keyring.json"

    @property
    def journal_file(self) -> Path:
        """Every change and every opening of recordings, chained."""
        return self.root / "journal.jsonl"

    @property
    def tombstones_file(self) -> Path:
        """Ids and days of people who left; no names."""
        return self.root / "tombstones.csv"

    @property
    def catalogue_file(self) -> Path:
        """What was published of which file: a cache, made again where it is missing."""
        return self.root / "catalogue.json"

    @property
    def state_file(self) -> Path:
        """Whether everybody is in shadow mode for the time being."""
        return self.root / "state.json"

    @property
    def inbox_dir(self) -> Path | None:
        """Where agents hand recordings over; None where nobody said."""
        return self.root / self.settings.inbox_dir if self.settings.inbox_dir else None

    @property
    def lock_file(self) -> Path:
        """There while somebody writes."""
        return self.root / "office.lock"


def find_office(start: Path, named: Path | None = None) -> OfficeLayout:
    """The office that is named, else the one that `start` lies in.

    Raises
    ------
    SteadyhandError
        If there is none.
    """
    office = find_office_or_none(start, named)
    if office is None:
        raise SteadyhandError(
            f"no office at or above {start.resolve()}", "name it with --office, or make one: office init"
        )
    return office


def find_office_or_none(start: Path, named: Path | None = None) -> OfficeLayout | None:
    """As `find_office`; None where none is named and `start` lies in none.

    Raises
    ------
    SteadyhandError
        If the folder that is named is none, or its `office.json` cannot be read.
    """
    if named is not None:
        if not (named / MARKER).is_file():
            raise SteadyhandError(f"{named} is no office: it has no {MARKER}", "make one: office init")
        return open_office(named)
    here = start.resolve()
    root = next((folder for folder in (here, *here.parents) if (folder / MARKER).is_file()), None)
    return None if root is None else open_office(root)


def open_office(root: Path) -> OfficeLayout:
    """The office at `root`.

    Raises
    ------
    SteadyhandError
        If its `office.json` cannot be read, or was made by a newer version.
    """
    path = root / MARKER
    packed = read_private(path, _MOST_MARKER_BYTES)
    try:
        settings = OfficeSettings(**json.loads(packed))
    except (ValueError, TypeError, RecursionError) as error:
        raise SteadyhandError(
            f"{path} does not describe an office ({error})", "bring it back from a backup"
        ) from error
    if settings.schema > _SCHEMA:
        raise SteadyhandError(f"{path} was made by a newer Steadyhand", "update Steadyhand here")
    return OfficeLayout(root.resolve(), settings)


def new_settings(**chosen: Any) -> OfficeSettings:
    """Settings of a new office, with what was chosen."""
    return OfficeSettings(str(uuid.uuid4()), datetime.now(UTC).isoformat(timespec="seconds"), **chosen)


def create_office(root: Path, settings: OfficeSettings) -> OfficeLayout:
    """Make the folders of an office; `office.json` comes last.

    Raises
    ------
    SteadyhandError
        If there is an office already, the folder holds other files, or it cannot be written.
    """
    if root.exists() and any(root.iterdir()):
        reason = "is an office already" if (root / MARKER).exists() else "is not empty"
        raise SteadyhandError(f"{root} {reason}", "name a new or empty folder")
    layout = OfficeLayout(root.resolve(), settings)
    private_dir(layout.root)
    # Whoever serves `published` must come through; the other folders are closed.
    layout.root.chmod(0o711)
    for name in _PRIVATE_DIRS:
        private_dir(layout.root / name)
    private_dir(layout.keys_dir)
    write_private(root / MARKER, json.dumps(asdict(settings), indent=2).encode() + b"\n")
    return layout
