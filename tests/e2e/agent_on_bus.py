"""The product's agent on a system bus of a test's own: `python -m tests.e2e.agent_on_bus SOCKET`, without a tray.

The product's command knows one place for the system bus, and no variable that moves it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.files.paths import Paths
from agent.ui.main import run_agent

if __name__ == "__main__":
    sys.exit(run_agent(Paths.of_user(), tray=False, system_bus=Path(sys.argv[1])))
