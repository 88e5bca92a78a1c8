"""The alerts' own file, read back: what the person sees is what the security team got."""

from __future__ import annotations

import json
from pathlib import Path

from agent.alerts.alert import Activity, AlertKind
from agent.alerts.alert_history import read_noticed
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.runtime.response.alert_wording import AlertWording

T0 = 1_700_000_000
WORDING = AlertWording("ada", "desk-7", lambda: T0 * 1_000_000_000)
PRODUCT = Product("0.1.0", "Linux")


def write(path: Path, *kinds: AlertKind) -> list[str]:
    lines = []
    for number, kind in enumerate(kinds):
        alert = WORDING.health(kind, f"message {number}")
        lines.append(json.dumps(to_ocsf(Record("stream", number, alert), PRODUCT)))
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return lines


def test_alerts_come_back_without_what_is_only_informational(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    write(path, AlertKind.STARTED, AlertKind.PAUSED, AlertKind.INTRUDER)
    told = read_noticed(path, T0 - 1)
    assert [(n.kind, n.message, n.t_unix_s) for n in told] == [
        ("paused", "message 1", T0),
        ("intruder", "message 2", T0),
    ]
    assert read_noticed(path, T0 + 1) == ()
    assert read_noticed(tmp_path / "none.jsonl", 0) == ()


def test_a_record_that_came_twice_is_told_once_and_half_a_line_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    lines = write(path, AlertKind.PAUSED)
    path.write_text("\n".join([*lines, *lines, lines[0][:40], "7", '{"is_alert": true}', "[" * 50_000]))
    assert len(read_noticed(path, 0)) == 1


def test_records_of_one_finding_share_it_and_keep_their_reasons(tmp_path: Path) -> None:
    from dataclasses import replace

    path = tmp_path / "alerts.jsonl"
    create = replace(WORDING.health(AlertKind.INTRUDER, "somebody"), reasons=("speed: much higher",))
    close = WORDING.was_me(create, 1)
    events = [to_ocsf(Record("s", n, alert), PRODUCT) for n, alert in enumerate((create, close))]
    assert [event["activity_id"] for event in events] == [Activity.CREATE, Activity.CLOSE]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    path.chmod(0o600)
    first, second = read_noticed(path, 0)
    assert first.finding == second.finding
    assert first.reasons == ("speed: much higher",)
    assert "false alarm" in second.message
