"""`make desktop-test`: the agent in real sessions of GNOME and sway, in a Debian 12 container. As root; minutes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.desktop.absence import absence, prepare
from tests.desktop.container import ROOT, Container, build, install, lacking
from tests.desktop.controls import in_gnome, in_sway, start_mouse_service

TREE = ROOT / "build" / "desktop" / "bookworm"
LOG = ROOT / "build" / "desktop" / "desktop-test.log"
_GNOME = "export XDG_CURRENT_DESKTOP=GNOME XDG_SESSION_DESKTOP=gnome; exec gnome-session --session=gnome"
_SWAY = "export XDG_CURRENT_DESKTOP=sway WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1; exec sway"
_UNLOCK_GNOME = (
    "gdbus call --session -d org.gnome.Shell.ScreenShield -o /org/gnome/ScreenSaver "
    "-m org.gnome.ScreenSaver.SetActive false"
)
_IN_SWAY = {"XDG_SESSION_TYPE": "wayland", "XDG_CURRENT_DESKTOP": "sway", "WAYLAND_DISPLAY": "wayland-1"}

Check = tuple[str, Callable[[], object]]


def agents(container: Container) -> list[int]:
    """The agents that run in the container."""
    return [int(pid) for pid in container.run("pgrep", "-f", "^python3 -m agent run").split()]


def one_agent(container: Container) -> list[int]:
    """Wait for the agent, and then a while for a second one."""
    _until(lambda: bool(agents(container)), 40, "no agent was started")
    time.sleep(5)
    running = agents(container)
    assert len(running) == 1, f"{len(running)} agents run"
    return running


def back_after_a_kill(container: Container) -> float:
    """Seconds until a killed agent is back."""
    (before,) = agents(container)
    began = time.monotonic()
    container.run("kill", "-9", str(before))
    _until(lambda: [pid for pid in agents(container) if pid != before] != [], 10, "it did not come back")
    assert len(agents(container)) == 1
    return round(time.monotonic() - began, 1)


def probe(container: Container, *words: str, **environ: str) -> dict[str, Any]:
    """What the agent's services say in the session."""
    printed = container.as_anna("python3", "/opt/desktop/probe.py", *words, timeout_s=90, **environ)
    assert printed, f"probe {words[0]} printed nothing"
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer


def expect(answer: dict[str, Any], **wanted: object) -> dict[str, Any]:
    """The answer, which must have these values."""
    assert wanted.items() <= answer.items(), answer
    return answer


def forged_hint(container: Container, **environ: str) -> dict[str, Any]:
    """A hint that the user sets stops nothing, and is said."""
    answer = probe(container, "forged-hint", **environ)
    assert answer["boundaries"] == [], answer
    assert "LockedHint says" in "".join(answer["unseen"]), answer
    return answer


def believed_lock(container: Container, locker: str, unlock: str, **environ: str) -> dict[str, Any]:
    """A lock that is seen in time, stays seen, and whose end is seen."""
    answer = expect(probe(container, "lock", unlock, **environ), result="locked", locker=locker, locked=True)
    assert answer["seen_ms"] < 2000, answer
    assert answer["unlocked"] is not True, answer
    assert answer["boundaries"] == ["SCREEN_LOCKED", "SCREEN_UNLOCKED"], answer
    return answer


def gnome(c: Container) -> Iterator[Check]:
    """What is checked in GNOME."""
    yield "one agent, although GNOME reads autostart entries and runs units", lambda: one_agent(c)
    yield "back after kill -9", lambda: back_after_a_kill(c)
    shell = {"name": "gnome-shell", "doubt": "", "shown": False}
    yield (
        "the compositor is GNOME's own shell, root's program",
        lambda: expect(probe(c, "compositor"), **shell),
    )
    yield "a forged LockedHint stops nothing and is said", lambda: forged_hint(c)
    yield "the shell's lock is believed, and its end", lambda: believed_lock(c, "logind", _UNLOCK_GNOME)
    yield from in_gnome(c, tree_of())


def sway(c: Container) -> Iterator[Check]:
    """What is checked in sway."""
    yield "one agent, from sway's own file", lambda: one_agent(c)
    yield "back after kill -9", lambda: back_after_a_kill(c)
    yield (
        "only swaylock would be believed",
        lambda: expect(probe(c, "lockers", **_IN_SWAY), names=["swaylock"]),
    )
    yield "a forged LockedHint stops nothing and is said", lambda: forged_hint(c, **_IN_SWAY)
    yield (
        "swaylock is believed by its readiness, and its end",
        lambda: believed_lock(c, "swaylock", "pkill -x swaylock", **_IN_SWAY),
    )
    yield from in_sway(c, tree_of(), _IN_SWAY)


def tree_of() -> Path:
    """The container's tree."""
    return Path(sys.argv[1]) if len(sys.argv) > 1 else TREE


_DESKTOPS = (("GNOME", _GNOME, gnome), ("sway", _SWAY, sway), ("absence", _GNOME, absence))


def main() -> int:
    """Run everything; 1 where something failed."""
    if missing := lacking():
        sys.exit(f"desktop-test: not here: {missing}: apt-get install mmdebstrap systemd-container, as root")
    tree = tree_of()
    desktops = sys.argv[2:]
    build(tree)
    install(tree)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    LOG.parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    with LOG.open("w", encoding="utf-8") as log:
        log.write(f"commit {commit.stdout.strip()}\n")
        container = Container(tree)
        try:
            container.run("systemctl", "start", "gdm3")
            prepare(container)
            start_mouse_service(container)
            for name, command, checks in _DESKTOPS:
                if desktops and name not in desktops:
                    continue
                container.log_in(f"desktop-{name.lower()}", command)
                failed += sum(not _passes(name, check, log) for check in checks(container))
                container.log_out(f"desktop-{name.lower()}")
        finally:
            container.close()
    return 1 if failed else 0


def _passes(desktop: str, check: Check, log: Any) -> bool:
    what, do = check
    began = time.monotonic()
    try:
        answer, word = do(), "ok"
    except (AssertionError, ValueError, KeyError) as why:
        answer, word = why, "FAILED"
    line = f"{desktop}: {what}: {word} ({time.monotonic() - began:.0f} s) {answer}"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    log.write(line + "\n")
    return word == "ok"


def _until(happened: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
