"""A CPI button at a working agent: ratbagd's stand-in signals, the boundary falls, the other profile judges."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.engine.mouse import Source
from agent.files.devices import Declared, DeclaredDevice
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.runtime.status.snapshot import State
from tests.e2e.desktop import wait_until
from tests.e2e.inputtest import LACKING, xorg
from tests.e2e.test_mouse_sources import NO_MOCK, Ratbagd, bus  # noqa: F401 - a fixture
from tests.e2e.test_unknown_mouse import DESK, Agent, at_work

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {LACKING}"),
    pytest.mark.skipif(NO_MOCK, reason="python3-dbusmock is not installed"),
]

WITHIN_S = 2.0
DECLARED = Declared((DeclaredDevice("046d", "c077", 1200),))


@pytest.fixture
def told_by_ratbagd(
    bus: tuple[JeepneyBus, dict[str, str]],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Agent, Ratbagd]]:
    """The agent with two profiles of one mouse, at 800 CPI by ratbagd and at 1,200 by the administrator."""
    daemon = Ratbagd(*bus)
    with (
        tempfile.TemporaryDirectory(prefix="sh") as folder,
        xorg(Path(folder), (DESK,), 355) as (display, mice),
    ):
        session = {"DISPLAY": display, "HOME": str(tmp_path), "XDG_SESSION_TYPE": "x11"}
        addresses = {name: value for name, value in bus[1].items() if name.startswith("DBUS_")}
        mice[DESK].is_usb(0x046D, 0xC077)
        with at_work(
            tmp_path, monkeypatch, session | addresses, mice, ({}, {"cpi": 1600}), lambda: DECLARED
        ) as agent:
            yield agent, daemon
    daemon.process.terminate()
    daemon.process.wait()


def test_the_profile_of_the_new_cpi_judges_within_two_seconds_and_an_unknown_cpi_is_an_unknown_mouse(
    told_by_ratbagd: tuple[Agent, Ratbagd],
) -> None:
    agent, daemon = told_by_ratbagd
    agent.work(DESK, 2)
    wait_until(lambda: agent.status.profile_id, "the profile of 800 CPI judges")
    first, seen = agent.status.profile_id, agent.status.configuration
    assert (seen.cpi, seen.cpi_source) == (800, Source.VENDOR)

    for cpi, other in ((1600, True), (800, False), (1600, True)):
        began_s = time.monotonic()
        daemon.cpi(cpi)
        wait_until(lambda cpi=cpi: agent.status.configuration.cpi == cpi, f"{cpi} CPI", WITHIN_S)
        assert time.monotonic() - began_s < WITHIN_S
        assert (agent.status.profile_id != first) is other
        assert agent.status.trust is None, "the window began anew"
        assert agent.status.state is not State.UNKNOWN_MOUSE
        agent.work(DESK, 1)

    daemon.cpi(3200)
    wait_until(lambda: agent.status.state is State.UNKNOWN_MOUSE, "a CPI without a profile", WITHIN_S)
    assert "cpi: 3200" in agent.status.detail
    wait_until(lambda: agent.alerts("An unknown mouse is in use"), "the alert")

    daemon.process.terminate()
    agent.work(DESK, 1)
    wait_until(lambda: agent.status.configuration.cpi == 1200, "the administrator's word", 5.0)
    assert agent.status.configuration.cpi_source is Source.ADMINISTRATOR
    assert agent.status.state is State.UNKNOWN_MOUSE, "no profile was made under it"
