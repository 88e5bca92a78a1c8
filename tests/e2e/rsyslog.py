"""Private syslog receivers: mutual TLS on a loopback port, every message a line of JSON in a file."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

BINARY = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/sbin")
DRIVERS = sorted(Path("/usr/lib").glob("*/rsyslog/lmnsd_ossl.so")) if BINARY else []
MISSING = (
    ""
    if BINARY and DRIVERS
    else "rsyslogd with its OpenSSL driver (rsyslog, rsyslog-openssl) is not installed"
)
CLIENT = "laptop.example"
_MESSAGE_STARTS = '{"pri":'

_CONFIG = """
global(workDirectory="{folder}" maxMessageSize="64k"
       defaultNetstreamDriverCAFile="{folder}/ca.pem"
       defaultNetstreamDriverCertFile="{folder}/server.pem"
       defaultNetstreamDriverKeyFile="{folder}/server.key")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/name"
       permittedPeer=["{client}"])
template(name="line" type="list" option.jsonf="on") {{
    property(outname="pri" name="pri" format="jsonf")
    property(outname="host" name="hostname" format="jsonf")
    property(outname="app" name="app-name" format="jsonf")
    property(outname="msgid" name="msgid" format="jsonf")
    property(outname="sd" name="structured-data" format="jsonf")
    property(outname="msg" name="msg" format="jsonf")
}}
# A direct queue: a message is in the file before the receiver answers the sender's close.
ruleset(name="alerts" queue.type="direct") {{
    action(type="omfile" file="{folder}/received.jsonl" template="line" asyncWriting="off" flushOnTXEnd="on")
}}
input(type="imtcp" port="{port}" address="127.0.0.1" ruleset="alerts")
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Receiver:
    """rsyslogd as a foreground child; others differ in how they are started and configured.

    Attributes
    ----------
    folder : Path
        Its certificates, configuration and what it received.
    authority : trustme.CA
        Whom it believes, and who signed its own certificate (for ``localhost``).
    """

    folder: Path
    authority: trustme.CA = field(default_factory=trustme.CA)
    port: int = field(default_factory=_free_port)
    _child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Write certificates and configuration."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority.cert_pem.write_to_path(self.folder / "ca.pem")
        self.issue("server", "localhost")
        self.issue("client", CLIENT)
        self.config_file.write_text(self.config())

    @property
    def config_file(self) -> Path:
        return self.folder / "receiver.conf"

    def config(self) -> str:
        """Its configuration."""
        return _CONFIG.format(folder=self.folder, client=CLIENT, port=self.port)

    def command(self) -> list[str]:
        """What starts it."""
        return [str(BINARY), "-n", "-iNONE", "-f", str(self.config_file)]

    def environ(self) -> dict[str, str]:
        """Its environment."""
        return dict(os.environ)

    def issue(self, stem: str, name: str, authority: trustme.CA | None = None) -> None:
        """A certificate for `name` as ``stem.pem`` and ``stem.key``."""
        certificate = (authority or self.authority).issue_cert(name, common_name=name)
        certificate.private_key_pem.write_to_path(self.folder / f"{stem}.key")
        (self.folder / f"{stem}.pem").write_bytes(
            b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        )

    def start(self) -> None:
        """Start it and wait until it listens."""
        with (self.folder / "receiver.log").open("ab") as log:
            self._child = subprocess.Popen(self.command(), stdout=log, stderr=log, env=self.environ())
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self._child.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the receiver does not listen: {self.log()}")

    def kill(self) -> None:
        """End it as a crash would: SIGKILL."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def log(self) -> str:
        """What it said."""
        return (self.folder / "receiver.log").read_text(errors="replace")

    def messages(self) -> list[dict[str, Any]]:
        """What it received so far, in order; what a crash has torn is left out, also before a whole message."""
        path = self.folder / "received.jsonl"
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        return [message for line in lines if (message := _last_whole(line)) is not None]

    def ids(self) -> list[str]:
        """The ids of the alerts that it received, in order."""
        found = [re.search('eventId="([^"]+)"', message["sd"]) for message in self.messages()]
        return [match[1] for match in found if match]


def _last_whole(line: str) -> dict[str, Any] | None:
    """The message that ends a line: one that was written after a crash stands on the line that the crash has torn."""
    start = line.rfind(_MESSAGE_STARTS)
    try:
        message: dict[str, Any] = json.loads(line[max(start, 0) :])
    except json.JSONDecodeError:
        return None
    return message
