"""User namespaces: whether user numbers mean here what they mean to the computer.

In a namespace of their own, which anybody may make, somebody runs programs as root that are none of root's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

# The kernel's own number for the first user namespace (PROC_USER_INIT_INO).
_FIRST: Final = 0xEFFFFFFD
_OWN: Final = Path("/proc/self/ns/user")


def in_first_user_namespace(own: Path = _OWN) -> bool:
    """True in the computer's own user namespace, the only one of some kernels; False where that cannot be told."""
    if not own.parent.is_dir():
        return False
    try:
        return os.stat(own).st_ino == _FIRST
    except FileNotFoundError:
        return True  # a kernel without user namespaces
    except OSError:
        return False
