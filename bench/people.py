"""An owner who does not exist: generated sessions, and a profile made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from agent.demo.synthesis import Screen, office, person, work
from agent.engine.events import EventBatch
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.keys import Role, load_trust, local_signing_key
from agent.files.paths import Paths
from agent.files.profile import pack_signed
from agent.files.profiles import install_profile
from enroll.background.shipped import shipped_background
from enroll.sessions import session_rows
from enroll.train import train

OWNER: Final = "bench"
_SEED: Final = 7
_SCREEN: Final = Screen(0, 0, 1280, 800)


def session(number: int, seconds: float, *, start_ns: int = 0, pace: float = 1.0) -> EventBatch:
    """One session of the owner's work."""
    desk = office(_SCREEN, pace=pace)
    return EventBatch.concat(work(person(_SEED), desk, number, seconds=seconds, start_ns=start_ns))


def trained(mouse: MouseConfiguration, seconds: float = 1200.0) -> Profile:
    """A profile of three sessions of so many seconds each, as an agent that learns by itself makes it by default."""
    sessions = [session_rows(OWNER, str(n), [session(n, seconds)]) for n in range(3)]
    return train(sessions, OWNER, mouse, background=shipped_background())


def install(paths: Paths, profile: Profile) -> None:
    """Sign it with the local key and put it in place."""
    signed_profile = pack_signed(profile, local_signing_key(paths), Role.LOCAL)
    trust = load_trust(paths, local=True)
    install_profile(paths, signed_profile, "the owner's profile", trust, now=datetime.now(UTC))
