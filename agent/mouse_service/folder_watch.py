"""Folder watch: the kernel's word when files come, go or change their rights (inotify).

udev's own news come over netlink, which does not reach a service without a network of its own.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# sys/inotify.h
_NONBLOCK_CLOEXEC: Final = os.O_NONBLOCK | os.O_CLOEXEC
_ATTRIB, _MOVED_TO, _CREATE, _DELETE = 0x4, 0x80, 0x100, 0x200
_EVENTS: Final = _ATTRIB | _MOVED_TO | _CREATE | _DELETE


class FolderWatch:
    """Waits for news of some folders. One thread.

    Parameters
    ----------
    folders : sequence of Path
        One that is not there is watched from `look` on, once it is.

    Raises
    ------
    OSError
        If the kernel has no inotify.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(_NONBLOCK_CLOEXEC)
        if self._fd < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"folders cannot be watched: {os.strerror(number)}")
        self.look()

    def fileno(self) -> int:
        """To wait on."""
        return int(self._fd)

    def look(self) -> None:
        """Watch the folders that are there by now; asking again for a watched one changes nothing."""
        for folder in self._folders:
            self._libc.inotify_add_watch(self._fd, os.fsencode(folder), _EVENTS)

    def drain(self) -> bool:
        """Take all the news; True where there was some."""
        had_news = False
        while True:
            try:
                had_news |= bool(os.read(self._fd, 8192))
            except BlockingIOError:
                return had_news

    def close(self) -> None:
        """Stop watching."""
        os.close(self._fd)
