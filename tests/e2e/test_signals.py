"""The relay, killed while it pushes signals: short here, a hundred times by `make signals-kill-test`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.reliability_signals import killed_relay

KILLS = 3


@pytest.mark.timeout(240)
def test_a_relay_that_is_killed_loses_no_signal_that_it_took(tmp_path: Path) -> None:
    trial = killed_relay(tmp_path, KILLS)
    assert trial.sent >= 5 * KILLS
    assert trial.troubles >= KILLS
    assert trial.missing == 0
