"""What the doctor says of the controls that a person can reach."""

from __future__ import annotations

import pytest

from agent.findings import Health
from agent.ui.controls import DesktopFacilities, desktop_facilities, tray_finding


@pytest.mark.parametrize(
    ("offers", "health", "words"),
    [
        (DesktopFacilities(True, True, False, False), Health.OK, "a panel here takes the icon"),
        (DesktopFacilities(True, False, True, True), Health.DEGRADED, "no panel here takes icons"),
        (DesktopFacilities(True, False, True, False), Health.DEGRADED, "no panel here takes icons"),
        (DesktopFacilities(False, False, True, False), Health.OK, "GTK is there"),
        (DesktopFacilities(False, False, False, True), Health.DEGRADED, "an icon without a menu"),
    ],
)
def test_only_what_a_panel_shows_is_a_menu(offers: DesktopFacilities, health: Health, words: str) -> None:
    finding = tray_finding(offers, "apt-get install python3-gi")
    assert finding.health is health
    assert words in finding.seen


def test_without_a_panel_the_commands_are_named() -> None:
    finding = tray_finding(DesktopFacilities(True, False, True, True), "")
    assert "steadyhand open, was-me, pause, resume, enrol" in finding.mend
    assert finding.mend.startswith("“That was me” is a button on notifications")


def test_a_session_without_a_bus_has_no_panel() -> None:
    offers = desktop_facilities({"WAYLAND_DISPLAY": "wayland-0"}, has_buttons=False)
    assert (offers.wayland, offers.takes_notifiers) == (True, False)
