"""Capture that any X client may disturb goes on by its second witness. On a real X server with a mouse of its own."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from Xlib.display import Display
from Xlib.ext import record
from Xlib.protocol import rq
from Xlib.protocol.request import KillClient

from agent.alerts.alert import Alert, AlertKind
from agent.config.schema import CaptureSettings, JudgementSettings, Settings
from agent.engine.events import Boundary, EventBatch
from agent.host.api import CannotSee
from agent.host.linux.pointer import X11Pointer
from agent.host.null.services import NullIdle
from agent.host.ring import Ring
from agent.host.supervisor import Supervisor
from agent.runtime.pipeline.capture_integrity import CaptureIntegrityResponse
from tests.agent.runtime.fakes import WORDING
from tests.e2e.conftest import VirtualDisplay
from tests.e2e.inputtest import LACKING, TestMouse, xorg

MOUSE = "Desk Mouse"
pytestmark = [
    pytest.mark.display,
    pytest.mark.timeout(60),
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {LACKING}"),
]


class Desk:
    """A display, a hand at its mouse, capture, and an attacker with a connection of their own."""

    def __init__(self, display: str, mouse: TestMouse) -> None:
        self.display = display
        self.mouse = mouse
        self.ring = Ring()
        self.source = X11Pointer({"DISPLAY": display})
        self.eve = Display(display)

    def move(self, seconds: float) -> int:
        """The hand moves to and fro at 125 Hz; how many reports it made."""
        reports, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            self.mouse.move(3.0 if reports // 20 % 2 == 0 else -3.0, 1.0 if reports % 2 else -1.0)
            reports += 1
            time.sleep(0.008)
        return reports

    def captured(self) -> tuple[EventBatch, list[Boundary]]:
        time.sleep(0.3)
        self.source.sync()
        items = self.ring.drain()
        events = EventBatch.concat(item for item in items if isinstance(item, EventBatch))
        return events, [item for item in items if isinstance(item, Boundary)]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with (
        tempfile.TemporaryDirectory(prefix="sh") as folder,
        xorg(Path(folder), (MOUSE,), 390) as (display, mice),
    ):
        monkeypatch.setenv("DISPLAY", display)
        mice[MOUSE].plug()
        time.sleep(0.4)
        made = Desk(display, mice[MOUSE])
        made.source.start(made.ring)
        made.move(0.3)
        made.captured()
        yield made
        made.source.stop()
        made.eve.close()


def context(desk: Desk) -> int:
    assert desk.source._listener is not None
    return desk.source._listener._context or 0


def disable(desk: Desk) -> None:
    desk.eve.record_disable_context(context(desk))
    desk.eve.flush()


def unregister(desk: Desk) -> None:
    desk.eve.record_unregister_clients(context(desk), [record.AllClients])
    desk.eve.flush()


def free(desk: Desk) -> None:
    desk.eve.record_free_context(context(desk))
    desk.eve.flush()


def kill(desk: Desk) -> None:
    KillClient(display=desk.eve.display, onerror=None, resource=context(desk))
    desk.eve.flush()


@pytest.mark.parametrize("attack", [disable, unregister, free, kill])
def test_record_that_is_taken_away_is_noticed_within_a_second_and_stood_in_for(
    desk: Desk, attack: Callable[[Desk], None]
) -> None:
    attack(desk)
    began_ns = time.monotonic_ns()
    reports = desk.move(1.8)
    events, boundaries = desk.captured()
    assert desk.source.is_alive()
    assert len(boundaries) == 1
    assert "raw events stand in" in boundaries[0].detail
    assert (boundaries[0].t_ns - began_ns) / 1e9 < 1.0
    assert 0.85 * reports <= len(events) <= reports, "what was moved meanwhile is judged"
    assert np.diff(events.t_ns).max() < 0.3e9
    assert len(set(events.source.tolist())) == 1, "as the same mouse"
    again = desk.move(0.3)
    heard, said = desk.captured()
    assert (again - 2 <= len(heard) <= again, said) == (True, [])


@pytest.mark.parametrize("attack", [disable, unregister])
def test_a_loop_that_takes_record_away_gains_nothing(desk: Desk, attack: Callable[[Desk], None]) -> None:
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(0.05):
            attack(desk)

    eve = threading.Thread(target=loop)
    eve.start()
    reports = desk.move(2.6)
    stop.set()
    eve.join()
    events, boundaries = desk.captured()
    assert len(events) > 0.85 * reports
    assert 1 <= len(boundaries) <= 5, "each time is said, so that policy can answer"


def test_the_stand_in_tells_what_record_tells(desk: Desk) -> None:
    """Positions of both, over the same movement of the same hand."""
    desk.move(1.0)
    by_record, _ = desk.captured()
    disable(desk)
    desk.move(0.9)
    by_witness, _ = desk.captured()
    for events in (by_record, by_witness):
        steps = np.abs(np.diff(events.x))
        assert np.mean((steps >= 2) & (steps <= 4)) > 0.97, "but for a report or two that the server joins"
        assert np.mean(np.abs(np.diff(events.y)) <= 2) > 0.97
    pointer = desk.eve.screen().root.query_pointer()
    assert abs(by_witness.x[-1] - pointer.root_x) <= 1
    assert abs(by_witness.y[-1] - pointer.root_y) <= 1


def cut(display: Any) -> None:
    """What the server does to a client that is killed: its connection ends."""
    display.display.socket.shutdown(socket.SHUT_RDWR)


def test_a_witness_that_is_killed_is_noticed_at_once(desk: Desk) -> None:
    assert desk.source._witness is not None
    cut(desk.source._witness.display)
    deadline = time.monotonic() + 1.0
    while desk.source.is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_fence_connection_that_is_killed_is_noticed_at_the_next_look(desk: Desk) -> None:
    cut(desk.source._own)
    desk.source.sync()
    assert not desk.source.is_alive()


def test_both_witnesses_killed_are_begun_anew_and_each_time_is_said(desk: Desk) -> None:
    desk.source.stop()
    sources: list[X11Pointer] = []

    def make() -> X11Pointer:
        sources.append(X11Pointer({"DISPLAY": desk.display}))
        return sources[-1]

    ring = Ring()
    supervisor = Supervisor(make, ring, NullIdle())
    supervisor.start()
    for _ in range(3):
        desk.source = sources[-1]
        assert desk.source._witness is not None
        cut(desk.source._witness.display)
        free(desk)
        desk.move(0.3)
        supervisor.check(0)
    desk.move(0.3)
    supervisor.sync()
    restarts = [item for item in ring.drain() if isinstance(item, Boundary) and "died" in item.detail]
    supervisor.stop()
    assert (supervisor.restarts, len(restarts)) == (3, 3)


KILLER = """
import contextlib, sys, time
from Xlib.display import Display
from Xlib.protocol.request import KillClient
def clients(eve):
    return {client.resource_base for client in eve.res_query_clients().clients}
first = Display(sys.argv[1])
before = clients(first)
print("ready", flush=True)
while True:
    # A connection a round: one that has gone meanwhile is an error that python-xlib does not survive.
    eve = Display(sys.argv[1])
    with contextlib.suppress(Exception):
        for client in clients(eve) - before - {eve.display.info.resource_id_base}:
            KillClient(display=eve.display, onerror=None, resource=client)
        eve.sync()
    with contextlib.suppress(Exception):
        eve.close()
    time.sleep(float(sys.argv[2]))
"""
ANSWERED_WITHIN_S = 20.0


class Answers:
    """A responder that only notes what it is asked for."""

    def __init__(self) -> None:
        self.locked: list[Alert] = []

    def alert(self, finding: Alert) -> None:
        raise AssertionError("policy locks")

    def lock(self, finding: Alert) -> None:
        self.locked.append(finding)


@pytest.mark.parametrize("pause_s", [0.1, 0.0])
def test_a_loop_that_kills_every_connection_of_the_agent_is_answered_within_seconds(
    display: VirtualDisplay, pause_s: float, record_property: Callable[[str, object], None]
) -> None:
    """Both witnesses, ten times a second or without a pause: nearly nothing is seen, and policy locks for that."""
    enforcing = Settings(
        judgement=JudgementSettings(mode="enforce"), capture=CaptureSettings(restarts_answer="lock")
    )
    answers, ring = Answers(), Ring()
    integrity = CaptureIntegrityResponse(enforcing, answers, WORDING)
    supervisor = Supervisor(lambda: X11Pointer({"DISPLAY": display.name}), ring, NullIdle())
    killer = subprocess.Popen(
        [sys.executable, "-c", KILLER, display.name, str(pause_s)], stdout=subprocess.PIPE
    )
    began_s = time.monotonic()
    try:
        assert killer.stdout is not None
        assert killer.stdout.readline()
        with contextlib.suppress(CannotSee):
            supervisor.start()
        while not answers.locked and time.monotonic() - began_s < ANSWERED_WITHIN_S:
            time.sleep(1.0)  # as the worker looks, also while it is blind
            supervisor.check(0)
            for item in ring.drain():
                if isinstance(item, Boundary):
                    integrity.capture_restarted(item.t_ns)
    finally:
        killer.kill()
        killer.communicate()
        supervisor.stop()
    record_property("answered after", f"{time.monotonic() - began_s:.1f} s")
    assert [alert.kind for alert in answers.locked] == [AlertKind.CAPTURE_DEAD]


def test_xtest_in_the_name_of_a_real_device_is_a_programs_and_the_hands_events_are_not(desk: Desk) -> None:
    xtest, xi = desk.eve.query_extension("XTEST"), desk.eve.query_extension("XInputExtension")
    desk.eve.xinput_query_version()
    (device,) = [d.deviceid for d in desk.eve.xinput_query_device(0).devices if d.name == MOUSE]

    def fake(dx: int, dy: int) -> None:
        motion = struct.pack("=BBHI", xi.first_event + 5, 1, 0, 0) + bytes(23) + bytes([device | 0x80])
        axes = struct.pack("=BBHHBBiiiiii", xi.first_event, device, 0, 0, 2, 0, dx, dy, 0, 0, 0, 0)
        body = motion + axes
        request = object.__new__(_Plain)
        request._binary = struct.pack("=BBH", xtest.major_opcode, 2, 1 + len(body) // 4) + body
        request._serial, request._errorhandler = None, None
        desk.eve.display.send_request(request, 0)
        desk.eve.flush()

    for _ in range(10):
        fake(3, 1)
        time.sleep(0.01)
    alone, _ = desk.captured()
    assert alone.synthetic.tolist() == [True] * 10
    hand = threading.Thread(target=desk.mouse.wiggle, args=(100,))
    hand.start()
    for _ in range(20):
        fake(1, 1)
        time.sleep(0.03)
    hand.join()
    both, _ = desk.captured()
    assert (len(both), int(both.synthetic.sum())) == (120, 20)
    assert set(both.source.tolist()) == set(alone.source.tolist()), (
        "the device alone does not tell them apart"
    )


class _Plain(rq.Request):
    """Bytes that are sent as they are."""

    _request = rq.Struct(rq.Card8("opcode"))
