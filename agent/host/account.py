"""The account that this process runs under, by the kernel and the user database.

Alerts, profiles and recordings carry its name, so nothing of it comes from the environment: whoever starts the agent
chooses ``LOGNAME`` and ``USER`` freely.
"""

from __future__ import annotations

import os
import sys


def account_name() -> str:
    """The name of this process's account; ``uid N`` where the user database has none. May block on a directory."""
    if sys.platform == "win32":
        from agent.host.windows.account import account_name as windows_account_name

        return windows_account_name()
    import pwd

    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
