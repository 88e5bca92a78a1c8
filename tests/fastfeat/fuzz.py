"""Long fuzzing: ``python -m tests.fastfeat.fuzz --seed 1 --minutes 10 [--keep FILE]``, from the project's root.

Any stream must give the same rows in any portions, equal to the oracle, and windows equal to theirs; arbitrary
arrays must give rows or a ValueError. A failure is shrunk and shown. `--keep` collects the streams that reach
something new: another kind of action, pattern of undefined features, or signs of features.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from _fastfeat import (
    ActionRows,
    ActionStream,
    extract,
    extract_antal39,
    extract_windows,
    reference,
    reference_windows,
)
from tests.fastfeat.scripts import Events, assert_close, assert_same, event_streams, part

ROUND = 200
MOST_KEPT = 24
MOST_EVENTS_KEPT = 30

RAW = st.tuples(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 50), max_size=16),
    st.lists(st.floats(width=64), min_size=16, max_size=16),
    st.binary(min_size=32, max_size=32),
)


def check_stream(events: Events, cut: int, max_points: int, frequency: bool) -> ActionRows:
    """The rows of a stream, after everything that must hold of them was seen to hold."""
    rows = extract(*events, max_points=max_points, frequency=frequency)
    stream = ActionStream(max_points=max_points, frequency=frequency)
    halves = [stream.push(*part(events, 0, cut)), stream.push(*part(events, cut)), stream.flush()]
    assert_same(ActionRows.concat(halves), rows)
    assert not np.isinf(rows.features).any()
    assert_close(rows, reference.extract(*events, max_points=max_points, frequency=frequency))
    windows, oracle = extract_windows(rows, 3), reference_windows.extract_windows(rows, 3)
    np.testing.assert_array_equal(windows.features, oracle.features)
    return rows


def check_raw(times: list[int], places: list[float], codes: bytes) -> None:
    """Arrays of any content give rows or a ValueError that names the argument and the index."""
    n = len(times)
    kind, button = np.frombuffer(codes, np.uint8)[:n] % 6, np.frombuffer(codes, np.uint8)[16:][:n] % 9
    x, y = np.array(places[:n]), np.array(places[::-1][:n])
    told = "t_ns["
    try:
        extract(np.array(times, np.int64), x, y, kind, button)
    except ValueError as error:
        told = str(error)
    assert told.startswith(("t_ns[", "kind[", "button[")), told
    with np.errstate(all="ignore"):
        extract_antal39(np.array(times, np.float64) * 1e-9, x, y, kind, button)


def traits(rows: ActionRows) -> set[int]:
    """What a stream reached, as hashes."""
    found = set()
    for kind, values in zip(rows.kind.tolist(), rows.features, strict=True):
        found.add(hash((kind, np.isnan(values).tobytes())))
        found.add(hash((kind, "signs", np.sign(np.nan_to_num(values)).tobytes())))
    return found


class Fuzzer:
    """Rounds of examples from one seed, until the time is over."""

    def __init__(self, first_seed: int) -> None:
        self._seed = first_seed
        self._seen: set[int] = set()
        self.kept: list[Events] = []
        self.streams = self.raws = 0

    def round(self, number: int) -> None:
        """`ROUND` streams and as many raw arrays."""
        quick = settings(
            max_examples=ROUND, deadline=None, database=None, phases=[Phase.generate, Phase.shrink]
        )
        options = st.integers(0, 80), st.sampled_from([8, 12, 64, 4096]), st.booleans()
        seed(self._seed + number)(quick(given(event_streams(), *options)(self._stream)))()
        seed(self._seed + number)(quick(given(RAW)(self._raw)))()

    def _stream(self, events: Events, cut: int, max_points: int, frequency: bool) -> None:
        self.streams += 1
        new = traits(check_stream(events, cut, max_points, frequency)) - self._seen
        self._seen |= new
        if new and len(self.kept) < MOST_KEPT and 4 <= len(events[0]) <= MOST_EVENTS_KEPT:
            self.kept.append(events)

    def _raw(self, raw: tuple[list[int], list[float], bytes]) -> None:
        self.raws += 1
        check_raw(*raw)


def main() -> int:
    """Fuzz, and say how much."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--keep", type=Path, help="write the streams that reached something new here (.npz)")
    told = parser.parse_args()
    fuzzer, until, number = Fuzzer(told.seed), time.monotonic() + 60 * told.minutes, 0
    while time.monotonic() < until:
        fuzzer.round(1000 * number)
        number += 1
    if told.keep:
        edges = np.cumsum([0, *(len(events[0]) for events in fuzzer.kept)])
        columns = (np.concatenate(c) for c in zip(*fuzzer.kept, strict=True))
        names = ("t_ns", "x", "y", "kind", "button")
        np.savez_compressed(told.keep, edges=edges, **dict(zip(names, columns, strict=True)))
    sys.stdout.write(
        f"seed {told.seed}: {fuzzer.streams} streams, {fuzzer.raws} raw arrays, no failure; "
        f"{len(fuzzer._seen)} kinds of result\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
