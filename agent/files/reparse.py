"""Reparse points: what Windows has for links, which no flag of `open` refuses there.

References (learn.microsoft.com): "Reparse Point Tags"; a tag with the name-surrogate bit stands for another name
(symbolic links, junctions). Others, such as those of compressed or deduplicated files, are the file itself.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

_NAME_SURROGATE: Final = 0x20000000


def is_plain_folder(status: os.stat_result) -> bool:
    """True for a folder that is no junction and no link, by its `lstat`."""
    return stat.S_ISDIR(status.st_mode) and not is_surrogate(status)


def is_surrogate(status: os.stat_result) -> bool:
    """True where Windows' `lstat` shows a name that stands for another file or folder; never on other systems."""
    return bool(getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE)


def refuse_link(path: Path, opened: os.stat_result) -> None:
    """Refuse a file that was opened through a link.

    The check comes after the file was opened: exchanging the name afterwards gains nothing.

    Parameters
    ----------
    path : Path
    opened : os.stat_result
        Of the opened file.

    Raises
    ------
    OSError
        ELOOP, as O_NOFOLLOW has it elsewhere.
    """
    named = path.lstat()
    if is_surrogate(named) or (named.st_dev, named.st_ino) != (opened.st_dev, opened.st_ino):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
