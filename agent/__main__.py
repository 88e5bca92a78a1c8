"""`python -m agent` is `steadyhand`; a packed program begins here as well."""

import sys

from agent.frozen import give_back_libraries, run_part

give_back_libraries()
if sys.argv[1:] == ["program-check"]:
    # Whoever connects to the mouse waits for it: it is started by itself, without the agent's other commands.
    from agent.mouse_service.program_check import main as check_programs

    sys.exit(check_programs())
if sys.argv[1:] == ["own-program-check"]:
    from agent.mouse_service.own_program_check import main as check_own_programs

    sys.exit(check_own_programs())
if not run_part(sys.argv):
    from agent.cli import main

    sys.exit(main())
