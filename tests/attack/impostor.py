"""Attackers' tools: processes under another account, and a program that answers on a bus as somebody it is not."""

from __future__ import annotations

import multiprocessing
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

NOBODY = 65534
_FORK = multiprocessing.get_context("fork")

# A bus on which everybody may own every name, as on every session bus.
_BUS = """\
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

Answer = tuple[str, tuple[Any, ...]]
"""Signature and body of what a method returns."""


def become(uid: int) -> None:
    """Take on an account for good; root alone can."""
    if os.geteuid() != uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def _listens(sock: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(sock)) == 0


@contextmanager
def bus_of(uid: int) -> Iterator[Path]:
    """A real dbus-daemon under an account; its socket."""
    folder = Path(tempfile.mkdtemp(prefix="shbus"))
    os.chmod(folder, 0o755)
    os.chown(folder, uid, uid)
    configuration, sock = folder / "bus.conf", folder / "bus"
    configuration.write_text(_BUS.format(socket=sock))
    daemon = subprocess.Popen(
        ["dbus-daemon", "--nofork", f"--config-file={configuration}"],
        preexec_fn=lambda: become(uid),
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 5
        while not _listens(sock):
            assert time.monotonic() < deadline, "dbus-daemon did not start"
            time.sleep(0.01)
        yield sock
    finally:
        daemon.kill()
        daemon.wait()
        shutil.rmtree(folder)


def as_account(uid: int, environ: Mapping[str, str], ask: Callable[[], Any]) -> Any:
    """What `ask` returns in a process of that account with that environment."""
    receiving, sending = _FORK.Pipe(duplex=False)

    def run() -> None:
        become(uid)
        os.environ.clear()
        os.environ.update(environ)
        sending.send(ask())

    process = _FORK.Process(target=run)
    process.start()
    sending.close()
    try:
        return receiving.recv()
    finally:
        process.join(10)


class Impostor:
    """A Python program that owns a name on a bus and answers as it likes.

    Parameters
    ----------
    sock : Path
        The bus.
    name : str
        What it owns.
    answers : mapping
        What it answers, by method.
    uid : int
        Its account.
    """

    def __init__(self, sock: Path, name: str, answers: Mapping[str, Answer], uid: int | None = None) -> None:
        self._orders, theirs = _FORK.Pipe()
        self._process = _FORK.Process(
            target=_answer, args=(sock, name, dict(answers), os.getuid() if uid is None else uid, theirs)
        )
        self._process.start()
        theirs.close()
        assert self._orders.recv() == "ready"

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self._process.pid or 0)

    def signal(self, path: str, interface: str, member: str, signature: str = "", *body: Any) -> None:
        """Have it send a signal."""
        self._orders.send((path, interface, member, signature, body))
        assert self._orders.recv() == "sent"

    def now(self, method: str, answer: Answer) -> None:
        """Have it answer differently from now on."""
        self._orders.send((method, answer))
        assert self._orders.recv() == "changed"

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.join()
        self._orders.close()


def _answer(sock: Path, name: str, answers: dict[str, Answer], uid: int, orders: Any) -> None:
    become(uid)
    connection = open_dbus_connection(bus=f"unix:path={sock}")
    (code,) = connection.send_and_get_reply(message_bus.RequestName(name, 4), timeout=5).body
    assert code == 1, f"{name} has another owner"
    orders.send("ready")
    while True:
        ready, _, _ = select.select([connection.sock, orders], [], [])
        if orders in ready:
            orders.send(_obey(connection, answers, orders.recv()))
        if connection.sock in ready:
            _reply(connection, answers, connection.receive())


def _obey(connection: Any, answers: dict[str, Answer], order: tuple[Any, ...]) -> str:
    if len(order) == 2:
        answers[order[0]] = order[1]
        return "changed"
    path, interface, member, signature, body = order
    emitter = DBusAddress(path, interface=interface)
    connection.send(new_signal(emitter, member, signature or None, body))
    return "sent"


def _reply(connection: Any, answers: dict[str, Answer], message: Any) -> None:
    if message.header.message_type is not MessageType.method_call:
        return
    method = message.header.fields[HeaderFields.member]
    if method in answers:
        signature, body = answers[method]
        connection.send(new_method_return(message, signature or None, body))
    else:
        connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
