"""The pipe's transport over pipes in memory: who is not known gets no place, and nobody fills the places of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.engine.errors import SteadyhandError
from agent.relay.pipe_transport import PipeTransport
from agent.relay.transport import ClientArrival, Departure, Packet, ProcessEnd, TransportEvent
from tests.agent.relay.pipes import ADA, OWNER, MemoryPipes

EVE = "S-1-5-21-7-8-9-1002"
PLACES_FOR_SILENT = 12


class Seconds:
    """A clock in seconds that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def opened(pipes: MemoryPipes, clock: Callable[[], float] = lambda: 0.0) -> PipeTransport:
    return PipeTransport(pipes, OWNER, clock=clock)


def turn(transport: PipeTransport) -> list[TransportEvent]:
    return list(transport.wait(0.0))


def test_the_first_instance_must_be_the_first_of_its_name() -> None:
    pipes = MemoryPipes()
    opened(pipes)
    assert pipes.firsts == [True, False, False, False]


def test_a_pipe_that_somebody_else_made_before_is_refused() -> None:
    pipes = MemoryPipes(maker=EVE)
    with pytest.raises(SteadyhandError, match=rf"belongs to {EVE}, not to {OWNER}"):
        opened(pipes)
    assert all(pipe.closed for pipe in pipes.pipes)


def test_a_client_is_known_with_its_first_message_and_read_on() -> None:
    pipes = MemoryPipes()
    transport = opened(pipes)
    client = pipes.connect(pid=41, account=ADA)
    assert turn(transport) == []
    client.speak(b"one")
    assert turn(transport) == [ClientArrival(client, 41, ADA), Packet(client, b"one", True)]
    client.speak(b"x" * 16_385)
    assert turn(transport) == [Packet(client, b"x" * 16_384, False)]
    client.leave()
    assert turn(transport) == [Departure(client)]
    transport.hang_up(client)
    assert client.closed
    assert turn(transport) == []


def test_a_client_that_does_not_say_who_it_is_gets_no_answer() -> None:
    pipes = MemoryPipes()
    pipes.nameless = True
    transport = opened(pipes)
    client = pipes.connect()
    client.speak(b"one")
    turn(transport)
    assert turn(transport) == []
    assert client.closed


def test_whoever_connects_and_says_nothing_is_hung_up_after_two_seconds() -> None:
    pipes, clock = MemoryPipes(), Seconds()
    transport = opened(pipes, clock)
    client = pipes.connect()
    turn(transport)
    clock.now_s += 1.9
    turn(transport)
    assert not client.closed
    clock.now_s += 0.2
    turn(transport)
    assert client.closed


def test_a_process_that_opens_and_says_nothing_takes_its_own_places_alone() -> None:
    pipes = MemoryPipes()
    transport = opened(pipes)
    honest = pipes.connect(pid=1)
    turn(transport)
    storm = []
    for _ in range(60):
        storm.append(pipes.connect(pid=2, account=EVE))
        turn(transport)
    assert not honest.closed
    assert sum(not each.closed for each in storm) == PLACES_FOR_SILENT - 1
    assert not storm[-1].closed, "the oldest of them went"


def test_what_was_hung_up_in_the_same_turn_says_nothing_any_more() -> None:
    pipes = MemoryPipes()
    transport = opened(pipes)
    clients = [pipes.connect(), pipes.connect()]
    for client in clients:
        client.speak(b"first")
    turn(transport)
    for client in clients:
        client.speak(b"second")
    events = []
    for event in transport.wait(0.0):
        events.append(event)
        if len(events) == 1:
            transport.hang_up(clients[1])
    assert events == [Packet(clients[0], b"second", True)]


def test_the_end_of_a_held_process_is_an_event_and_a_second_takes_its_place() -> None:
    pipes = MemoryPipes()
    transport = opened(pipes)
    transport.hold(ADA, 41)
    transport.hold(ADA, 41)
    assert turn(transport) == []
    transport.hold(ADA, 42)
    assert pipes.released == [41]
    pipes.ended = {41, 42}
    assert turn(transport) == [ProcessEnd(ADA)]
    assert pipes.released == [41, 42]
    assert turn(transport) == []


def test_a_closed_transport_leaves_nothing_open() -> None:
    pipes = MemoryPipes()
    transport = opened(pipes)
    pipes.connect().speak(b"one")
    turn(transport)
    transport.hold(ADA, 41)
    transport.close()
    assert all(pipe.closed for pipe in pipes.pipes)
    assert pipes.released == [41]
