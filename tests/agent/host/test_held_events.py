"""What RECORD tells after it began anew waits for what was moved before, and comes in order."""

from __future__ import annotations

from agent.engine.events import EventKind
from agent.host.linux.held_events import HeldEvents
from agent.host.linux.record import RecordDecoder
from agent.host.ring import Ring

MOVE = EventKind.MOVE


def times(ring: Ring) -> list[int]:
    return [item[0] for item in ring._items]  # type: ignore[index]


def test_events_wait_until_they_are_released_and_follow_what_came_between() -> None:
    ring = Ring()
    held = HeldEvents(ring)
    held.append(30, 1, 1, MOVE, 0)
    held.append(40, 2, 2, MOVE, 0)
    assert len(ring) == 0
    ring.append(10, 0, 0, MOVE, 0)
    held.release()
    held.append(50, 3, 3, MOVE, 0)
    held.release()
    assert times(ring) == [10, 30, 40, 50]


def test_a_decoder_that_holds_back_counts_and_gives_everything_once() -> None:
    ring = Ring()
    decoder = RecordDecoder(ring, lambda: None)
    decoder.hold_back()
    motion = bytes([6, 0, 0, 0]) + (5).to_bytes(4, "little") + bytes(24)
    decoder.events(motion)
    assert (decoder.motions, len(ring)) == (1, 0)
    decoder.release()
    decoder.release()
    assert decoder.held is None
    decoder.events(motion)
    assert len(ring) == 2
