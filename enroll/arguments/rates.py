"""Arguments about error rates: what a profile's limits are set for."""

from __future__ import annotations

import argparse
from pathlib import Path

SENSITIVITIES = ("gentle", "easy", "balanced", "watchful", "strict")


def add_rates(command: argparse.ArgumentParser) -> None:
    """Rates by a policy, a sensitivity or one by one; the later of these goes before the earlier."""
    command.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="set limits for the rates of this policy (default: of the office, else of this computer)",
    )
    command.add_argument(
        "--sensitivity", choices=SENSITIVITIES, help="set limits for the rates that this word stands for"
    )
    command.add_argument("--false-locks", type=float, help="asked per 40 active hours (default: by policy)")
    command.add_argument("--false-alerts", type=float, help="asked per 40 active hours (default: by policy)")
