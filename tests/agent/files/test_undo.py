"""What goes away where the work on it fails."""

from __future__ import annotations

import pytest

from agent.files.undo import undo_on_failure


@pytest.mark.parametrize("failure", [ValueError("broken"), KeyboardInterrupt()])
def test_a_failure_undoes_and_goes_on(failure: BaseException) -> None:
    undone: list[str] = []
    with pytest.raises(type(failure)) as raised, undo_on_failure(lambda: undone.append("closed")):
        raise failure
    assert raised.value is failure
    assert undone == ["closed"]


def test_without_a_failure_everything_stays() -> None:
    undone: list[str] = []
    with undo_on_failure(lambda: undone.append("closed")):
        pass
    assert undone == []
