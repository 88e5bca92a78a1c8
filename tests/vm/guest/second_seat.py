"""Inside the machine, as root: a second seat of logind's, with a mouse and a person, and no screen of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

BERT = 1001
_RULES = Path("/run/udev/rules.d/72-second-seat.rules")
_STATE = Path("/run/systemd/seats/seat1")
_MASTER = 'TAG+="seat", TAG+="master-of-seat", ENV{ID_SEAT}="seat1"'
_SESSION = (
    *(
        "systemd-run",
        "--quiet",
        "--collect",
        "--unit",
        "second-seat",
        "--property=PAMName=login",
        "--uid=bert",
    ),
    *("--setenv=XDG_SEAT=seat1", "--setenv=XDG_SESSION_TYPE=wayland", "--setenv=XDG_SESSION_CLASS=user"),
    *("sleep", "infinity"),
)


class SecondSeat:
    """A seat that exists while a mouse called `mouse` does; its only device, and so its master, is that mouse."""

    mouse = "Mouse of the second seat"

    def __enter__(self) -> Self:
        """Tell udev whose the mouse is, before there is one."""
        self._write(f'SUBSYSTEM=="input", ATTRS{{name}}=="{self.mouse}", {_MASTER}')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the session; the seat goes with its mouse."""
        subprocess.run(["systemctl", "stop", "second-seat"], check=False)
        _RULES.unlink()
        subprocess.run(["udevadm", "control", "--reload"], check=True)

    def begin_session(self) -> None:
        """Log bert in at the seat, as a display manager would."""
        _wait_for(_STATE.exists, "logind made no second seat")
        subprocess.run(_SESSION, check=True)
        _wait_for(lambda: f"ACTIVE_UID={BERT}" in _STATE.read_text(), "bert is not at the second seat")

    def take(self, node: Path) -> None:
        """Give a device that is there to this seat, as `loginctl attach` does."""
        self._write(
            f'{_RULES.read_text()}SUBSYSTEM=="input", KERNEL=="{node.name}", TAG+="seat", ENV{{ID_SEAT}}="seat1"'
        )
        subprocess.run(
            ["udevadm", "trigger", "--settle", "--action=change", f"/sys/class/input/{node.name}"], check=True
        )

    def _write(self, rules: str) -> None:
        _RULES.parent.mkdir(parents=True, exist_ok=True)
        _RULES.write_text(rules + "\n")
        subprocess.run(["udevadm", "control", "--reload"], check=True)


def _wait_for(happened: Callable[[], bool], otherwise: str) -> None:
    deadline_s = time.monotonic() + 60
    while not happened():
        if time.monotonic() > deadline_s:
            raise SystemExit(otherwise)
        time.sleep(0.5)
