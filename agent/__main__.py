"""`python -m agent` is `steadyhand`; a packed program begins here as well."""

import sys
from importlib import import_module

from agent.frozen import give_back_libraries, run_part

# Whoever connects waits for these: they are started by themselves, without the agent's other commands.
_STARTED_ALONE = {
    "program-check": "agent.mouse_service.program_check",
    "own-program-check": "agent.mouse_service.own_program_check",
}

give_back_libraries()
if len(sys.argv) == 2 and sys.argv[1] in _STARTED_ALONE:
    sys.exit(import_module(_STARTED_ALONE[sys.argv[1]]).main())
if not run_part(sys.argv):
    from agent.cli import main

    sys.exit(main())
