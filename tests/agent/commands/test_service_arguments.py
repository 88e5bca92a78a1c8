"""What each operating system is told of its relay."""

from __future__ import annotations

import pytest

from agent.commands.service_arguments import relay_help


@pytest.mark.parametrize(
    ("platform", "starter", "others"),
    [
        ("linux", "systemctl enable --now steadyhand-relay", ("sc ", "Windows")),
        ("win32", "sc start SteadyhandRelay", ("systemd", "systemctl")),
        ("darwin", "each agent sends its alerts itself", ("systemctl", "sc start")),
    ],
)
def test_the_relay_is_started_by_the_systems_own_manager(
    platform: str, starter: str, others: tuple[str, ...]
) -> None:
    words = relay_help(platform)
    assert starter in words.examples
    assert not any(other in f"{words.line} {words.examples}" for other in others)
