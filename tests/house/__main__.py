"""`python -m tests.house`: the rules of the house against the source; `--write` lowers the allow-list."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from tests.house.rules import Offence, judged, offences

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = Path(__file__).with_name("allowed.toml")
HEAD = "# What is still over the rules of the house. It may only shrink: `python -m tests.house --write` lowers it.\n"


def main() -> int:
    """Exit code 1 where something is to be mended."""
    breaches = offences(ROOT)
    allowed = tomllib.loads(ALLOWED.read_text(encoding="utf-8")) if ALLOWED.exists() else {}
    if "--write" in sys.argv:
        ALLOWED.write_text(HEAD + as_toml(lowered(breaches, allowed)), encoding="utf-8")
        return 0
    lines = judged(breaches, allowed)
    print("\n".join(lines) if lines else f"house: nothing new, {len(breaches)} old places on the allow-list")
    return 1 if lines else 0


def lowered(breaches: list[Offence], allowed: dict[str, dict[str, int]]) -> list[Offence]:
    """The breaches that the allow-list may hold: those on it, at their new size; all of them where it is new."""
    if not allowed:
        return breaches
    return [
        Offence(b.rule, b.subject, min(b.size, allowed.get(b.rule, {})[b.subject]))
        for b in breaches
        if b.subject in allowed.get(b.rule, {})
    ]


def as_toml(breaches: list[Offence]) -> str:
    """The allow-list as TOML, a table for each rule."""
    lines: list[str] = []
    for rule in sorted({b.rule for b in breaches}):
        lines += ["", f"[{rule}]"]
        lines += [f'"{b.subject}" = {b.size}' for b in breaches if b.rule == rule]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
