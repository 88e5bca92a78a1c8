"""Edition of a profile: its number, its version and the term that it is valid for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

VALID_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Edition:
    """What tells a profile from an earlier one of the same user and mouse.

    Attributes
    ----------
    sequence : int
        Version of the profile, from 1.
    created : datetime or None
        In UTC; now where None.
    profile_id : str or None
        UUID; a random one where None.
    """

    sequence: int = 1
    created: datetime | None = None
    profile_id: str | None = None

    def fields(self) -> dict[str, Any]:
        """The fields of a `Profile` that an edition sets."""
        created = self.created or datetime.now(UTC)
        return {
            "profile_id": self.profile_id or str(uuid.uuid4()),
            "sequence": self.sequence,
            "created": created.isoformat(timespec="seconds"),
            "expires": (created + timedelta(days=VALID_DAYS)).isoformat(timespec="seconds"),
        }


FIRST: Final = Edition()
