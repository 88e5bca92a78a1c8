"""`python -m agent` is `steadyhand`; a packed program begins here as well."""

import sys

from agent.frozen import give_back_libraries, run_part

give_back_libraries()
if not run_part(sys.argv):
    from agent.cli import main

    sys.exit(main())
