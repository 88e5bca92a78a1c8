"""A tray in a process of its own, driven through its standard input: the tray wants the main thread.

    python tests/e2e/tray_process.py BACKEND[,BACKEND] FOLDER

SIGTERM and SIGINT stop it too, by handlers of Python's as the agent has them.

Lines in: a status as JSON (keys of `Status`), ``which`` or ``stop``. Lines out: ``ready``, every command
and page that is chosen, the back-end in use for every ``which``, and at the end ``ended`` with back-end and
notes.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import Command, State, Status
from agent.ui.menu import Allowed
from agent.ui.recorded import Storage
from agent.ui.tray import Tray, back_ends
from agent.ui.viewer import Viewer


class NoNotifier:
    """Nobody shows notifications here."""

    def show(self, title: str, text: str, *, urgent: bool = False, replaces: str = "") -> bool:
        """Say so."""
        return False


def tell(line: str) -> None:
    """One line to whoever drives the tray."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def listen(tray: Tray) -> None:
    """Bring every line to the tray; the end of the input stops it."""
    for line in sys.stdin:
        if line.strip() == "stop":
            break
        if line.strip() == "which":
            tell(tray.backend_name)
            continue
        told = json.loads(line)
        tray.show(Status(**{**told, "state": State(told["state"])}))
    tray.stop()


def chosen(command: Command) -> None:
    """Tell which command was chosen."""
    tell(f"command {command.value}")


def opened(command: Sequence[str]) -> None:
    """Tell which page was opened."""
    tell(f"page {Path(command[-1]).name}")


def main() -> None:
    """Run one tray."""
    names = sys.argv[1].split(",")
    makes = {name: make for name, make in back_ends().items() if name in names}
    tray = Tray(
        chosen,
        allowed=Allowed(),
        storage=Storage("recordings", "profiles", "alerts"),
        facts=PrivacyFacts(),
        viewer=Viewer(Path(sys.argv[2]), ("true",), opened),
        notifier=NoNotifier(),
        makes=makes,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: tray.stop())
    threading.Thread(target=listen, args=(tray,), daemon=True).start()
    tell("ready")
    tray.run()
    tell(f"ended {json.dumps({'backend': tray.backend_name, 'notes': tray.notes})}")


if __name__ == "__main__":
    main()
