"""`python -m enroll` is `steadyhand-enroll`; a packed program begins here as well."""

import multiprocessing
import sys

from agent.frozen import give_back_libraries

# Workers of a packed program are the program itself: they must not take its arguments for their own.
multiprocessing.freeze_support()
give_back_libraries()

from enroll.cli import main  # noqa: E402

sys.exit(main())
