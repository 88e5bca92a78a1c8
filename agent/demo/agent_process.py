"""The agent as the demonstration runs it: `python -m agent.demo.agent_process ROOT USER`.

The product's own command takes its folders from the user's account and nothing else; this one takes them from
the demonstration, so that nothing outside the stage is read or written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.files.paths import Paths
from agent.ui.main import run_agent


def main() -> int:
    """Run until it is told to end."""
    root, user = sys.argv[1:]
    # Nobody listens there: the computer's own logind must lock nothing, and nobody is asked for a password.
    return run_agent(Paths.under(Path(root)), tray=True, user=user, system_bus=Path(root) / "no-system-bus")


if __name__ == "__main__":
    sys.exit(main())
