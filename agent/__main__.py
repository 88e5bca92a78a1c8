"""`python -m agent` is `steadyhand`."""

import sys

from agent.cli import main

sys.exit(main())
