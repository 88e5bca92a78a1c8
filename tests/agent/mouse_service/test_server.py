"""The mouse service: who gets which movement, and what is reported."""

from __future__ import annotations

import os
import socket

import pytest

from agent.host.linux.listener_protocol import Wish
from agent.host.linux.mouse_protocol import (
    DeviceAppeared,
    DeviceGone,
    DeviceReports,
    ListenerRefused,
    MovedWhileLocked,
    ReportsLost,
    SessionShown,
)
from agent.host.listener_program import ListenerProgram, ProgramKind
from agent.mouse_service.admission import Breach
from agent.mouse_service.tally import Deviation
from tests.agent.mouse_service.mouse_bench import (
    EVENT,
    FOREIGN,
    ME,
    REL,
    SYN,
    Bench,
    Client,
    eventually,
    moved,
)

SECOND_NS = 1_000_000_000


def rels(client: Client) -> list[int]:
    """How far the mouse went in x, by the packets that arrived."""
    packets = [packet for packet in client.packets() if isinstance(packet, DeviceReports)]
    return [
        event.amount for packet in packets for event in packet.events if (event.kind, event.code) == (REL, 0)
    ]


def test_a_listener_is_told_of_the_mice_and_gets_what_they_do(bench: Bench) -> None:
    client = bench.listen()
    assert client.packets() == [DeviceAppeared(3, "Mouse 3", 0x046D, 0x2A), SessionShown(True)]
    bench.move(3, moved(4, -1) + moved(5))
    assert rels(client) == [4, 5]
    assert bench.noticed.breaches == []
    assert [seat for seat, _ in bench.noticed.stamps] == ["seat0"]


def test_only_what_announces_a_mouse_is_opened(bench: Bench) -> None:
    bench.plug(4, rel="0", key="10000 0 0 0 fffffffffffffffe")  # a keyboard
    bench.plug(5, rel="103", key="fffffffffffffffe")  # moves and has no left button
    eventually(bench, lambda: (bench.turns(), True)[1])
    assert bench.opened == [3]


def test_mice_that_come_and_go_are_told(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    bench.plug(7)
    eventually(bench, lambda: 7 in bench.pipes)
    bench.move(7, moved(9))
    packets = client.packets()
    assert packets[0] == DeviceAppeared(7, "Mouse 7", 0x046D, 0x2A)
    assert isinstance(packets[1], DeviceReports)
    bench.unplug(7)
    bench.turns(10)
    assert client.packets() == [DeviceGone(7)]


def test_a_mouse_without_rights_yet_is_taken_up_once_it_has_them(bench: Bench) -> None:
    bench.refuses.add(8)
    bench.plug(8)
    eventually(bench, lambda: 8 in bench.opened)
    bench.refuses.clear()
    os.chmod(bench.input / "event8", 0o640)
    eventually(bench, lambda: 8 in bench.pipes)


def test_a_device_that_vanishes_in_mid_report_hands_on_nothing_of_it(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    os.write(bench.pipes[3], moved(4)[: -EVENT.size])
    os.close(bench.pipes[3])
    bench.turns()
    assert client.packets() == [DeviceGone(3)]


def test_garbage_costs_the_device_until_it_is_plugged_in_anew(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    bench.move(3, b"x" * 25)
    assert client.packets() == [DeviceGone(3)]
    bench.server.look()
    assert bench.opened == [3]
    bench.unplug(3)
    bench.turns()
    bench.plug(3)
    eventually(bench, lambda: bench.opened == [3, 3])


def test_what_the_kernel_lost_is_said(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    bench.move(3, EVENT.pack(1, 0, SYN, 3, 0) + moved(1) + moved(2))
    packets = client.packets()
    assert packets[0] == ReportsLost(3)
    assert len(packets) == 2


def test_a_listener_that_does_not_read_loses_and_is_told_and_holds_nobody_up(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    flood = b"".join(moved(n % 7 + 1) for n in range(200))
    for _ in range(300):
        os.write(bench.pipes[3], flood)
        bench.server.turn(0.0)
    arrived = client.packets()
    assert 0 < len(arrived) < 300
    bench.move(3, moved(1))
    assert client.packets()[0] == ReportsLost(3)


def test_more_than_one_read_takes_arrives_whole(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    os.write(bench.pipes[3], b"".join(moved(n) for n in range(1, 901)))
    bench.turns(20)
    assert rels(client) == list(range(1, 901))


def test_a_greeter_a_text_console_and_an_empty_seat_get_and_report_nothing(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    bench.session("c1", uid=ME + 1, CLASS="greeter")
    bench.show("c1")
    bench.turns(10)
    assert client.packets() == [SessionShown(False)]
    bench.move(3, moved(4))
    bench.show("")
    bench.turns(10)
    bench.move(3, moved(4))
    assert client.packets() == []
    assert bench.noticed.deviations == []


def test_after_a_user_switch_the_other_account_moves_unheard(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    bench.session("5", uid=ME + 1)
    bench.show("5")
    bench.turns(10)
    bench.move(3, moved(4))
    assert client.packets() == [SessionShown(False)]
    bench.show("2")
    bench.turns(10)
    bench.move(3, moved(6))
    assert rels(client) == [6]


def test_a_mouse_of_another_seat_is_another_persons(bench: Bench) -> None:
    bench.seats["event9"] = "seat1"
    bench.plug(9)
    eventually(bench, lambda: 9 in bench.pipes)
    client = bench.listen()
    assert client.packets() == [DeviceAppeared(3, "Mouse 3", 0x046D, 0x2A), SessionShown(True)]
    bench.move(9, moved(4))
    assert client.packets() == []


def test_a_mouse_that_udev_has_not_described_yet_waits_unopened_for_its_seat(bench: Bench) -> None:
    bench.seats["event9"] = None
    bench.plug(9)
    bench.turns(10)
    assert bench.opened == [3]
    bench.seats["event9"] = "seat1"
    bench.describe(9)
    eventually(bench, lambda: 9 in bench.opened)
    client = bench.listen()
    assert client.packets() == [DeviceAppeared(3, "Mouse 3", 0x046D, 0x2A), SessionShown(True)]


def test_a_mouse_that_is_given_to_another_seat_goes_to_that_seat(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    bench.seats["event3"] = "seat1"
    bench.describe(3)
    eventually(bench, lambda: bench.opened == [3, 3])
    bench.move(3, moved(4))
    assert client.packets() == [DeviceGone(3)]
    bench.seats["event3"] = "seat0"
    bench.describe(3)
    eventually(bench, lambda: bench.opened == [3, 3, 3])
    bench.move(3, moved(5))
    assert rels(client) == [5]


def test_an_account_without_a_session_here_is_sent_away_without_a_report(bench: Bench) -> None:
    bench.session("2", uid=ME + 1)
    bench.turns(10)
    client = bench.listen()
    assert any(isinstance(packet, ListenerRefused) for packet in client.packets())
    assert client.is_hung_up()
    assert bench.noticed.breaches == []


def test_another_program_is_sent_away_and_reported(bench: Bench) -> None:
    bench.program = FOREIGN
    client = bench.listen()
    assert client.packets() == [ListenerRefused("only the agent may listen")]
    assert bench.noticed.breaches == [(ME, Breach.FOREIGN_PROGRAM, "/usr/bin/python3.11")]


def test_a_second_listener_is_sent_away_and_reported_and_the_first_goes_on(bench: Bench) -> None:
    first, second = bench.listen(), bench.listen()
    first.packets()
    assert second.is_hung_up()
    assert [breach for _, breach, _ in bench.noticed.breaches] == [Breach.SECOND_LISTENER]
    bench.move(3, moved(4))
    assert rels(first) == [4]


def test_the_agent_takes_the_place_of_a_program_that_nobody_could_look_at(bench: Bench) -> None:
    bench.program = ListenerProgram(ProgramKind.UNKNOWN)
    squatter = bench.listen()
    bench.program = ListenerProgram(ProgramKind.AGENT, "/usr/lib/steadyhand/steadyhand")
    agent = bench.listen()
    agent.packets()
    assert squatter.is_hung_up()
    assert [breach for _, breach, _ in bench.noticed.breaches] == [Breach.REPLACED]
    bench.move(3, moved(4))
    assert rels(agent) == [4]


def test_an_agent_that_was_killed_is_followed_by_the_next(bench: Bench) -> None:
    bench.listen().channel.close()
    agent = bench.listen()
    agent.packets()
    bench.move(3, moved(4))
    assert rels(agent) == [4]
    assert bench.noticed.breaches == []


def test_looking_is_no_listening(bench: Bench) -> None:
    agent = bench.listen()
    agent.packets()
    doctor = bench.listen(Wish.DEVICES)
    assert doctor.packets() == [DeviceAppeared(3, "Mouse 3", 0x046D, 0x2A), SessionShown(True)]
    assert doctor.is_hung_up()
    bench.move(3, moved(4))
    assert rels(agent) == [4]
    assert bench.noticed.breaches == []


@pytest.mark.parametrize(
    "raw", [b"", b"x", b'{"form": 1, "wish": "keys"}', b'{"form": 2, "wish": "movement"}', b"[" * 300]
)
def test_garbage_of_a_client_costs_its_connection_alone(bench: Bench, raw: bytes) -> None:
    agent = bench.listen()
    agent.packets()
    stranger = Client(bench.socket, None)
    if raw:
        stranger.channel.send(raw)
    else:
        stranger.channel.shutdown(socket.SHUT_WR)
    bench.turns()
    assert stranger.is_hung_up()
    bench.move(3, moved(4))
    assert rels(agent) == [4]


def test_who_says_nothing_is_sent_away_after_two_seconds(bench: Bench) -> None:
    mute = bench.listen(None)
    assert not mute.is_hung_up()
    bench.now_ns += 3 * SECOND_NS
    bench.turns()
    assert mute.is_hung_up()


def test_who_connects_again_and_again_is_sent_away_and_reported(bench: Bench) -> None:
    for _ in range(21):
        client = bench.listen(Wish.DEVICES)
    assert client.packets() == [ListenerRefused("too many connections in a minute")]
    assert [breach for _, breach, _ in bench.noticed.breaches] == [Breach.TOO_MANY]
    bench.now_ns += 61 * SECOND_NS
    assert len(bench.listen(Wish.DEVICES).packets()) == 2


def test_nothing_is_handed_on_while_the_screen_is_locked_but_that_it_moved(bench: Bench) -> None:
    client = bench.listen()
    client.packets()
    client.says(0, locked=True)
    bench.turns()
    for _ in range(5):
        bench.move(3, moved(4))
    assert client.packets() == [MovedWhileLocked(3, SECOND_NS)]
    bench.now_ns += 2 * SECOND_NS
    bench.move(3, moved(4))
    assert client.packets() == [MovedWhileLocked(3, SECOND_NS)]
    client.says(0)
    bench.turns()
    bench.move(3, moved(5))
    assert rels(client) == [5]


def use(bench: Bench, seconds: int) -> None:
    for _ in range(seconds):
        bench.now_ns += SECOND_NS
        os.write(bench.pipes[3], moved(1))
        bench.server.turn(0.0)


def test_a_listener_that_only_drains_is_reported_also_where_it_connects_anew(bench: Bench) -> None:
    first = bench.listen()
    use(bench, 40)
    first.channel.close()
    second = bench.listen()
    use(bench, 20)
    assert bench.noticed.deviations == []
    use(bench, 30)
    assert bench.noticed.deviations == [Deviation.DRAINS]
    assert not second.is_hung_up()


def test_a_listener_that_judges_in_time_is_not(bench: Bench) -> None:
    client = bench.listen()
    for round_ in range(1, 6):
        use(bench, 50)
        client.says(50 * round_ - 5)
        bench.turns()
    assert bench.noticed.deviations == []


@pytest.mark.parametrize("totals", [(11,), (5, 4)])
def test_totals_that_cannot_be_are_reported(bench: Bench, totals: tuple[int, ...]) -> None:
    client = bench.listen()
    use(bench, 10)
    for total in totals:
        client.says(total)
        bench.turns()
    assert bench.noticed.deviations == [Deviation.FORGED]


def test_a_screen_that_is_called_locked_and_used_on_and_on_is_reported_once(bench: Bench) -> None:
    client = bench.listen()
    client.says(0, locked=True)
    bench.turns()
    use(bench, 119)
    assert bench.noticed.deviations == []
    use(bench, 120)
    assert bench.noticed.deviations == [Deviation.LOCKED]
