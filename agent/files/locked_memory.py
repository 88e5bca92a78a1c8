"""Locked memory: keeps the bytes of a secret out of swap, where the system lets this process.

What is locked is the Python object's own bytes. Copies that the cryptographic library makes are not: under systemd the
units' MemorySwapMax=0 keeps the whole process out of swap. Neither holds for the image that hibernation writes.
"""

from __future__ import annotations

import ctypes
import logging
import sys

LOG = logging.getLogger(__name__)


def keep_from_swap(secret: bytes, platform: str = sys.platform) -> bool:
    """Lock the pages that hold a secret for as long as this process lives.

    Parameters
    ----------
    secret : bytes
        Some keys of a few bytes: accounts may lock 8 MiB as a rule.
    platform : str
        As `sys.platform` names it.

    Returns
    -------
    bool
        False where the system refuses (the account's limit is used up), which is logged, and everywhere but on Linux.
    """
    if not platform.startswith("linux") or not secret:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    address = ctypes.cast(ctypes.c_char_p(secret), ctypes.c_void_p)
    if libc.mlock(address, ctypes.c_size_t(len(secret))) != 0:
        LOG.info("a key may be written to swap: mlock is refused (error %d)", ctypes.get_errno())
        return False
    return True
