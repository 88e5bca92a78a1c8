"""Shares of the accounts: how many alerts each may bring, and which of its processes goes first. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from agent.relay.accounts import AccountId

MOST_A_MINUTE: Final = 120
RESERVED_A_MINUTE: Final = 40
"""Of these, so many are for the process of the account that has been heard for longest: its agent."""
_FORGOTTEN_NS: Final = 150_000_000_000
_MINUTE_NS: Final = 60_000_000_000
_MOST_PROCESSES: Final = 256
_MOST_RECORDS: Final = 2048
_REPORT_NS: Final = 600_000_000_000


@dataclass(slots=True)
class _Share:
    """One account's use of the current minute, and its processes by the time they were first heard."""

    minute_ns: int
    common: int = 0
    reserved: int = 0
    processes: dict[int, tuple[int, int]] = field(default_factory=dict)


class Quota:
    """Alerts that each account may bring in a minute."""

    def __init__(self) -> None:
        self._shares: dict[AccountId, _Share] = {}

    def admits(self, uid: AccountId, pid: int, now_ns: int) -> bool:
        """Whether one more alert of this process is within its account's share; it then counts."""
        share = self._shares.setdefault(uid, _Share(now_ns))
        if now_ns - share.minute_ns >= _MINUTE_NS:
            share.minute_ns, share.common, share.reserved = now_ns, 0, 0
        is_oldest = _oldest(share, now_ns) in (None, pid)
        if share.common < MOST_A_MINUTE - RESERVED_A_MINUTE:
            share.common += 1
        elif is_oldest and share.reserved < RESERVED_A_MINUTE:
            share.reserved += 1
        else:
            return False
        _remember(share, pid, now_ns)
        return True


def _oldest(share: _Share, now_ns: int) -> int | None:
    """The process that has been heard for longest, of those that still are."""
    current = {pid: first for pid, (first, last) in share.processes.items() if now_ns - last < _FORGOTTEN_NS}
    return min(current, key=current.__getitem__, default=None)


def _remember(share: _Share, pid: int, now_ns: int) -> None:
    first_ns, last_ns = share.processes.get(pid, (now_ns, now_ns))
    if now_ns - last_ns >= _FORGOTTEN_NS:
        first_ns = now_ns
    share.processes[pid] = (first_ns, now_ns)
    if len(share.processes) > _MOST_PROCESSES:
        current = {key: seen for key, seen in share.processes.items() if now_ns - seen[1] < _FORGOTTEN_NS}
        share.processes = current
    if len(share.processes) > _MOST_PROCESSES:
        # The newest goes: a flood of processes must not push the agent out.
        newest = max(share.processes, key=lambda known: share.processes[known][0])
        del share.processes[newest]


class RecentRecords:
    """Record ids that each account brought last: one that is brought again has arrived already."""

    def __init__(self) -> None:
        self._by_uid: dict[AccountId, OrderedDict[str, None]] = {}

    def has(self, uid: AccountId, record_id: str) -> bool:
        """Whether this account brought that record."""
        return record_id in self._by_uid.get(uid, ())

    def add(self, uid: AccountId, record_id: str) -> None:
        """Note one; the oldest is forgotten."""
        records = self._by_uid.setdefault(uid, OrderedDict())
        records[record_id] = None
        if len(records) > _MOST_RECORDS:
            records.popitem(last=False)


class AbuseCounter:
    """Counts what is refused, apart from what is taken, and says when that is worth an alert."""

    def __init__(self) -> None:
        self._counts: dict[tuple[AccountId, str], int] = {}
        self._reported_ns: dict[tuple[AccountId, str], int] = {}

    def count(self, uid: AccountId, how: str) -> None:
        """One more of this kind."""
        self._counts[uid, how] = self._counts.get((uid, how), 0) + 1

    def due(self, now_ns: int) -> list[tuple[AccountId, str, int]]:
        """Account, kind and count of everything that was not reported in the last ten minutes."""
        reports = []
        for (uid, how), count in list(self._counts.items()):
            last_ns = self._reported_ns.get((uid, how))
            if last_ns is None or now_ns - last_ns >= _REPORT_NS:
                reports.append((uid, how, count))
                self._reported_ns[uid, how] = now_ns
                del self._counts[uid, how]
        return reports
