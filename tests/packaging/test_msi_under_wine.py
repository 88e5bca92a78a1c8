"""The MSI under Wine: installed, used until a stranger is found, upgraded while it runs, removed without remains.

Takes some minutes, root and what packaging/windows/rig makes: `make windows-test LONG=1`. Pictures and measurements
stay in build/windows-show.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.alerts.verify import verify
from agent.demo.hand import XTestPointer, play
from agent.demo.people import DemoPeople, generated
from agent.engine.events import EventBatch
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.recording import open_recording
from agent.files.stream import Session
from agent.host.linux.xdisplay import open_display
from agent.runtime.status.snapshot import Status
from tests.e2e.browser import draw
from tests.packaging.lateness import drawn, measured_lateness_ns
from tests.packaging.wine import (
    DRIVE,
    RIG,
    ROOT,
    InstalledAgent,
    InstalledRelay,
    WindowsDesktop,
    wait_for,
    windows_desktop,
    windows_path,
    words_of,
)
from tests.packaging.wine_measures import cpu_s, own_share_mb, rss_mb, threads

FOLDER = DRIVE / "Program Files" / "Steadyhand"
PROGRAM = "C:\\Program Files\\Steadyhand\\{}.exe"
ADMINISTRATORS = DRIVE / "ProgramData" / "Steadyhand"
RUN_KEY = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run"
POLICY_KEY = r"HKLM\Software\Policies\Steadyhand"
PRODUCTS = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
EVENT_SOURCE = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Steadyhand"
RELAY_SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\SteadyhandRelay"
KEEPER_SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\SteadyhandKeeper"
SHOW = ROOT / "build" / "windows-show"
MSIS = sorted(RIG.glob("steadyhand-*.msi"))
LOG_OFF, CLOSE_APP = "80000000", "1"
NOTIFICATION_S = 30.0
REST_S = 30.0

# As in `make demo`: a minute of work is no observed error rate. Nothing locks: Wine has no lock screen.
POLICY: dict[str, dict[str, bool | int | str]] = {
    "judgement": {"mode": "enforce", "lock_on_estimate": True},
    "response": {"countdown_s": "8.0"},
    "enrolment": {"actions": 500, "until": "counts", "sessions": 3, "background": "none"},
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("STEADYHAND_WINDOWS_TEST") or len(MSIS) != 2 or os.geteuid() != 0,
        reason="installs two MSIs under Wine, as root: make windows-test LONG=1",
    ),
]


@pytest.fixture(scope="module")
def desktop() -> Iterator[WindowsDesktop]:
    with windows_desktop() as made:
        # What a run that was broken off left behind.
        made.run("reg", "delete", POLICY_KEY, "/f")
        for product in re.findall(r"\{[0-9A-F-]{36}\}", made.registry(PRODUCTS)):
            made.run("msiexec", "/x", product, "/qn", timeout_s=300.0)
        yield made
        made.run("reg", "delete", POLICY_KEY, "/f")


@pytest.fixture(scope="module")
def agent(desktop: WindowsDesktop) -> InstalledAgent:
    made = InstalledAgent(desktop)
    shutil.rmtree(made.state_dir, ignore_errors=True)
    return made


@pytest.fixture(scope="module")
def relay(desktop: WindowsDesktop) -> InstalledRelay:
    return InstalledRelay(desktop)


@pytest.fixture(scope="module")
def people() -> DemoPeople:
    return generated()


def begin_session(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    """Start what the registry starts with every session."""
    (line,) = [line for line in desktop.registry(RUN_KEY).splitlines() if "steadyhand" in line]
    before = agent.kinds().count("started")
    desktop.start(*words_of(line.split("REG_SZ")[1]))
    wait_for("agent", lambda: agent.kinds().count("started") > before, 90.0)
    wait_for("status", lambda: agent.status().get("state") not in (None, "starting"), 30.0)


def end_session(desktop: WindowsDesktop, agent: InstalledAgent, flags: str) -> None:
    """Send the messages of a log-off (or of Windows' Restart Manager), and wait for the agent's end."""
    desktop.run("C:\\py311\\end_session.exe", "1", flags)
    wait_for("end of the agent", lambda: not agent.pids(), 20.0)


def dialogue(desktop: WindowsDesktop) -> str:
    """The windows' titles that the rig's tool sees, where there is a dialogue of the agent's."""
    seen = desktop.run("C:\\py311\\end_session.exe", "0").output
    return "\n".join(line for line in seen.splitlines() if "class #32770" in line)


def close_dialogue(desktop: WindowsDesktop) -> None:
    """Close it as a person does, by a key."""
    desktop.xdotool("key", "Return")
    wait_for("end of the dialogue", lambda: not dialogue(desktop), 20.0)


def status_page_by_the_menu(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    """Open the icon's menu, and the status page by its entry: the third from below."""
    page = agent.state_dir / "pages" / "status.html"
    assert not page.exists()
    desktop.xdotool("mousemove", "1269", "790", "click", "3")
    time.sleep(2.0)
    desktop.picture(SHOW / "menu.png")
    desktop.xdotool("mousemove", "1022", "725", "click", "1")
    wait_for("status page", page.exists, 20.0)


def move(desktop: WindowsDesktop, events: EventBatch, stop: Callable[[], bool] = lambda: False) -> None:
    """Move the mouse as `events` say."""
    desktop.punctual("wineserver64", "steadyhand-agent.exe", "explorer.exe")
    with XTestPointer(open_display(desktop.environment)) as pointer:
        play(events, pointer, longest_pause_s=3.0, stop=stop)


def test_it_is_installed_silently(desktop: WindowsDesktop) -> None:
    desktop.install("/i", windows_path(MSIS[0]))
    for name in (
        "steadyhand.exe",
        "steadyhand-agent.exe",
        "steadyhand-enroll.exe",
        "steadyhand-keeper.exe",
        "PolicyTemplates/steadyhand.admx",
    ):
        assert (FOLDER / name).exists()
    assert "steadyhand-agent.exe" in desktop.registry(RUN_KEY)
    assert "steadyhand-events.dll" in desktop.registry(EVENT_SOURCE)
    for folder in ("keys", "devices"):
        assert (ADMINISTRATORS / folder).is_dir()


def test_the_command_prints(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    assert agent.alerts() == []
    status = desktop.run(PROGRAM.format("steadyhand"), "status")
    assert (status.code, status.output.count("\n")) == (2, 1)
    assert "no agent has run for this user yet" in status.output
    version = desktop.run(PROGRAM.format("steadyhand"), "--version")
    assert version.code == 0
    assert "Traceback" not in status.output + version.output


def test_the_relay_runs_as_a_service_of_its_own(desktop: WindowsDesktop, relay: InstalledRelay) -> None:
    service = desktop.registry(RELAY_SERVICE)
    assert r"NT SERVICE\SteadyhandRelay" in service
    assert re.search(r'steadyhand\.exe"? relay', service)
    wait_for("service", lambda: "RUNNING" in relay.state(), 120.0)
    wait_for("sign of life", lambda: "heartbeat" in relay.kinds(), 30.0)
    by_hand = desktop.run(PROGRAM.format("steadyhand"), "relay")
    assert by_hand.code == 2
    assert "this is a Windows service" in by_hand.output
    assert "Traceback" not in by_hand.output


def test_the_keeper_runs_as_a_service_and_starts_nobody_where_there_are_no_sessions(
    desktop: WindowsDesktop, agent: InstalledAgent
) -> None:
    assert "LocalSystem" in desktop.registry(KEEPER_SERVICE)
    wait_for("service", lambda: "RUNNING" in desktop.run("sc", "query", "SteadyhandKeeper").output, 60.0)
    assert agent.pids() == []


def test_the_first_session_learns_and_a_log_off_is_heard(
    desktop: WindowsDesktop, agent: InstalledAgent
) -> None:
    desktop.set_policy(POLICY)
    begin_session(desktop, agent)
    assert agent.status()["state"] == "learning"
    wait_for("first-run words", lambda: bool(dialogue(desktop)), 20.0)
    desktop.picture(SHOW / "first-run.png")
    assert not (agent.state_dir / "introduced").exists()
    close_dialogue(desktop)
    wait_for("receipt", (agent.state_dir / "introduced").exists, 20.0)
    printed = desktop.run(PROGRAM.format("steadyhand"), "status")
    assert printed.code == 0, printed.output
    assert "learning" in printed.output
    end_session(desktop, agent, LOG_OFF)
    assert agent.kinds() == ["started", "stopped"]
    assert agent.messages()[-1] == "The agent was ended by a log-off"


def test_what_the_agent_says_is_in_the_relays_chain_under_the_accounts_name(
    desktop: WindowsDesktop, agent: InstalledAgent, relay: InstalledRelay
) -> None:
    wait_for("the agent's end at the relay", lambda: "stopped" in relay.kinds(), 30.0)
    (started,) = [alert for alert in relay.alerts() if alert["unmapped"]["kind"] == "started"]
    assert started["unmapped"]["peer_sid"].startswith("S-1-5-21-")
    assert started["actor"]["user"]["name"] == agent.alerts()[0]["actor"]["user"]["name"]
    assert "said_to_be" not in started["unmapped"]


def test_an_alert_waits_for_a_relay_that_was_killed(
    desktop: WindowsDesktop, agent: InstalledAgent, relay: InstalledRelay
) -> None:
    before = relay.kinds().count("started")
    relay.kill()
    begin_session(desktop, agent)
    assert relay.kinds().count("started") == before
    # Wine's service manager starts nothing again.
    assert desktop.run("sc", "start", "SteadyhandRelay").code == 0
    wait_for("what waited", lambda: relay.kinds().count("started") > before, 60.0)
    assert verify(relay.lines()).problems == ()


def test_commands_reach_the_running_agent(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    asked = desktop.run(PROGRAM.format("steadyhand"), "pause")
    # Wine has no prompt for a password: the agent says that it cannot ask.
    assert "no agent runs here" not in asked.output
    assert "does not answer" not in asked.output
    assert "Traceback" not in asked.output
    assert asked.output.strip()
    SHOW.mkdir(parents=True, exist_ok=True)
    (SHOW / "pause.txt").write_text(asked.output)
    end_session(desktop, agent, LOG_OFF)


def test_a_change_of_policy_is_heard_at_once(desktop: WindowsDesktop, relay: InstalledRelay) -> None:
    began = relay.log().count("policy has changed")
    desktop.set_policy({"response": {"countdown_s": "9.0"}})
    wait_for("the relay's new beginning", lambda: relay.log().count("policy has changed") > began, 3.0)
    wait_for("the relay", lambda: "RUNNING" in relay.state(), 30.0)
    desktop.set_policy(POLICY)


def test_a_second_agent_says_that_one_runs_already(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    begin_session(desktop, agent)
    before = agent.pids()
    second = desktop.start(PROGRAM.format("steadyhand-agent"), "run")
    wait_for("word to the second", lambda: bool(dialogue(desktop)), 30.0)
    desktop.picture(SHOW / "second.png")
    close_dialogue(desktop)
    assert second.wait(20) != 0
    assert agent.pids() == before
    end_session(desktop, agent, "0")
    assert agent.messages()[-1] == "The agent was ended by a shutdown or restart"


def test_the_person_is_learnt_by_the_program_beside_the_agent(
    desktop: WindowsDesktop, agent: InstalledAgent, people: DemoPeople
) -> None:
    keep_recordings(agent, people, measured_lateness_ns(desktop))
    begin_session(desktop, agent)
    wait_for("profile", lambda: agent.status().get("state") == "protecting", 180.0)
    assert len(list((agent.state_dir / "profiles").iterdir())) == 1
    assert "killed" not in agent.kinds()
    status_page_by_the_menu(desktop, agent)


def test_the_owner_works_and_a_stranger_is_found(
    desktop: WindowsDesktop, agent: InstalledAgent, people: DemoPeople
) -> None:
    # That a profile was made has just been told, for some ten seconds.
    wait_for(
        "end of the notification", lambda: not desktop.shows_notification(SHOW / "tray.png"), NOTIFICATION_S
    )
    before_s = time.monotonic(), cpu_s(agent)
    move(desktop, people.owner)
    measured = {"owner_cpu_share": (cpu_s(agent) - before_s[1]) / (time.monotonic() - before_s[0])}
    owner = agent.status()
    measured |= {"owner_actions": owner["actions"], "owner_trust": owner["trust"], "events": owner["events"]}
    assert "intruder" not in agent.kinds()
    move(desktop, people.intruder, stop=lambda: "intruder" in agent.kinds())
    wait_for("alert", lambda: "intruder" in agent.kinds(), 10.0)
    measured["intruder_actions"] = agent.status()["actions"] - owner["actions"]
    # Wine has no lock screen: that the lock does not hold must be said, and not believed.
    wait_for("word on the lock", lambda: "lock failed" in agent.kinds(), 30.0)
    # Wine's Explorer draws a notification two seconds after the icon last changed: not while a countdown goes on.
    end_s = time.monotonic() + NOTIFICATION_S
    while not (is_shown := desktop.shows_notification(SHOW / "notification.png")):
        if time.monotonic() > end_s:
            break
    measured |= {"rss_mb": rss_mb(agent), "own_share_mb": own_share_mb(agent), "threads": threads(agent)}
    before_s = time.monotonic(), cpu_s(agent)
    time.sleep(REST_S)
    measured["rest_cpu_share"] = (cpu_s(agent) - before_s[1]) / (time.monotonic() - before_s[0])
    (SHOW / "measured.json").write_text(json.dumps(measured, indent=2))
    assert is_shown, f"no notification within {NOTIFICATION_S:.0f} s of the last word on the lock"


def test_the_status_page_is_written(desktop: WindowsDesktop, agent: InstalledAgent, tmp_path: Path) -> None:
    opened = desktop.run(PROGRAM.format("steadyhand"), "open")
    assert opened.code == 0, opened.output
    page = agent.state_dir / "pages" / "status.html"
    # The rig has no browser: this computer's draws the page.
    drawn = draw(page, tmp_path, (820, 1400))
    assert drawn.complaints == ()
    drawn.picture.save(SHOW / "status-page.png")


def test_windows_restart_manager_is_answered(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    end_session(desktop, agent, CLOSE_APP)
    assert agent.messages()[-1] == "The agent was ended by an installer that needs its files"
    begin_session(desktop, agent)


def test_it_is_upgraded_while_it_runs(
    desktop: WindowsDesktop, agent: InstalledAgent, relay: InstalledRelay
) -> None:
    assert agent.pids()
    desktop.install("/i", windows_path(MSIS[1]))
    wait_for("end of the old agent", lambda: not agent.pids(), 30.0)
    assert agent.messages()[-1] == "The agent was ended by an installer that replaces or removes it"
    assert "killed" not in agent.kinds()
    begin_session(desktop, agent)
    wait_for("protection", lambda: agent.status().get("state") == "protecting", 90.0)
    wait_for("the new relay", lambda: "RUNNING" in relay.state(), 30.0)


def test_what_an_upgrade_ended_it_starts_again(desktop: WindowsDesktop, agent: InstalledAgent) -> None:
    """Windows tells the old version that it makes way for a new one, by UPGRADINGPRODUCTCODE; Wine does not."""
    starts = agent.kinds().count("started")
    tool = PROGRAM.format("session-agents")
    desktop.start(tool, "close", "C:\\Program Files\\Steadyhand\\.", "{7F1D6D36-0000-0000-0000-000000000000}")
    wait_for("end of the agent", lambda: not agent.pids(), 30.0)
    assert "RestartIn" in desktop.registry(r"HKLM\SOFTWARE\Steadyhand")
    desktop.start(tool, "start", "C:\\Program Files\\Steadyhand\\.")
    # It starts on Windows' own desktop, on which Wine shows no icon, and so ends again.
    wait_for("its start", lambda: agent.kinds().count("started") > starts, 60.0)
    assert desktop.registry(r"HKLM\SOFTWARE\Steadyhand") == ""


def test_it_is_removed_while_it_runs_without_remains(
    desktop: WindowsDesktop, agent: InstalledAgent, relay: InstalledRelay
) -> None:
    # The one on the desktop without an icon has said that it ends, and stays as a process.
    for pid in agent.pids():
        os.kill(pid, signal.SIGKILL)
    begin_session(desktop, agent)
    desktop.install("/x", windows_path(MSIS[1]))
    wait_for("end of the agent", lambda: not agent.pids(), 20.0)
    assert not FOLDER.exists(), sorted(map(str, FOLDER.rglob("*")))[:10]
    assert not ADMINISTRATORS.exists(), sorted(map(str, ADMINISTRATORS.rglob("*")))
    assert desktop.registry(RELAY_SERVICE) == ""
    assert desktop.registry(KEEPER_SERVICE) == ""
    assert relay.pids() == []
    assert "steadyhand" not in desktop.registry(RUN_KEY).lower()
    assert desktop.registry(EVENT_SOURCE) == ""
    assert desktop.registry(r"HKLM\SOFTWARE\Steadyhand") == ""
    assert agent.kinds()[-1] == "stopped"


def keep_recordings(agent: InstalledAgent, people: DemoPeople, late_ns: NDArray[np.int64]) -> None:
    """What the agent would have recorded, had it watched these sessions under the mouse that it saw.

    Each event comes as late as the hook heard it on this desktop: a profile is as fine as its stamps.
    """
    legible, _ = Status.legible(agent.status())
    assert legible.configuration is not None
    paths = Paths(agent.state_dir / "no-settings", agent.state_dir, ADMINISTRATORS)
    for path in (agent.state_dir, *agent.state_dir.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    key = recording_key(paths)
    for number, events in enumerate(people.enrolment):
        late = drawn(late_ns, len(events), number)
        heard = replace(events, t_ns=np.maximum.accumulate(events.t_ns + late))
        with open_recording(paths.recordings_dir / f"session-{number}.recording", key) as writer:
            writer.append([Session(legible.configuration, int(heard.t_ns[0]), time.time_ns()), heard])
