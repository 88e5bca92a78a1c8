"""What the tests of files share: a private folder, a small profile, keys and trust."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.engine.mouse import MouseConfiguration, Source
from agent.engine.profile import Limits, Profile
from agent.files.keys import SigningKey, Trust
from agent.files.paths import Paths


@dataclass(frozen=True)
class Keys:
    """An administrator's key, a local one and a stranger's, and a trust in the first two."""

    administrator: SigningKey
    local: SigningKey
    stranger: SigningKey

    @property
    def trust(self) -> Trust:
        return Trust.of(administrator=self.administrator.public, local=self.local.public)


@pytest.fixture
def keys() -> Keys:
    return Keys(*(SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2, 3)))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def make_profile() -> Callable[..., Profile]:
    """A valid profile; keywords replace its fields."""
    rng = np.random.default_rng(7)
    profile = Profile(
        profile_id=str(uuid.UUID(int=5, version=4)),
        user="mira",
        mouse=MouseConfiguration("evdev", "usb", "046d", "c077", cpi=1000, sources=(("cpi", Source.HWDB),)),
        features=("duration_s", "path_px"),
        kinds=(0, 1),
        detectors=("forest", "distance"),
        arrays={
            "forest/threshold": rng.normal(size=(4, 31)),
            "forest/feature": rng.integers(0, 2, (4, 31), dtype=np.int32),
            "distance/on": np.array([True, False]),
            "calibration/bias": np.array(0.25),
            "distance/empty": np.empty((0, 3), np.float32),
        },
        limits=Limits(alert=3.0, lock=7.5, asked_per_40h=1.0, estimated=True),
        sequence=4,
        created="2026-01-01T00:00:00+00:00",
        expires="2027-01-01T00:00:00+00:00",
        summary={"actions": 1500, "name": "Maus für Mira"},
    )

    def make(**changes: Any) -> Profile:
        return replace(profile, **changes)

    return make
