"""Inside the machine: `steadyhand`, with a processor budget for a computer that computes some ten times as slowly.

Without the hardware's help the agent takes more than the fifth of a core that it may, and restarts after three minutes.
"""

from __future__ import annotations

import sys

from agent.cli import main
from agent.runtime.lifecycle import resource_budget

if __name__ == "__main__":
    vars(resource_budget)["MOST_CPU_PERCENT"] *= 10
    sys.exit(main())
