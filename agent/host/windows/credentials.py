"""The Windows functions that ask for a password and check it, as one table that tests can replace.

This was not run on Windows: it follows Microsoft's reference, and its caller is tested with a scripted table.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

# Only the credentials of who is logged in are offered, on the secure desktop, where no program can type.
_CURRENT_USER_ONLY: Final = 0x200
_SECURE_DESKTOP: Final = 0x1000
_DECRYPTED: Final = 1
_INTERACTIVE: Final = 2
_DEFAULT_PROVIDER: Final = 0
_TOKEN_QUERY: Final = 0x0008
_TOKEN_USER: Final = 1
_MOST_CHARACTERS: Final = 514


class Refused(Exception):
    """A function of Windows did not succeed.

    Attributes
    ----------
    code : int
        Windows' error code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"Windows' error {code}")
        self.code = code


@dataclass(slots=True)
class Typed:
    """What somebody typed. `forget` it."""

    user: str
    domain: str
    password: Any = field(repr=False)

    def forget(self) -> None:
        """Overwrite the password."""
        ctypes.memset(self.password, 0, ctypes.sizeof(self.password))


class Credentials(Protocol):
    """What is needed of Windows."""

    def ask(self, title: str, text: str, error: int) -> Typed:
        """CredUIPromptForWindowsCredentials: waits for the person. `error` tells why it is asked again.

        Raises
        ------
        Refused
            If it was cancelled, or there is no desktop to ask on.
        """

    def log_on(self, typed: Typed) -> str:
        """LogonUser: the security identifier of whose password it is. May block for seconds.

        Raises
        ------
        Refused
            If it is not that user's password, or the account may not log on.
        """

    def own_identity(self) -> str:
        """The security identifier of who runs this process; empty where it cannot be told."""


class _Information(ctypes.Structure):
    """CREDUI_INFOW."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("parent", ctypes.c_void_p),
        ("text", ctypes.c_wchar_p),
        ("title", ctypes.c_wchar_p),
        ("banner", ctypes.c_void_p),
    )


class RealCredentials:
    """`Credentials` by ctypes; made on Windows only."""

    def __init__(self) -> None:
        load: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
        self._credui = load("credui", use_last_error=True)
        self._advapi32 = load("advapi32", use_last_error=True)
        self._kernel32 = load("kernel32", use_last_error=True)
        self._ole32 = load("ole32", use_last_error=True)
        self._kernel32.GetCurrentProcess.restype = ctypes.c_void_p
        self._last_error: Any = ctypes.get_last_error  # type: ignore[attr-defined]  # exists on Windows only

    def ask(self, title: str, text: str, error: int) -> Typed:
        """See `Credentials.ask`."""
        asked = _Information(ctypes.sizeof(_Information), None, text, title, None)
        package, packed, size = ctypes.c_uint32(), ctypes.c_void_p(), ctypes.c_uint32()
        code = self._credui.CredUIPromptForWindowsCredentialsW(
            ctypes.byref(asked),
            ctypes.c_uint32(error),
            ctypes.byref(package),
            None,
            0,
            ctypes.byref(packed),
            ctypes.byref(size),
            None,
            _CURRENT_USER_ONLY | _SECURE_DESKTOP,
        )
        if code:
            raise Refused(code)
        try:
            return self._unpacked(packed, size)
        finally:
            ctypes.memset(packed, 0, size.value)
            self._ole32.CoTaskMemFree(packed)

    def log_on(self, typed: Typed) -> str:
        """See `Credentials.log_on`."""
        token = ctypes.c_void_p()
        if not self._advapi32.LogonUserW(
            ctypes.c_wchar_p(typed.user),
            ctypes.c_wchar_p(typed.domain or None),
            typed.password,
            _INTERACTIVE,
            _DEFAULT_PROVIDER,
            ctypes.byref(token),
        ):
            raise Refused(self._last_error())
        return self._identity(token)

    def own_identity(self) -> str:
        """See `Credentials.own_identity`."""
        token = ctypes.c_void_p()
        process = ctypes.c_void_p(self._kernel32.GetCurrentProcess())
        opened = self._advapi32.OpenProcessToken(process, _TOKEN_QUERY, ctypes.byref(token))
        return self._identity(token) if opened else ""

    def _unpacked(self, packed: ctypes.c_void_p, size: ctypes.c_uint32) -> Typed:
        texts = [ctypes.create_unicode_buffer(_MOST_CHARACTERS) for _ in range(3)]
        lengths = [ctypes.c_uint32(_MOST_CHARACTERS) for _ in range(3)]
        both = [part for text, n in zip(texts, lengths, strict=True) for part in (text, ctypes.byref(n))]
        if not self._credui.CredUnPackAuthenticationBufferW(_DECRYPTED, packed, size, *both):
            raise Refused(self._last_error())
        user, domain, password = texts
        # The domain may come before the name, and then not by itself.
        before, _, name = user.value.rpartition("\\")
        return Typed(name, domain.value or before, password)

    def _identity(self, token: ctypes.c_void_p) -> str:
        """The user of a token, which is then closed; empty where it cannot be buffer."""
        try:
            size = ctypes.c_uint32()
            self._advapi32.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))
            buffer = ctypes.create_string_buffer(max(size.value, ctypes.sizeof(ctypes.c_void_p)))
            if not self._advapi32.GetTokenInformation(token, _TOKEN_USER, buffer, size, ctypes.byref(size)):
                return ""
            # TOKEN_USER begins with a pointer to the identifier.
            text = ctypes.c_wchar_p()
            if not self._advapi32.ConvertSidToStringSidW(
                ctypes.c_void_p.from_buffer(buffer), ctypes.byref(text)
            ):
                return ""
            name = text.value or ""
            self._kernel32.LocalFree(text)
            return name
        finally:
            self._kernel32.CloseHandle(token)
