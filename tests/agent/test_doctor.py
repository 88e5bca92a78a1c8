"""The doctor: each part says what it saw and how to mend it, and nothing is locked unless asked."""

from __future__ import annotations

import dataclasses
from dataclasses import fields, replace
from pathlib import Path

import pytest
import trustme

from agent.config.schema import CentralSettings
from agent.doctor import _folders, examine
from agent.doctor_mends import Mends, mends
from agent.engine.mouse import MouseConfiguration, Source
from agent.files.paths import Paths
from agent.findings import Finding, Health
from agent.host.api import LockReport, LockResult
from agent.host.null.services import null_services
from agent.host.ring import Ring
from agent.host.select import HostServices
from tests.agent.alerts.transports.http_stub import serving

WHY = "this is a Wayland session: log in with an X11 session"


class Pointer:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self, ring: Ring) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")

    def is_alive(self) -> bool:
        return True

    def sync(self) -> None:
        raise AssertionError("the doctor does not sync")


class Mice:
    def __init__(self, cpi: int) -> None:
        self._cpi = cpi

    def connected(self) -> tuple[MouseConfiguration, ...]:
        sources = (("cpi", Source.HWDB),)
        return (MouseConfiguration("pynput-x11", name="Desk Mouse", cpi=self._cpi, sources=sources),)

    def current(self) -> MouseConfiguration:
        raise AssertionError("the doctor names every mouse")

    def of(self, source: int) -> MouseConfiguration:
        raise AssertionError("the doctor hears no events")

    def look(self) -> None:
        raise AssertionError("the doctor looks once")

    def watch(self, changed: object) -> None:
        raise AssertionError("the doctor does not watch")

    def close(self) -> None:
        raise AssertionError("nothing is open")


class Lock:
    def __init__(self, result: LockResult | None) -> None:
        self._result = result

    def lock(self) -> LockReport:
        assert self._result is not None, "locked without being asked to"
        return LockReport(self._result, "i3lock", 1, ("i3lock: tried",))

    def is_locked(self) -> bool:
        return False

    def names(self) -> list[str]:
        return ["logind", "i3lock"]


class Idle:
    def __init__(self, ms: int | None = 12, problem: str = "") -> None:
        self._ms = ms
        self._problem = problem

    def idle_ms(self) -> int | None:
        return self._ms

    def problem(self) -> str:
        return self._problem


class Reauthentication:
    def available(self) -> bool:
        return True

    def confirm(self, why: str) -> bool:
        raise AssertionError("the doctor asks nobody")


def healthy(cpi: int = 1600, lock: LockResult | None = None) -> HostServices:
    return replace(
        null_services(WHY),
        pointer=Pointer,
        mice=Mice(cpi),
        lock=Lock(lock),
        idle=Idle(),
        reauthentication=Reauthentication(),
        notes=(),
    )


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def examined(
    paths: Paths, host: HostServices, monkeypatch: pytest.MonkeyPatch, *, test_lock: bool = False
) -> dict[str, Finding]:
    monkeypatch.setattr("agent.doctor.services", lambda _, **__: host)
    return {finding.part: finding for finding in examine(paths, test_lock=test_lock)}


def test_on_a_healthy_computer_nothing_is_broken(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(paths, healthy(), monkeypatch)
    assert not any(finding.is_broken for finding in found.values())
    assert found["lock"].seen == "would try: logind, i3lock"
    assert "cpi: 1600 (hwdb)" in found["mouse"].more
    assert "cpi: 1600 (hwdb)" in found["mouse"].line()
    assert found["alerts"].health is Health.DEGRADED
    assert "set a destination" in found["alerts"].mend


def test_where_there_is_nothing_each_part_says_what_to_do(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(paths, null_services(WHY), monkeypatch)
    assert {part for part, finding in found.items() if finding.is_broken} == {"capture", "lock"}
    assert found["capture"].mend == WHY
    for finding in found.values():
        assert finding.mend or finding.health is Health.OK or finding.part == "desktop", finding


@pytest.mark.parametrize(
    ("idle", "health", "seen"),
    [
        (Idle(), Health.OK, "last input 12 ms ago"),
        (Idle(None), Health.OK, "the desktop tells when input comes; none came since it was asked"),
        (Idle(None, "the compositor hangs"), Health.DEGRADED, "the compositor hangs"),
    ],
)
def test_who_tells_of_input_is_said_and_so_is_why_nobody_does(
    idle: Idle, health: Health, seen: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = examined(paths, dataclasses.replace(healthy(), idle=idle), monkeypatch)["idle"]
    assert (finding.health, finding.seen) == (health, seen)


def test_a_mouse_without_cpi_is_degraded(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    mouse = examined(paths, healthy(cpi=0), monkeypatch)["mouse"]
    assert mouse.health is Health.DEGRADED
    assert "cpi: unknown" in mouse.more
    assert str(paths.devices_dir) in mouse.mend


def test_what_is_declared_wrongly_is_said(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.devices_dir.mkdir(parents=True, mode=0o777)
    paths.devices_dir.chmod(0o777)
    monkeypatch.setattr("agent.doctor.services", lambda _, **__: healthy())
    found = [f for f in examine(paths, test_lock=False) if f.part == "mouse"]
    assert [f.health for f in found] == [Health.BROKEN, Health.OK]
    assert "declared mice not used" in found[0].seen


@pytest.mark.parametrize("result", list(LockResult))
def test_the_lock_is_tested_only_when_asked_and_believed_only_when_seen(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, result: LockResult
) -> None:
    lock = examined(paths, healthy(lock=result), monkeypatch, test_lock=True)["lock"]
    assert lock.is_broken is (result is not LockResult.LOCKED)
    assert "i3lock" in lock.seen


def test_bad_settings_end_the_examination(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.config_dir.mkdir()
    paths.settings_file.write_text("[judgement]\nmode = 'loud'\n")
    found = examined(paths, healthy(), monkeypatch)
    assert set(found) == {"settings"}
    assert "judgement.mode is 'loud'" in found["settings"].seen


def test_a_bad_policy_and_bad_keys_are_broken(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.managed_dir.mkdir(parents=True)
    (paths.managed_dir / "a.json").write_text("{")
    paths.keys_dir.mkdir(parents=True, mode=0o700)
    paths.local_key_file.write_text("junk")
    paths.local_key_file.chmod(0o600)
    found = [finding for finding in examine(paths, test_lock=False) if finding.is_broken]
    assert {"policy", "keys"} <= {finding.part for finding in found}
    assert str(paths.local_key_file) in next(f.seen for f in found if f.part == "keys")


def test_lines_and_json_say_the_same() -> None:
    finding = Finding("lock", Health.BROKEN, "no locker was found", "apt-get install i3lock")
    assert "no locker was found" in finding.line()
    assert finding.line().endswith("-> apt-get install i3lock")
    assert finding.to_json() == {
        "part": "lock",
        "health": "broken",
        "seen": "no locker was found",
        "mend": "apt-get install i3lock",
        "more": [],
    }


def test_the_administrators_folders_are_asked() -> None:
    authority = trustme.CA()
    with serving(tls=authority.issue_cert("localhost")) as stub, authority.cert_pem.tempfile() as ca_file:
        central = CentralSettings(folder_url=stub.url("/profiles", "https"), ca_file=ca_file)
        (reached,) = _folders(central)
        (strange,) = _folders(replace(central, ca_file=""))
        (nobody,) = _folders(CentralSettings(recordings_url="https://localhost:9"))
    assert (reached.health, strange.health, nobody.health) == (Health.OK, Health.DEGRADED, Health.DEGRADED)
    assert "central.ca_file" in strange.seen
    assert "refuses connections" in nobody.seen
    assert list(_folders(CentralSettings())) == []


@pytest.mark.parametrize(("platform", "foreign"), [("win32", True), ("darwin", True), ("linux", False)])
def test_what_to_do_is_said_for_this_system(platform: str, foreign: bool) -> None:
    lines = [getattr(mends(platform), field.name) for field in fields(Mends)]
    assert all(lines)
    assert not foreign or not any(
        word in line for line in lines for word in ("apt-get", "/etc", "polkit", "root")
    )
