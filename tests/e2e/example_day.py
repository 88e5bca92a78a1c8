"""A day at a desk, made up, for the pictures and the tests of what is on the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from agent.alerts.alert_history import Noticed
from agent.engine.mouse import MouseConfiguration, Source
from agent.engine.sketch import SketchedRows
from agent.engine.sufficiency import Sufficiency
from agent.files.baseline_log import BaselineRecord
from agent.files.day_log_file import Spell
from agent.files.drill_log import DrillOutcome
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import notice_lines
from agent.runtime.status.snapshot import State, Status
from agent.ui.day import Day, Stored
from enroll.sessions import session_rows
from tests.enroll.people import events_of

NOW_S = int(datetime(2026, 3, 2, 15, 10, tzinfo=UTC).timestamp())
TOLD_AT = "15:10:24"
INTRODUCTION = notice_lines(PrivacyFacts())
MOUSE = MouseConfiguration(
    "pynput-x11",
    "usb",
    "046d",
    "c084",
    name="Logitech G203",
    cpi=800,
    report_rate_hz=1000,
    acceleration="flat",
    kind="mouse",
    sources=(
        *((name, Source.SYSTEM) for name in ("bus", "vendor", "product", "name", "kind", "acceleration")),
        *((name, Source.SYSTEM) for name in ("pointer_speed", "screen_scale", "capture")),
        ("cpi", Source.VENDOR),
        ("report_rate_hz", Source.VENDOR),
    ),
)


def last_movements() -> bytes:
    """Sixty movements of a made-up hand, as sketches."""
    rows = session_rows("ada", "today", [events_of(1, 5, 80)], sketched=True).rows
    assert isinstance(rows, SketchedRows)
    return rows.sketches[:60].tobytes()


PROTECTING = Status(
    State.PROTECTING,
    trust=93,
    mode="enforce",
    user="ada",
    mouse=MOUSE.name,
    configuration=MOUSE,
    profile_id="ada-3",
    actions=4312,
    events=193_211,
    false_alarms=1,
    movements=last_movements(),
)
_WEIGHED = Sufficiency(
    hours=0.7,
    error=0.36,
    owner_error=0.52,
    stranger_error=0.2,
    error_next_hour=0.21,
    enough=False,
    enough_hours=3.1,
    measured_strangers=False,
)
LEARNING = Status(
    State.LEARNING,
    detail=f"Learning how you move this mouse: 630 of 1,500 actions, 1 of 3 sessions; {_WEIGHED.line()}",
    user="ada",
    mouse=MOUSE.name,
    configuration=MOUSE,
    enrolled_share=0.42,
    hours_left=2.6,
    sufficiency=_WEIGHED,
)
_TRUST = (100, 99, 100, 97, 98, 100, 96, 91, 94, 99, 100, 100)


def a_proven_day() -> Day:
    """The same day after a login and an unlock that the system's authentication performed, and after three drills."""
    baselines = [
        BaselineRecord(
            NOW_S - days * 86_400 - 5 * 3600, "login", "gdm-password", 84 + days, -0.1 * (days % 4)
        )
        for days in range(11, 0, -1)
    ]
    baselines += [
        BaselineRecord(NOW_S - 6 * 3600, "login", "gdm-password", 200, -0.31),
        BaselineRecord(NOW_S - 140 * 60, "unlock", "gdm-password", 58, -0.22),
        BaselineRecord(NOW_S - 68 * 60, "that was me", "polkit", 91, -1.43),
    ]
    drills = (
        DrillOutcome(NOW_S - 9 * 86_400, 180.0, 71, 64.0, 33),
        DrillOutcome(NOW_S - 5 * 86_400, 240.0, 88, None, None),
        DrillOutcome(NOW_S - 2 * 86_400, 150.0, 52, 101.0, 47),
        DrillOutcome(NOW_S - 86_400, 20.0, 6, None, None),
    )
    return replace(a_day(), baselines=tuple(baselines), drills=drills)


def a_day() -> Day:
    """From eight to ten past three: a lunch, a pause, one false alarm."""
    spells = []
    for number in range(85):
        t_s = NOW_S - 600 - (84 - number) * 300
        hour = (t_s % 86_400) / 3600
        if 12 <= hour < 12.75 or 10 <= hour < 10.25:
            continue
        last = _TRUST[number % len(_TRUST)]
        low = last - 3 * (number % 5)
        if 13.9 <= hour < 14.05:
            last, low = 41, 28
        spells.append(Spell(t_s, "protecting", low, last))
    alarm_s = NOW_S - 70 * 60
    reasons = (
        "speed differs much from the owner's",
        "path differs clearly from the owner's",
    )
    title = "The mouse is not moved as its owner moves it"
    message = "The mouse is moved somewhat unlike its owner: 41 actions in 63 s"
    noticed = (
        Noticed(
            NOW_S - 310 * 60,
            "paused",
            "Protection was paused",
            "Paused by the owner, for 15 minutes at most",
            (),
            "p",
        ),
        Noticed(alarm_s, "suspicious", title, message, reasons, "f"),
        Noticed(
            alarm_s + 75,
            "suspicious",
            title,
            "A false alarm, says the owner, who proved who they are",
            (),
            "f",
        ),
    )
    stored = (
        Stored("recordings of your movements, encrypted", "until learning is done", 0, 0),
        Stored("profiles: figures about how you move", "until they expire", 1, 412_345),
        Stored("alerts, as the security team gets them", "20 MB at most, then the oldest go", 2, 83_123),
        Stored("trust over the day, for this page alone", "24 hours", 1, 6_402),
    )
    return Day(NOW_S, tuple(spells), noticed, stored, zone=UTC)
