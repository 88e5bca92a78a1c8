"""The first run: three sentences, once, on the terminal and the desktop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.runtime.status.privacy_notice import HANDS_OVER, TITLE, introduce, sentences, was_told
from tests.agent.ui.test_notices import Shown


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o700)
    return tmp_path / "introduced"


@pytest.mark.parametrize(
    ("learns", "keeps", "part"),
    [
        (True, False, "then they are deleted"),
        (True, True, "policy keeps them"),
        (False, False, "keeps no movements"),
        (False, True, "keeps no movements"),
    ],
)
def test_three_sentences_say_what_is_recorded_and_what_is_not(learns: bool, keeps: bool, part: str) -> None:
    words = sentences(learns=learns, keeps=keeps)
    assert all(sentence.count(".") == 1 and sentence.endswith(".") for sentence in words)
    assert "no key" in words[1]
    assert part in words[2]


def test_handing_over_is_said_and_nobody_learns_of_it_from_other_words(marker: Path) -> None:
    words = sentences(learns=False, keeps=False, hands_over=True)
    assert "handed over" in words[2]
    assert sentences(learns=True, keeps=False, hands_over=True)[2] != words[2], (
        "this computer learns by itself"
    )
    introduce(marker, sentences(learns=False, keeps=False), Shown(), lambda line: None)
    assert not was_told(marker, HANDS_OVER)
    assert introduce(marker, words, Shown(), lambda line: None), "other words are said again"
    assert was_told(marker, HANDS_OVER)


def test_they_are_said_once(marker: Path) -> None:
    words = sentences(learns=True, keeps=False)
    shown, said = Shown(), list[str]()
    assert introduce(marker, words, shown, said.append)
    assert not introduce(marker, words, shown, said.append)
    assert said == [TITLE + ":", *words]
    assert shown.titles == [TITLE]


def test_they_are_said_again_where_nothing_can_be_kept(marker: Path) -> None:
    words = sentences(learns=True, keeps=False)
    marker.parent.chmod(0o755)
    nowhere = marker.parent / "missing" / "introduced"
    for _ in range(2):
        assert introduce(nowhere, words, Shown(works=False), lambda line: None)
