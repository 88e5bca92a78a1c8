"""Changes of policy where the operating system tells of them, as Windows does of its registry."""

from __future__ import annotations

import sys
from collections.abc import Callable


def watch_policy(on_change: Callable[[], None]) -> Callable[[], None]:
    """Call `on_change` after each change, from a thread that must not wait.

    Returns
    -------
    callable
        Ends that.
    """
    if sys.platform == "win32":
        from agent.host.windows.policy_watch import PolicyWatch

        watch = PolicyWatch(on_change)
        watch.start()
        return watch.stop
    return unwatched(on_change)


def unwatched(_on_change: Callable[[], None]) -> Callable[[], None]:
    """As `watch_policy`, where nobody tells."""
    return lambda: None
