"""Who sits at a screen, from logind's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.relay.active_sessions import ShownSession, shown_sessions

SESSION = """# This is private data. Do not parse.
UID=1000
USER=ada
ACTIVE=1
IS_DISPLAY=1
STATE=active
REMOTE=0
TYPE=wayland
ORIGINAL_TYPE=wayland
CLASS=user
SEAT=seat0
LEADER=812
"""


@pytest.mark.parametrize(
    ("line", "changed", "is_active"),
    [
        ("TYPE=wayland", "TYPE=x11", True),
        ("ACTIVE=1", "ACTIVE=0", False),
        ("STATE=active", "STATE=closing", False),
        ("REMOTE=0", "REMOTE=1", False),
        ("CLASS=user", "CLASS=greeter", False),
        ("TYPE=wayland", "TYPE=tty", False),
        ("UID=1000", "UID=many", False),
        ("UID=1000", "", False),
    ],
)
def test_who_sits_at_a_graphical_screen_here_is_active(
    tmp_path: Path, line: str, changed: str, is_active: bool
) -> None:
    (tmp_path / "2").write_text(SESSION.replace(f"\n{line}\n", f"\n{changed}\n"))
    (tmp_path / "2.ref").write_text(SESSION)
    assert shown_sessions(tmp_path) == ((ShownSession("2", 1000, "seat0"),) if is_active else ())


def test_without_logind_nobody_is_active(tmp_path: Path) -> None:
    assert shown_sessions(tmp_path / "none") == ()
