"""What NumPy makes of a network is what PyTorch makes of it: by stored numbers, and where it is there by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agent.engine.detectors import image, lstm
from agent.engine.fusion import part
from tests.deep.make_golden import GOLDEN, told_by_torch


def check(told: Any) -> None:
    memory = part(told, "lstm")
    states = lstm.hidden(memory, told["tokens"], 0)
    length = states.shape[1]
    said = told["tokens"][:, :length] != lstm.NOTHING
    assert said.sum() > 100
    assert np.abs(states - told["states"][:, :length])[said].max() < 1e-5
    shares = lstm.log_shares(memory, states, 0)
    assert np.abs(shares - told["shares"][:, :length])[said].max() < 1e-5
    embedded = image.forward(part(told, "image"), told["pictures"], 0)
    assert embedded.std() > 1e-3
    assert np.abs(embedded - told["embedded"]).max() < 1e-5


def test_the_stored_numbers_of_torch() -> None:
    with np.load(GOLDEN) as stored:
        check(dict(stored))


@pytest.mark.deep
def test_torch_itself() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: make test-deep installs it")
    check(told_by_torch())
