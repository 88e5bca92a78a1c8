"""The streams that fuzzing found to reach something new, again."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.fastfeat.fuzz import check_raw, check_stream, traits
from tests.fastfeat.scripts import Events, part

CORPUS = Path(__file__).parent / "corpus" / "streams.npz"


def streams() -> list[Events]:
    with np.load(CORPUS, allow_pickle=False) as told:
        events: Events = (told["t_ns"], told["x"], told["y"], told["kind"], told["button"])
        edges = told["edges"].tolist()
    return [part(events, a, b) for a, b in pairwise(edges)]


@pytest.mark.parametrize("frequency", [False, True])
@pytest.mark.parametrize("max_points", [8, 4096])
def test_streams_of_the_corpus(max_points: int, frequency: bool) -> None:
    found = streams()
    assert len(found) >= 10
    seen: set[int] = set()
    for events in found:
        cut = len(events[0]) // 2
        seen |= traits(check_stream(events, cut, max_points, frequency))
    assert len(seen) >= 20


def test_raw_arrays() -> None:
    check_raw([0, 5, 2**63 - 1], [1e308, -1e308, 0.0, *[float("nan")] * 13], bytes(32))
    check_raw([-1], [float("inf")] * 16, bytes(range(32)))
