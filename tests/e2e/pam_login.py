"""Authenticates by the PAM library, as a display manager does: `python pam_login.py SERVICE USER FOLDER`.

The password is the first line of standard input; FOLDER holds the stack of the service in the place of /etc/pam.d.
Exits with 0 where PAM authenticated, with 1 where it did not.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

_PROMPTS: Final = (1, 2)  # PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON
_SUCCESS: Final = 0
_BUFFER_ERROR: Final = 5


class Message(ctypes.Structure):
    """struct pam_message."""

    _fields_ = (("style", ctypes.c_int), ("text", ctypes.c_char_p))


class Response(ctypes.Structure):
    """struct pam_response; the library frees it and its text."""

    _fields_ = (("text", ctypes.c_void_p), ("code", ctypes.c_int))


_Converse = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)


class Conversation(ctypes.Structure):
    """struct pam_conv."""

    _fields_ = (("converse", _Converse), ("own", ctypes.c_void_p))


def authenticates(service: str, user: str, folder: str, password: str) -> bool:
    """Whether PAM takes the password."""
    libc, pam = ctypes.CDLL(None), ctypes.CDLL("libpam.so.0")
    libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p

    def converse(count: int, messages: Any, responses: Any, _own: Any) -> int:
        table = libc.calloc(count, ctypes.sizeof(Response))
        if not table:
            return _BUFFER_ERROR
        answers = ctypes.cast(table, ctypes.POINTER(Response))
        for number in range(count):
            if messages[number].contents.style in _PROMPTS:
                answers[number].text = libc.strdup(password.encode())
        responses[0] = table
        return _SUCCESS

    conversation = Conversation(_Converse(converse), None)
    handle = ctypes.c_void_p()
    started = pam.pam_start_confdir(
        service.encode(), user.encode(), ctypes.byref(conversation), folder.encode(), ctypes.byref(handle)
    )
    if started != _SUCCESS:
        raise SystemExit(f"PAM does not start: {started}")
    code: int = pam.pam_authenticate(handle, 0)
    pam.pam_end(handle, code)
    return code == _SUCCESS


if __name__ == "__main__":
    sys.exit(0 if authenticates(*sys.argv[1:4], sys.stdin.readline().rstrip("\n")) else 1)
