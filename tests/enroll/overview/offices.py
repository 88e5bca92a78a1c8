"""Offices of made-up people, with real signed profiles, figures, and exported events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.keys import Role
from agent.files.profile import pack_signed
from agent.files.profiles import SUFFIX, profile_name
from agent.files.signing import SigningKey, load_signing_key
from enroll.cli import main
from enroll.edition import Edition
from enroll.office.layout import OfficeLayout, open_office
from enroll.train import train
from tests.enroll.people import rows_of

MICE = (
    MouseConfiguration(
        "pynput-x11", bus="usb", vendor="046d", product="c077", name="Logitech M105", cpi=1000
    ),
    MouseConfiguration("pynput-x11", bus="usb", vendor="413c", product="301a", name="Dell MS116", cpi=1000),
    MouseConfiguration("pynput-x11", bus="usb", vendor="093a", product="2510", name="Fujitsu M520", cpi=1000),
)
GROUPS = ("default", "pilot", "wave-1")


@dataclass(frozen=True)
class MadeUpOffice:
    """An office and where its events are exported to."""

    layout: OfficeLayout
    events: Path


def made_up_office(root: Path, people: int, now: datetime, exempt: int = 0) -> MadeUpOffice:
    """People number 0 on: every seventh has no profile, every eleventh one that has ended, every third two mice."""
    assert main(["office", "init", str(root), "--no-passphrase"]) == 0
    layout = open_office(root)
    key = load_signing_key(layout.keys_dir / "admin-1.pem")
    profile = train(
        [rows_of(1, session, 60) for session in range(2)], "somebody", MICE[0], edition=Edition(created=now)
    )
    lines = ["person,name,account,computer,group"]
    for number in range(people + exempt):
        group = GROUPS[number % len(GROUPS)] if number < people else "exempt"
        lines.append(f"{person_id(number)},{name_of(number)},CORP\\u{number},pc{number},{group}")
        if number < people and number % 7:
            for mouse in MICE[: 2 if number % 3 == 0 else 1]:
                write_profile(layout, replace(profile, user=person_id(number), mouse=mouse), key, number, now)
    layout.people_file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    mice = [f"{mouse.key},{mouse.name},{mouse.cpi}" for mouse in MICE]
    layout.mice_file.write_text("\n".join(["mouse,name,cpi", *mice, ""]), encoding="utf-8")
    events = root.parent / "events.jsonl"
    with events.open("w", encoding="utf-8") as file:
        for event in exported(people, now):
            file.write(json.dumps(event) + "\n")
    return MadeUpOffice(layout, events)


def person_id(number: int) -> str:
    return f"p-{number:012x}"


def name_of(number: int) -> str:
    first = ("Ada", "Blaise", "Carl", "Dorothy", "Emmy", "Felix", "Grace", "Hedy", "Ida", "Jürgen")
    last = ("Abel", "Berg", "Cantor", "Dietz", "Engel", "Frank", "Gauß", "Hahn", "Ihde", "Jung", "Klein")
    return f"{first[number % 10]} {last[number // 10 % 11]} {number}"


def write_profile(
    layout: OfficeLayout, profile: Profile, key: SigningKey, number: int, now: datetime
) -> None:
    ends = now + timedelta(days=-20 if number % 11 == 0 else 12 if number % 13 == 0 else 200)
    made = replace(
        profile,
        sequence=1 + number % 5,
        created=(ends - timedelta(days=365)).isoformat(timespec="seconds"),
        expires=ends.isoformat(timespec="seconds"),
    )
    stem = profile_name(made.user, made.mouse.key)
    (layout.profiles_dir / f"{stem}{SUFFIX}").write_bytes(pack_signed(made, key, Role.ADMINISTRATOR))
    figures: dict[str, Any] = {
        "hours": 4.0 + number % 9,
        "actions": 1500 + 10 * number % 3000,
        "session_drift": 0.2 + number % 10 / 10,
        **({"expected_error": 0.05 + number % 12 / 100} if number % 2 else {}),
        "rates_are_estimated": number % 4 != 0,
        "rate_bound_per_40h": 24.0,
        "false_locks_asked_per_40h": 1.0,
    }
    (layout.profiles_dir / f"{stem}.json").write_text(json.dumps(figures), encoding="utf-8")


def exported(people: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Heartbeats of all but every ninth; every fifth answered two findings; every seventeenth has a new mouse."""
    for number in range(people):
        if number % 9 == 0:
            continue
        seen = now - timedelta(days=number % 10, minutes=number % 60)
        mode = "enforce" if number % 3 == 1 else "shadow"
        yield event(number, AlertKind.HEARTBEAT, seen, {"mode": mode, "sees": True})
        if number % 5 == 0:
            for finding in range(2):
                answer = {"answer": "that was me", "false_alarms": finding + 1}
                at = seen - timedelta(hours=finding + 1)
                yield event(number, AlertKind.SUSPICIOUS, at, answer, f"{number}-{finding}", Activity.CLOSE)
        if number % 17 == 0:
            yield event(number, AlertKind.UNKNOWN_MOUSE, seen, {})


def event(
    number: int,
    kind: AlertKind,
    at: datetime,
    detail: dict[str, Any],
    finding: str = "",
    activity: Activity = Activity.CREATE,
) -> dict[str, Any]:
    alert = Alert(
        kind=kind,
        activity=activity,
        severity=Severity.INFORMATIONAL,
        time_unix_ns=round(at.timestamp() * 1e9),
        finding_id=finding or f"{kind.value}-{number}",
        record_id=f"{kind.value}-{number}-{at.isoformat()}-{finding}",
        user=f"CORP\\u{number}",
        host=f"pc{number}",
        message=kind.value,
        detail=detail,
    )
    return to_ocsf(Record("stream", 1, alert), Product("2.1.0", "Linux"))


NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
