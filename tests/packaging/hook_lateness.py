"""For the rig's Windows Python: writes when the hook heard each movement, in nanoseconds of CLOCK_MONOTONIC_RAW.

Usage: hook_lateness.py FILE SECONDS, in the repository's root. FILE comes once it listens, and is whole when it ends.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from agent.host.windows.native_hook import native_hook

MOVED = 0x0200


def main(path: Path, seconds: float) -> int:
    """Listen for so long."""
    hook: Any = native_hook()
    listener = hook.make_listener()
    listener.start()
    listener.wait()
    path.write_text("")
    time.sleep(seconds)
    _, frequency = hook.counter()
    moves = [(reading, at.pt.x, at.pt.y) for message, at, reading in hook.messages() if message == MOVED]
    listener.stop()
    path.write_text(json.dumps([(reading * 1_000_000_000 // frequency, x, y) for reading, x, y in moves]))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
