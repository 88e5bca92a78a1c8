"""What packages are described by is well-formed and agrees with the code; the packages themselves: test_show.py."""

from __future__ import annotations

import configparser
import os
import plistlib
import re
import shutil
import subprocess
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from agent.files.windows_acl import check_administrators_list, check_private_list, parse_sddl
from agent.host.linux.reauthenticate import ACTION
from agent.ui.was_me_link import ENTRY, WAS_ME_LINK

ROOT = Path(__file__).parents[2]
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PACKAGING = ROOT / "packaging"
RELAY_SID = "S-1-5-80-1708553678-2073685433-1705980386-469466640-1956978833"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def desktop_entry(name: str) -> configparser.SectionProxy:
    parsed = configparser.RawConfigParser(comment_prefixes=("#",))
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # keys are case-sensitive
    parsed.read(PACKAGING / "linux" / name)
    return parsed["Desktop Entry"]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("steadyhand.desktop", "steadyhand open"),
        ("steadyhand-autostart.desktop", "/usr/lib/steadyhand/steadyhand-session"),
        ("steadyhand-was-me.desktop", "steadyhand was-me"),
    ],
)
def test_desktop_entries_run_what_they_promise(name: str, command: str) -> None:
    entry = desktop_entry(name)
    assert (entry["Type"], entry["Exec"], entry["Icon"]) == ("Application", command, "steadyhand")
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(PACKAGING / "linux" / name)], check=True)


def test_it_is_started_once_where_systemd_runs_the_session() -> None:
    entry = desktop_entry("steadyhand-autostart.desktop")
    assert (entry["X-systemd-skip"], entry["X-GNOME-HiddenUnderSystemd"]) == ("true", "true")
    unit = (PACKAGING / "systemd" / "user" / "steadyhand.service").read_text()
    assert "ExecStart=/usr/bin/steadyhand run" in unit
    assert "WantedBy=graphical-session.target" in unit


def test_the_metadata_names_the_entry_and_this_version() -> None:
    file = PACKAGING / "linux" / "org.steadyhand.Steadyhand.metainfo.xml"
    root = ElementTree.parse(file).getroot()
    assert root.findtext("launchable") == "steadyhand.desktop"
    assert next(release.get("version") for release in root.iter("release")) == VERSION
    if shutil.which("appstreamcli"):
        subprocess.run(["appstreamcli", "validate", "--no-net", str(file)], check=True)


def test_the_link_of_the_page_is_taken_and_nothing_of_its_address_is_handed_on() -> None:
    entry = desktop_entry(ENTRY)
    assert entry["MimeType"] == f"x-scheme-handler/{WAS_ME_LINK.removesuffix(':')};"
    assert "%" not in entry["Exec"]


@pytest.mark.parametrize(
    "name", ["steadyhand.desktop", "steadyhand-autostart.desktop", "steadyhand-was-me.desktop"]
)
def test_desktop_entries_say_in_german_all_that_they_say(name: str) -> None:
    entry = desktop_entry(name)
    for key in ("GenericName", "Comment", "Keywords"):
        if key in entry:
            assert entry[f"{key}[de]"] != entry[key]


def test_the_metadata_and_the_password_prompt_say_in_german_all_that_they_say() -> None:
    for name, tags in (
        ("org.steadyhand.Steadyhand.metainfo.xml", ("summary", "p")),
        ("org.steadyhand.policy", ("description", "message")),
    ):
        root = ElementTree.parse(PACKAGING / "linux" / name).getroot()
        for tag in tags:
            elements = [e for e in root.iter(tag) if (e.text or "").strip()]
            german = [e for e in elements if e.get(LANG) == "de"]
            assert german
            assert len(german) == len(elements) - len(german), f"{name}: {tag}"


def test_the_polkit_action_is_the_one_that_is_asked_for() -> None:
    root = ElementTree.parse(PACKAGING / "linux" / "org.steadyhand.policy").getroot()
    assert [action.get("id") for action in root.iter("action")] == [ACTION]


@pytest.mark.parametrize("name", ["control.agent", "control.enroll"])
def test_control_files_have_what_dpkg_demands(name: str) -> None:
    text = (PACKAGING / "debian" / name).read_text()
    for key in ("Package", "Version", "Architecture", "Maintainer", "Depends", "Description"):
        assert re.search(rf"^{key}: \S", text, re.MULTILINE), key
    assert set(re.findall(r"@(\w+)@", text)) == {"VERSION", "ARCHITECTURE", "SIZE", "LIBC"}


def test_both_packages_hand_on_the_notices() -> None:
    build = (PACKAGING / "debian" / "build.sh").read_text()
    assert "THIRD-PARTY-NOTICES" in build
    assert "LGPL" in (PACKAGING / "debian" / "copyright").read_text()
    assert (
        '"pynput": "py", "pystray": "py", "Xlib": "py"'
        in (PACKAGING / "frozen" / "steadyhand.spec").read_text()
    ), "whoever has the package may replace what is under the LGPL"


def test_every_back_end_is_packed() -> None:
    """PyInstaller finds none of them by itself: they are chosen when they are imported."""
    spec = (PACKAGING / "frozen" / "steadyhand.spec").read_text()
    for file in (ROOT / "agent" / "ui").glob("backend_*.py"):
        for name in re.findall(r'load_pystray\("(\w+)"', file.read_text()):
            assert f"pystray._{name}" in spec
    assert "pynput.mouse._xorg" in spec
    compile(spec, "steadyhand.spec", "exec")


def test_the_mac_bundle_and_its_launch_agent_parse_and_agree() -> None:
    info = plistlib.loads((PACKAGING / "macos" / "Info.plist").read_bytes())
    agent = plistlib.loads((PACKAGING / "macos" / "org.steadyhand.agent.plist").read_bytes())
    assert info["CFBundleShortVersionString"] == VERSION
    assert info["CFBundleIdentifier"] == agent["Label"]
    program, *words = agent["ProgramArguments"]
    assert program.endswith(f"Contents/MacOS/{info['CFBundleExecutable']}")
    assert words == ["run"]


def test_the_msi_starts_the_agent_with_every_session() -> None:
    root = ElementTree.parse(PACKAGING / "windows" / "steadyhand.wxs").getroot()
    spaces = {"wix": "http://schemas.microsoft.com/wix/2006/wi"}
    value = root.find(".//wix:RegistryValue", spaces)
    assert value is not None
    assert value.get("Value") == '"[INSTALLDIR]steadyhand-agent.exe" run --autostart'
    components = {c.get("Id") for c in root.iterfind(".//wix:Component", spaces)}
    assert components == {c.get("Id") for c in root.iterfind(".//wix:ComponentRef", spaces)}


def placeholder_msi(folder: Path) -> Path:
    """The MSI of this description, without the programs, built in a folder of its own."""
    for name in ("packaging", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    environ = os.environ | {"SOURCE_DATE_EPOCH": "1767225600", "STEADYHAND_COMMIT": ""}
    words = ["sh", "packaging/windows/build.sh"]
    subprocess.run(words, cwd=folder, env=environ, check=True, capture_output=True)
    (msi,) = (folder / "dist").glob("*.msi")
    return msi


def rows_of(msi: Path, table: str) -> list[dict[str, str]]:
    """The rows of a table of an MSI."""
    exported = subprocess.run(["msiinfo", "export", msi, table], capture_output=True, text=True, check=True)
    names, _, _, *rows = (line.split("\t") for line in exported.stdout.splitlines())
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.skipif(shutil.which("wixl") is None, reason="wixl is not installed")
def test_the_msi_can_be_built_and_looked_into(tmp_path: Path) -> None:
    msi = placeholder_msi(tmp_path)
    files = subprocess.run(["msiextract", "-l", msi], capture_output=True, text=True, check=True).stdout
    assert "placeholder" in msi.name
    packed = ("steadyhand.exe", "steadyhand-agent.exe", "steadyhand-enroll.exe")
    for name in (
        *packed,
        "session-agents.exe",
        "steadyhand-keeper.exe",
        "_internal/placeholder.txt",
        "PolicyTemplates/en-US/steadyhand.adml",
    ):
        assert f"Steadyhand/{name}" in files
    registry = subprocess.run(
        ["msiinfo", "export", msi, "Registry"], capture_output=True, text=True, check=True
    )
    assert r"CurrentVersion\Run" in registry.stdout
    assert r"EventLog\Application\Steadyhand" in registry.stdout
    lists = {row["LockObject"]: row["SDDLText"] for row in rows_of(msi, "MsiLockPermissionsEx")}
    relay = parse_sddl(lists.pop("RELAYDIR"))
    assert set(lists) == {"ADMINISTRATORSDIR", "KEYSDIR", "DEVICESDIR"}
    for text in lists.values():
        check_administrators_list("the folder", parse_sddl(text))
    assert {row["Table"] for row in rows_of(msi, "MsiLockPermissionsEx")} == {"CreateFolder"}
    check_private_list("the relay's folder", relay, RELAY_SID)
    assert RELAY_SID in relay.writers


@pytest.mark.skipif(shutil.which("wixl") is None, reason="wixl is not installed")
def test_the_msi_installs_relay_and_keeper_and_has_them_started_again(tmp_path: Path) -> None:
    msi = placeholder_msi(tmp_path)
    services = {row["Name"]: row for row in rows_of(msi, "ServiceInstall")}
    relay, keeper = services.pop("SteadyhandRelay"), services.pop("SteadyhandKeeper")
    assert services == {}
    assert relay["Arguments"] == "relay"
    assert relay["StartName"] == "NT SERVICE\\SteadyhandRelay"
    local_system = ""
    assert keeper["StartName"] == local_system
    automatic, own_process, restart, after_errors = "2", "16", "1", ("4", "1")
    for service in (relay, keeper):
        assert (service["StartType"], service["ServiceType"]) == (automatic, own_process)
    actions = rows_of(msi, "MsiServiceConfigFailureActions")
    assert {row["Name"] for row in actions} == {"SteadyhandRelay", "SteadyhandKeeper"}
    assert all(row["Actions"].split("[~]") == [restart] * 3 for row in actions)
    flags = rows_of(msi, "MsiServiceConfig")
    assert {row["Name"] for row in flags} == {"SteadyhandRelay", "SteadyhandKeeper"}
    assert all((row["ConfigType"], row["Argument"]) == after_errors for row in flags)
    stop_and_remove = 2 | 32 | 128
    ends = {row["Name"]: int(row["Event"]) for row in rows_of(msi, "ServiceControl") if row["Wait"] == "1"}
    assert ends == dict.fromkeys(("SteadyhandRelay", "SteadyhandKeeper"), stop_and_remove)
    order = {row["Action"]: int(row["Sequence"]) for row in rows_of(msi, "InstallExecuteSequence")}
    assert order["RefuseForeignFolder"] < order["InstallInitialize"] < order["CreateFolders"]
    # The keeper first: it would start again what is ended.
    assert order["StopServices"] < order["CloseAgents"] < order["ClearRelay"] < order["RemoveFiles"]
    assert order["InstallServices"] < order["MsiConfigureServices"] < order["StartServices"]


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("wixl", "faketime")),
    reason="wixl or faketime is not installed",
)
def test_two_msis_of_the_same_content_are_the_same_to_the_bit(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second" / "deeper"]
    built = []
    for folder in folders:
        folder.mkdir(parents=True)
        built.append(placeholder_msi(folder).read_bytes())
    assert built[0] == built[1]


@pytest.mark.parametrize("service", ["steadyhand-relay", "steadyhand-mouse"])
def test_a_service_has_a_user_of_its_own_that_comes_and_goes_with_the_package(
    service: str, tmp_path: Path
) -> None:
    unit = (PACKAGING / "systemd" / "system" / f"{service}.service").read_text()
    users = PACKAGING / "systemd" / "sysusers.d" / f"{service}.conf"
    (name,) = re.findall(r"^User=(.+)$", unit, re.MULTILINE)
    (made,) = re.findall(r"^u (\S+) ", users.read_text(), re.MULTILINE)
    assert name == made
    build = (PACKAGING / "debian" / "build.sh").read_text()
    for part in (f"{service}.service", f"sysusers.d/{users.name}"):
        assert part in build
    for script, word in (("postinst", f"systemd-sysusers {users.name}"), ("postrm", f"userdel {name}")):
        file = PACKAGING / "debian" / script
        assert f"packaging/debian/{script}" in build
        assert word in file.read_text()
        subprocess.run(["sh", "-n", str(file)], check=True)
    if shutil.which("systemd-sysusers"):
        lines = [line for line in users.read_text().splitlines() if line and not line.startswith("#")]
        # An empty root: where the package is installed, the user is there already.
        command = ["systemd-sysusers", "--dry-run", f"--root={tmp_path}", "--inline", *lines]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        assert f"Creating user '{name}'" in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("service", "most"),
    [
        ("steadyhand-mouse", 1.0),
        ("steadyhand-program-check", 1.5),
        ("steadyhand-own-program-check", 1.5),
        ("steadyhand-relay", 2.0),
    ],
)
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_services_are_exposed_to_little(service: str, most: float) -> None:
    """systemd's own figure: 0 is nothing, 10 is everything."""
    unit = PACKAGING / "systemd" / "system" / f"{service}.service"
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    (figure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", shown)
    assert float(figure) <= most


def test_the_mouse_service_opens_input_devices_alone_and_speaks_to_no_network() -> None:
    unit = (PACKAGING / "systemd" / "system" / "steadyhand-mouse.service").read_text()
    for line in (
        "DevicePolicy=closed",
        "DeviceAllow=char-input r",
        "PrivateNetwork=yes",
        "CapabilityBoundingSet=",
    ):
        assert f"\n{line}\n" in unit
    assert "PrivateDevices=yes" not in unit  # it would hide /dev/input
    for name in ("program-check", "own-program-check"):
        check = (PACKAGING / "systemd" / "system" / f"steadyhand-{name}.service").read_text()
        assert (
            re.findall("^(?:CapabilityBoundingSet|AmbientCapabilities)=(.*)$", check, re.MULTILINE)
            == ["CAP_SYS_PTRACE"] * 2
        )
        assert "PrivateDevices=yes" in check
    script = (PACKAGING / "debian" / "postinst").read_text()
    assert "systemctl enable --quiet steadyhand-program-check.socket steadyhand-mouse.service" in script
    started = script.replace("\\\n", "").split("systemctl ")
    for verb in ("enable", "start"):
        assert any(
            line.startswith(verb) and "steadyhand-own-program-check.socket" in line for line in started
        )
    # One that an administrator started runs in its new form as well; one that nobody started stays away.
    assert "systemctl try-restart steadyhand-relay.service" in script
    assert not re.findall("systemctl (?:start|restart|enable).*relay", script)


@pytest.mark.parametrize(
    "service",
    ["steadyhand-mouse", "steadyhand-program-check", "steadyhand-own-program-check", "steadyhand-relay"],
)
def test_a_service_has_an_apparmor_profile_that_keeps_it_from_homes(service: str) -> None:
    unit = (PACKAGING / "systemd" / "system" / f"{service}.service").read_text()
    assert re.findall("^AppArmorProfile=(.*)$", unit, re.MULTILINE) == [f"-{service}"]
    profile = PACKAGING / "apparmor" / service
    text = profile.read_text()
    assert re.findall(r"^profile (\S+) flags=", text, re.MULTILINE) == [service]
    assert "deny /home/** rwmx," in text
    assert f"packaging/apparmor/{service}" in (PACKAGING / "debian" / "build.sh").read_text()
    if shutil.which("apparmor_parser"):
        subprocess.run(["apparmor_parser", "--skip-kernel-load", "--skip-cache", str(profile)], check=True)


def test_the_relay_alone_may_lock_sessions() -> None:
    rule = (PACKAGING / "linux" / "50-steadyhand-relay.rules").read_text()
    assert re.findall(r'action\.id == "([^"]+)"', rule) == ["org.freedesktop.login1.lock-sessions"]
    unit = (PACKAGING / "systemd" / "system" / "steadyhand-relay.service").read_text()
    (user,) = re.findall(r"^User=(\S+)$", unit, re.MULTILINE)
    assert re.findall(r'subject\.user == "([^"]+)"', rule) == [user]
    assert rule.count("polkit.Result.YES") == 1
    assert "polkit-1/rules.d" in (PACKAGING / "debian" / "build.sh").read_text()


def test_the_relay_is_there_before_anybody_can_log_in() -> None:
    unit = (PACKAGING / "systemd" / "system" / "steadyhand-relay.service").read_text()
    assert "network-online" not in unit, (
        "a computer without a network would start its agents without the relay"
    )
    (before,) = re.findall(r"^Before=(.+)$", unit, re.MULTILINE)
    assert set(before.split()) == {"display-manager.service", "systemd-user-sessions.service"}
