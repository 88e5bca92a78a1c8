"""Action count: actions and time in use of one recorded session."""

from __future__ import annotations

from _fastfeat import ActionStream
from agent.engine.events import EventBatch, OnAction, StreamItem
from agent.runtime.lifecycle.rate_limit import ActiveTime


class ActionCount:
    """Counts the actions of one session, and the time in use. Any split of the stream counts the same."""

    def __init__(self) -> None:
        self._stream = ActionStream()
        self._used = ActiveTime()
        self.actions = 0

    @property
    def used_ns(self) -> int:
        """Mouse use, without the rests."""
        return self._used.total_ns

    def take(self, item: StreamItem) -> None:
        """Account for one item."""
        if isinstance(item, EventBatch):
            rows = self._stream.push(item.t_ns, item.x, item.y, item.kind, item.button)
            self.actions += len(rows)
            self._used.events(int(item.t_ns[0]), int(item.t_ns[-1]))
        elif item.cause.on_action is OnAction.DROPPED:
            self._stream.discard()
        else:
            self.actions += len(self._stream.expire(item.t_ns))
