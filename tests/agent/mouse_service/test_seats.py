"""Whose session a seat shows, and which seat a device belongs to, from files as logind and udev write them."""

from __future__ import annotations

from pathlib import Path

from agent.mouse_service.seats import SeatSession, seat_of, seat_sessions

# Debian 12, systemd 252, sway on tty1: /run/systemd/sessions/1 and seats/seat0, shortened.
SESSION = """\
# This is private data. Do not parse.
UID=1000
USER=anna
ACTIVE=1
IS_DISPLAY=1
STATE=active
REMOTE=0
TYPE=wayland
ORIGINAL_TYPE=tty
CLASS=user
SCOPE=session-1.scope
FIFO=/run/systemd/sessions/1.ref
SEAT=seat0
TTY=tty1
VTNR=1
"""
SEAT = "IS_SEAT0=1\nCAN_MULTI_SESSION=1\nACTIVE=1\nACTIVE_UID=1000\nSESSIONS=1 c2\nUIDS=1000\n"


def logind(root: Path, seat: str = SEAT, **sessions: str) -> Path:
    for folder in ("seats", "sessions"):
        (root / folder).mkdir()
    (root / "seats" / "seat0").write_text(seat)
    for name, text in sessions.items():
        (root / "sessions" / name.removeprefix("_")).write_text(text)
    (root / "sessions" / "1.ref").touch()
    return root


def test_the_session_on_the_screen_is_known(tmp_path: Path) -> None:
    assert seat_sessions(logind(tmp_path, _1=SESSION)) == (SeatSession("1", "seat0", 1000, True, True),)


def test_one_in_the_background_is_not_shown_and_a_text_console_is_no_desktop(tmp_path: Path) -> None:
    console = SESSION.replace("TYPE=wayland", "TYPE=tty").replace("UID=1000", "UID=1001")
    shown = logind(tmp_path, SEAT.replace("ACTIVE=1\n", "ACTIVE=3\n"), _1=SESSION, _3=console)
    assert seat_sessions(shown) == (
        SeatSession("1", "seat0", 1000, False, True),
        SeatSession("3", "seat0", 1001, True, False),
    )


def test_greeters_remote_logins_and_broken_files_are_nobody(tmp_path: Path) -> None:
    folder = logind(
        tmp_path,
        c1=SESSION.replace("CLASS=user", "CLASS=greeter"),
        _2=SESSION.replace("REMOTE=0", "REMOTE=1"),
        _3=SESSION.replace("SEAT=seat0\n", ""),
        _4=SESSION.replace("UID=1000", "UID=99999999999"),
        _5="\0\xff=1\n",
    )
    assert seat_sessions(folder) == ()


def test_without_logind_there_is_nobody(tmp_path: Path) -> None:
    assert seat_sessions(tmp_path / "nowhere") == ()


def test_a_device_belongs_to_the_seat_that_udev_names(tmp_path: Path) -> None:
    node = Path("/dev/null")  # 1:3
    (tmp_path / "c1:3").write_text("I:1\nE:ID_INPUT=1\nG:power\n")
    assert seat_of(node, tmp_path) == "seat0"
    (tmp_path / "c1:3").write_text("I:1\nE:ID_INPUT=1\nE:ID_SEAT=seat-usb\nG:seat\n")
    assert seat_of(node, tmp_path) == "seat-usb"
    assert seat_of(node, tmp_path / "no udev here") == "seat0"


def test_what_udev_has_not_described_yet_or_has_gone_belongs_to_no_seat(tmp_path: Path) -> None:
    assert seat_of(Path("/dev/null"), tmp_path) is None
    assert seat_of(tmp_path / "gone", tmp_path) is None
