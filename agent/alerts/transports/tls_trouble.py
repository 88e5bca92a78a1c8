"""TLS on the client's side: the context, and what its errors mean to the person who must mend them."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.alerts.api import DeliveryOutcome
from agent.engine.errors import SteadyhandError
from agent.files.opening import NAMED_FILE, open_checked

if TYPE_CHECKING:
    import ssl

_NAME_CODES = frozenset({62, 63, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, EMAIL_, IP_ADDRESS_
_EXPIRED_CODES = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, CERT_HAS_EXPIRED
_NAME_MENDS = {
    "syslog_": "set syslog_server_name to the name in it",
    "http_": "use the name in it in the address",
    "central.": "use the name in it in the address",
}
_VERSION_REASONS = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"})
_NOT_TLS_REASONS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files by path; empty for none.

    Attributes
    ----------
    ca : str
        Authorities that the receiver's certificate must come from; empty: those of the system.
    cert, key : str
        This computer's certificate, with its chain, and its private key.
    prefix : str
        What the settings that name these files begin with, for error texts.
    """

    ca: str
    cert: str
    key: str
    prefix: str = "syslog_"


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """TLS 1.2 or newer; the receiver's certificate and name are always checked.

    Raises
    ------
    SteadyhandError
        If a file is missing or is not what it should be.
    """
    import ssl  # only who has a destination with TLS loads it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _check_plain(files)
    if files.ca:
        try:
            context.load_verify_locations(cafile=files.ca)
        except OSError as error:
            raise _unreadable(f"{files.prefix}ca_file", files.ca, error) from error
    else:
        context.load_default_certs()
    if files.cert:
        try:
            # Without a password OpenSSL would ask for one on the terminal and block.
            context.load_cert_chain(files.cert, files.key or None, password="")
        except OSError as error:
            raise _unreadable(
                f"{files.prefix}cert_file and {files.prefix}key_file", f"{files.cert} {files.key}", error
            ) from error
    return context


def _check_plain(files: TlsFiles) -> None:
    """Refuse what is no plain file: OpenSSL opens by name, and would wait at a FIFO for ever."""
    named = {"ca_file": files.ca, "cert_file": files.cert, "key_file": files.key}
    for key, path in named.items():
        if not path:
            continue
        try:
            os.close(open_checked(Path(path), NAMED_FILE))
        except OSError as error:
            raise _unreadable(f"{files.prefix}{key}", path, error) from error
        except SteadyhandError as error:
            raise SteadyhandError(f"{files.prefix}{key}: {error.what}", "name a PEM file") from error


class TlsContext:
    """The context of `files`, shared by all who send and made anew when a file has changed. Any thread.

    A list of a hundred authorities costs megabytes and tens of milliseconds, every time that it is read.
    """

    def __init__(self, files: TlsFiles) -> None:
        self.files = files
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._context: ssl.SSLContext | None = None

    def get(self) -> ssl.SSLContext:
        """See `client_context`."""
        with self._lock:
            seen = tuple(map(_touched, (self.files.ca or _system_list(), self.files.cert, self.files.key)))
            if self._context is None or seen != self._seen:
                self._context = None
                self._context = client_context(self.files)
                self._seen = seen
            return self._context


def _system_list() -> str:
    import ssl

    locations = ssl.get_default_verify_paths()
    return locations.cafile or locations.capath or ""


def _touched(path: str) -> tuple[int, ...]:
    """Which file it is and when it last changed; empty where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return ()
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _unreadable(setting: str, path: str, error: OSError) -> SteadyhandError:
    import ssl

    why = (error.reason or "not PEM") if isinstance(error, ssl.SSLError) else error.strerror
    return SteadyhandError(f"{setting} ({path.strip()}): {why}", "name a readable, unencrypted PEM file")


def explain(error: OSError, where: str, server_name: str, prefix: str) -> tuple[DeliveryOutcome, str]:
    """What a failed connection means, and whether waiting can help.

    Parameters
    ----------
    error : OSError
        From `socket` or `ssl`.
    where : str
        The receiver, for the text.
    server_name : str
        The name that its certificate must have.
    prefix : str
        `TlsFiles.prefix`.

    Returns
    -------
    DeliveryOutcome
        AUTH_FAILED when somebody must change something, else RETRY.
    str
        One line.
    """
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return DeliveryOutcome.AUTH_FAILED, f"{where}: {_bad_certificate(error, server_name, prefix)}"
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return DeliveryOutcome.RETRY, f"{where} {_hung_up(error)}"
    if isinstance(error, ssl.SSLError):
        return _tls_outcome(error.reason or ""), f"{where}: {_tls_text(error, prefix)}"
    if isinstance(error, TimeoutError):
        return DeliveryOutcome.RETRY, f"{where} did not answer in time"
    if isinstance(error, socket.gaierror):
        return DeliveryOutcome.RETRY, f"{where}: the host name is not found ({error.strerror})"
    return DeliveryOutcome.RETRY, f"{where}: {error.strerror or error}"


def _bad_certificate(error: ssl.SSLCertVerificationError, server_name: str, prefix: str) -> str:
    if error.verify_code in _NAME_CODES:
        return f"its certificate is not for {server_name!r}; {_NAME_MENDS[prefix]}"
    if error.verify_code in _EXPIRED_CODES:
        return "its certificate is not valid today (expired, or this computer's clock is wrong)"
    return f"its certificate comes from nobody in {prefix}ca_file ({error.verify_message})"


def _hung_up(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refuses connections: is it running, and is that its port?"
    return "closed the connection without confirming: it stopped, or it refuses this computer's certificate"


def _refuses_us(reason: str) -> bool:
    """The alerts with which a receiver answers a client certificate that is missing or not to its liking."""
    return "ALERT" in reason and any(
        word in reason
        for word in ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE", "DECRYPT_ERROR")
    )


def _tls_outcome(reason: str) -> DeliveryOutcome:
    hopeless = _refuses_us(reason) or reason in _VERSION_REASONS | _NOT_TLS_REASONS
    return DeliveryOutcome.AUTH_FAILED if hopeless else DeliveryOutcome.RETRY


def _tls_text(error: ssl.SSLError, prefix: str) -> str:
    reason = error.reason or ""
    if _refuses_us(reason):
        return f"it refuses this computer's certificate ({reason}); check {prefix}cert_file and the receiver's CA"
    if reason in _VERSION_REASONS:
        return "it does not offer TLS 1.2 or newer"
    if reason in _NOT_TLS_REASONS:
        return "it does not speak TLS on that port"
    return f"TLS failed ({reason or error})"
