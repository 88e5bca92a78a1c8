"""A Windows desktop under Wine on a virtual display, for tests of the MSI: programs, the registry, pictures."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from agent.demo.processes import punctual
from agent.demo.screenshot import screenshot
from agent.host.linux.xdisplay import open_display

ROOT: Final = Path(__file__).parents[2]
RIG: Final = ROOT / "build" / "windows-rig"
DRIVE: Final = RIG / "prefix" / "drive_c"
WINE: Final = "/usr/lib/wine/wine64"
SERVER: Final = "/usr/lib/wine/wineserver64"
DISPLAY: Final = 431
SIZE: Final = (1280, 800)
NOTIFICATION: Final = (1200, 745, 1270, 762)
"""A part of the screen that every notification covers: left, top, right, bottom."""
WHITE: Final = 230
HALF: Final = 0.5


def wait_for(what: str, ready: Callable[[], bool], timeout_s: float) -> None:
    """Wait until `ready` says so, else fail."""
    end_s = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < end_s, f"no {what} after {timeout_s:.0f} s"
        time.sleep(0.25)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program printed, and its exit code."""

    code: int
    output: str


class WindowsDesktop:
    """The rig's prefix on a display of its own.

    Parameters
    ----------
    environment : mapping
        For every program of the desktop.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)

    def run(self, *words: str, timeout_s: float = 120.0, home: str = "") -> Answer:
        """Run a program to its end; its streams are pipes. `home` is PYTHONHOME, for the rig's own Python."""
        environment = self.environment | ({"PYTHONHOME": home} if home else {})
        ran = subprocess.run(
            [WINE, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=timeout_s,
            check=False,
            cwd=DRIVE,
        )
        return Answer(ran.returncode, ran.stdout.decode("utf-8", "replace").replace("\r\n", "\n"))

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program that has no standard streams, as Explorer does."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(
            [WINE, *words], env=self.environment, cwd=DRIVE, start_new_session=True, **streams
        )  # type: ignore[call-overload,no-any-return]

    @contextlib.contextmanager
    def python(self, *words: str, program: str = "python") -> Iterator[subprocess.Popen[bytes]]:
        """A program of the rig's own Python, in the repository's root; ended at the end."""
        home = {"PYTHONHOME": "C:\\py311", "PYTHONPATH": windows_path(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        with subprocess.Popen(
            [WINE, f"C:\\py311\\{program}.exe", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment | home,
            cwd=ROOT,
            start_new_session=True,
        ) as running:
            try:
                yield running
            finally:
                running.kill()

    def install(self, *words: str) -> None:
        """Run msiexec silently; its log stays in C:\\msi.log."""
        answer = self.run("msiexec", *words, "/qn", "/l*v", "C:\\msi.log", timeout_s=400.0)
        assert answer.code == 0, answer.output + self.text(DRIVE / "msi.log")[-4000:]

    def registry(self, key: str) -> str:
        """What `reg query` prints of a key; empty where there is none."""
        answer = self.run("reg", "query", key)
        return answer.output if answer.code == 0 else ""

    def set_policy(self, sections: Mapping[str, Mapping[str, bool | int | str]]) -> None:
        """Write policy as Group Policy does: truth values and numbers as DWORDs, all else as text."""
        for section, options in sections.items():
            for name, wanted in options.items():
                kind, text = (
                    ("REG_SZ", wanted) if isinstance(wanted, str) else ("REG_DWORD", str(int(wanted)))
                )
                key = rf"HKLM\Software\Policies\Steadyhand\{section}"
                answer = self.run("reg", "add", key, "/v", name, "/t", kind, "/d", str(text), "/f")
                assert answer.code == 0, answer.output

    def processes(self, name: str) -> list[int]:
        """The processes of this computer, by its own numbers, that run a program of that name in this prefix."""
        pids = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                inside = f"WINEPREFIX={self.environment['WINEPREFIX']}".encode()
                if words[0].decode(errors="replace").endswith(name) and inside in (
                    folder / "environ"
                ).read_bytes().split(b"\0"):
                    pids.append(int(folder.name))
        return pids

    def punctual(self, *names: str) -> None:
        """Let every thread of some programs run the moment it is due, however busy the computer is.

        Each event goes through four of them before the agent's hook has it, and late ones are merged: another hand.
        """
        for name in names:
            for pid in self.processes(name):
                for thread in Path(f"/proc/{pid}/task").iterdir():
                    punctual(int(thread.name))

    def picture(self, path: Path) -> None:
        """Save what the display shows."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(open_display(self.environment)) as display:
            screenshot(display, path)

    def xdotool(self, *words: str) -> None:
        """Move and click as a real mouse does, or press a key."""
        subprocess.run(["xdotool", *words], env=self.environment, check=True, timeout=20)

    def shows_notification(self, path: Path) -> bool:
        """Save what the display shows; True where a notification stands beside the icons."""
        self.picture(path)
        with Image.open(path) as picture:
            beside = np.asarray(picture.convert("L").crop(NOTIFICATION))
        return bool((beside > WHITE).mean() > HALF)

    @staticmethod
    def text(path: Path) -> str:
        """A file that a Windows program wrote."""
        content = path.read_bytes() if path.exists() else b""
        return content.decode("utf-16" if content[:2] == b"\xff\xfe" else "utf-8", "replace")


class InstalledAgent:
    """What a bystander sees of the agent of the prefix's one user."""

    def __init__(self, desktop: WindowsDesktop) -> None:
        self._desktop = desktop
        self.state_dir = DRIVE / "users" / os.environ.get("USER", "root") / "AppData/Local/steadyhand"

    def status(self) -> dict[str, Any]:
        """The status file; empty before there is one."""
        path = self.state_dir / "status.json"
        try:
            return dict(json.loads(path.read_text()))
        except (OSError, ValueError):
            return {}

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts so far."""
        path = self.state_dir / "alerts.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def messages(self) -> list[str]:
        """What they say."""
        return [alert["message"] for alert in self.alerts()]

    def kinds(self) -> list[str]:
        """Their kinds."""
        return [alert["unmapped"]["kind"] for alert in self.alerts()]

    def pids(self) -> list[int]:
        """Its processes."""
        return self._desktop.processes("steadyhand-agent.exe")


class InstalledRelay:
    """What an administrator sees of the relay's service."""

    def __init__(self, desktop: WindowsDesktop) -> None:
        self._desktop = desktop
        self._state_dir = DRIVE / "ProgramData" / "Steadyhand" / "relay"

    def state(self) -> str:
        """What the service manager says."""
        return self._desktop.run("sc", "query", "SteadyhandRelay").output

    def lines(self) -> list[str]:
        """Its alerts."""
        path = self._state_dir / "alerts.jsonl"
        return path.read_text().splitlines() if path.exists() else []

    def alerts(self) -> list[dict[str, Any]]:
        """Its alerts, read."""
        return [json.loads(line) for line in self.lines()]

    def kinds(self) -> list[str]:
        """Their kinds."""
        return [alert["unmapped"]["kind"] for alert in self.alerts()]

    def log(self) -> str:
        """Its log."""
        return WindowsDesktop.text(self._state_dir / "relay.log")

    def pids(self) -> list[int]:
        """Its processes, by this computer's own numbers."""
        return self._desktop.processes("steadyhand.exe")

    def kill(self) -> None:
        """End it as a crash does."""
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def windows_desktop() -> Iterator[WindowsDesktop]:
    """A display with a Windows desktop on it; everything of it is ended at the end."""
    width, height = SIZE
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {
        "DISPLAY": f":{DISPLAY}",
        "WINEPREFIX": str(RIG / "prefix"),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree=d;mshtml=d",
    }
    server = ["Xvfb", f":{DISPLAY}", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
    subprocess.run([SERVER, "-k"], env=environment, check=False, timeout=60)
    with subprocess.Popen(server, stderr=subprocess.DEVNULL) as xvfb:
        try:
            wait_for("X server", Path(f"/tmp/.X11-unix/X{DISPLAY}").exists, 10.0)
            punctual(xvfb.pid)
            desktop = WindowsDesktop(environment)
            desktop.start("explorer", f"/desktop=shell,{width}x{height}", "winemine.exe")
            wait_for("Windows desktop", lambda: bool(desktop.processes("winemine.exe")), 60.0)
            desktop.punctual("wineserver64")
            yield desktop
        finally:
            subprocess.run([SERVER, "-k"], env=environment, check=False, timeout=60)
            xvfb.terminate()


def windows_path(path: Path) -> str:
    """The name of a file of this computer for a program under Wine."""
    return "Z:" + str(path).replace("/", chr(92))


def words_of(line: str) -> Sequence[str]:
    """The program and its arguments of a line of the registry's Run key."""
    program, _, rest = line.strip().removeprefix('"').partition('"')
    return [program, *rest.split()]
