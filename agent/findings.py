"""What the doctor says of one part of this computer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from agent.engine.visible_text import visible


class Health(Enum):
    """How well one part works."""

    OK = "ok"
    DEGRADED = "degraded"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report.

    Attributes
    ----------
    part : str
        What was looked at.
    health : Health
    seen : str
        What was found.
    mend : str
        What to do; empty where all is well.
    more : tuple of str
        Further lines of what was found.
    """

    part: str
    health: Health
    seen: str
    mend: str = ""
    more: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """True where the agent cannot do its work because of it."""
        return self.health is Health.BROKEN

    def line(self) -> str:
        """For people."""
        mend = f"\n{'':22}-> {visible(self.mend)}" if self.mend else ""
        more = "".join(f"\n{'':22}{visible(line)}" for line in self.more)
        return f"{self.part:<12}{self.health.value:<10}{visible(self.seen)}{more}{mend}"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "health": self.health.value, "more": list(self.more)}
