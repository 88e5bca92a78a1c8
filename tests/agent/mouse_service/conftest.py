from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.mouse_service.mouse_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service with one mouse, and anna's session on the screen."""
    made = Bench(tmp_path)
    made.plug(3)
    made.session("2")
    made.show("2")
    made.begin()
    made.turns()
    yield made
    made.close()
