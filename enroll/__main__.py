"""`python -m enroll` is `steadyhand-enroll`."""

import sys

from enroll.cli import main

sys.exit(main())
