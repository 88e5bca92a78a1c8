"""Fetches an administrator's signed profiles from a folder that any web server can be.

A profile's name follows from its user and mouse configuration, so that the folder needs no list and tells nobody who
is in it. The server is not believed: what comes passes every check of `install_profile`, signature and sequence first.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.cohort import anonymous
from agent.files.configuration import load_configuration
from agent.files.devices import declared_devices
from agent.files.keys import Trust, load_trust
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private
from agent.files.profiles import SUFFIX, install_profile, profile_name
from agent.host.select import services

_MOST_BYTES: Final = 64 << 20
_MOST_TAG_BYTES: Final = 1 << 20
_STEP_S: Final = 10.0
_NO_SUCH_FILE: Final = "the folder has no profile for it"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where profiles are.

    Attributes
    ----------
    url : str
        ``https://…``; nothing else is asked.
    ca_file : str
        Authorities to believe; the system's where it is empty.
    """

    url: str
    ca_file: str = ""


def fetch_profiles(
    folder: Folder,
    paths: Paths,
    user: str,
    mice: Iterable[MouseConfiguration],
    trust: Trust,
    *,
    now: datetime,
) -> list[str]:
    """Install what is new for these mice; a line for each on what became of it. Blocks up to 10 s a step.

    Raises
    ------
    SteadyhandError
        If the server cannot be asked or answers with an error, or what it sends fails a check. What was there before
        stays in use.
    """
    if not folder.url.startswith("https://"):
        raise SteadyhandError(f"{folder.url} is no https:// address", "name a folder that is served by TLS")
    tags_file = paths.state_dir / "fetched.json"
    tags = _read_tags(tags_file)
    told = []
    for mouse in mice:
        url, (data, tag) = _first(folder, _names(user, mouse), tags)
        if data is None:
            told.append(f"{mouse.name or mouse.key}: {tag}")
            continue
        installed = install_profile(paths, data, url, trust, now=now)
        # Noted only now: what failed a check is asked for again.
        tags[url] = tag
        write_private(tags_file, json.dumps(tags).encode())
        told.append(f"{mouse.name or mouse.key}: sequence {installed.profile.sequence} was installed")
    return told


def _names(user: str, mouse: MouseConfiguration) -> tuple[str, str]:
    """What the profile enrolled for this mouse is called, and one that was transferred to all mice like it."""
    return profile_name(user, mouse.key), profile_name(user, anonymous(mouse).key, transferred=True)


def _first(
    folder: Folder, names: Sequence[str], tags: Mapping[str, str]
) -> tuple[str, tuple[bytes | None, str]]:
    """The first of these files that the folder has, as `_get` tells it, with its address."""
    for name in names:
        url = f"{folder.url.rstrip('/')}/{name}{SUFFIX}"
        told = _get(url, tags.get(url, ""), folder.ca_file)
        if told != (None, _NO_SUCH_FILE):
            break
    return url, told


def _get(url: str, tag: str, ca_file: str) -> tuple[bytes | None, str]:
    """The file and its tag; or None and why there is none that would be new."""
    request = urllib.request.Request(url, headers={"If-None-Match": tag} if tag else {})
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
        with urllib.request.urlopen(request, timeout=_STEP_S, context=context) as reply:
            data = reply.read(_MOST_BYTES)
            if reply.length:
                raise http.client.IncompleteRead(data, reply.length)
            return data, reply.headers.get("ETag", "")
    except urllib.error.HTTPError as error:
        if error.code == http.client.NOT_MODIFIED:
            return None, "nothing new"
        if error.code == http.client.NOT_FOUND:
            return None, _NO_SUCH_FILE
        raise SteadyhandError(f"{url}: the server answered {error.code}", "try again later") from error
    except (OSError, http.client.HTTPException) as error:
        raise SteadyhandError(f"{url} cannot be fetched ({error})", "try again later") from error


def _read_tags(file: Path) -> dict[str, str]:
    """The tags of what was installed; none where the file is missing or spoilt: then all is fetched again."""
    if not file.exists():
        return {}
    try:
        told = json.loads(read_private(file, _MOST_TAG_BYTES))
    except ValueError:
        return {}
    return {str(url): str(tag) for url, tag in told.items()} if isinstance(told, dict) else {}


def fetch_here(folder: Folder, paths: Paths, user: str, *, now: datetime) -> list[str]:
    """`fetch_profiles` for the mice that are connected to this computer now.

    Raises
    ------
    SteadyhandError
        Also where no mouse can be described: a profile is for one mouse.
    """
    settings = load_configuration(paths).settings
    mice = services(settings.response.lockers, declared=lambda: declared_devices(paths)).mice.connected()
    if not mice:
        raise SteadyhandError("no mouse can be described here", "run it inside the graphical session")
    for place in (paths.state_dir, paths.profiles_dir):
        private_dir(place)
    return fetch_profiles(folder, paths, user, mice, load_trust(paths, local=False), now=now)
