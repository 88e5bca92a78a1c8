"""The language model's own figures: counted as they say, on what was not learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.engine.detectors import lstm
from agent.engine.sketch import WIDTH
from enroll.approaches.language import balanced_accuracy, commonest_next, measured_language, next_token
from enroll.approaches.table import language_part
from enroll.example import ExampleSize, write_example


def uniform(width: int = 4) -> dict[str, np.ndarray]:
    """A memory that says the same of every token: END."""
    head_bias = np.zeros((1, lstm.TOKENS), np.float32)
    head_bias[0, lstm.END] = 1.0
    return {
        "embedding": np.zeros((1, lstm.TOKENS, 3), np.float32),
        "from_input": np.zeros((1, 3, 4 * width), np.float32),
        "from_state": np.zeros((1, width, 4 * width), np.float32),
        "bias": np.zeros((1, 4 * width), np.float32),
        "head": np.zeros((1, width, lstm.TOKENS), np.float32),
        "head_bias": head_bias,
    }


def test_what_follows_most_often() -> None:
    told = commonest_next(np.array([[1, 5, 13, 2, 0], [1, 5, 14, 2, 0], [1, 6, 14, 5, 14]]))
    assert (told[1], told[5], told[13]) == (5, 14, 2)
    assert told[14] in (2, 5)


def test_padding_is_no_token_and_one_ending_is_one_right_guess() -> None:
    sentences = np.full((1_100, 6), lstm.NOTHING)
    sentences[:, :4] = (lstm.BEGIN, lstm.FIRST_DIRECTION, lstm.FIRST_MAGNITUDE, lstm.END)
    told = next_token(uniform(), commonest_next(sentences), sentences)
    assert told["tokens"] == 3_300
    assert told["model"] == pytest.approx(1.0 / 3.0, abs=1e-4)
    assert told["pairs"] == 1.0
    assert (told["directions"], told["magnitudes"], told["boundaries"]) == (0.0, 0.0, 1.0)


def test_balanced_accuracy_gives_each_class_half() -> None:
    genuine, others = [np.ones(60), -np.ones(20)], [np.r_[-np.ones(90), np.ones(30)]]
    told = balanced_accuracy(genuine, others)
    assert told["actions"] == pytest.approx((60 / 80 + 90 / 120) / 2)
    assert told["windows"] == pytest.approx((1.0 + 3 / 4) / 2)
    assert told["sessions"] == pytest.approx((1 / 2 + 1.0) / 2)


def test_an_action_without_steps_is_still_a_sentence() -> None:
    told = next_token(
        uniform(), np.full(lstm.TOKENS, lstm.END), lstm.tokens_of(np.zeros((1, WIDTH), np.float32))
    )
    assert told["model"] == told["pairs"] == 1.0
    assert np.isnan(told["directions"])


@pytest.mark.deep
def test_a_whole_folder_and_its_table(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: make test-deep installs it")
    for _ in write_example(tmp_path / "office", ExampleSize(people=4, sessions=5, actions=60)):
        pass
    told = measured_language(tmp_path / "office")
    assert not set(told["accounts"]["known"]) & set(told["accounts"]["strangers"])
    assert 0.0 < told["next_token"]["known"]["model"] <= 1.0
    text = language_part(told)
    assert "64%" in text
    assert text.count("| people ") == 2
