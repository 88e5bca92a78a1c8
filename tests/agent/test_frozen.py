"""A packed program: starts its parts as itself, and keeps its libraries to itself."""

from __future__ import annotations

import sys

import pytest

from agent.frozen import give_back_libraries, is_windowed, module_command, run_part


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/steadyhand/steadyhand")


def test_an_interpreter_runs_a_part_as_a_module() -> None:
    assert module_command("agent.demo.desktop", "1", "2") == [
        sys.executable, "-m", "agent.demo.desktop", "1", "2",
    ]  # fmt: skip


@pytest.mark.usefixtures("frozen")
def test_a_packed_program_runs_a_part_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr("runpy.run_module", lambda name, **_: ran.append((name, sys.argv)))
    command = module_command("agent.demo.desktop", "1", "2")
    assert command[0] == "/usr/lib/steadyhand/steadyhand"
    assert run_part(command)
    assert ran == [("agent.demo.desktop", ["agent.demo.desktop", "1", "2"])]


@pytest.mark.usefixtures("frozen")
def test_nothing_but_its_own_parts_is_run() -> None:
    assert not run_part(["steadyhand", "--as-module", "http.server"])
    assert not run_part(["steadyhand", "status", "--json"])


def test_unpacked_the_arguments_are_left_to_the_command() -> None:
    assert not run_part(["steadyhand", "--as-module", "agent.demo.desktop"])


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("before", [None, "/opt/lib"])
def test_children_get_the_systems_libraries(before: str | None) -> None:
    environ = {"LD_LIBRARY_PATH": "/usr/lib/steadyhand/_internal", "HOME": "/home/alice"}
    if before:
        environ["LD_LIBRARY_PATH_ORIG"] = before
    give_back_libraries(environ)
    assert environ == {"HOME": "/home/alice"} | ({"LD_LIBRARY_PATH": before} if before else {})


def test_unpacked_the_environment_is_left_alone() -> None:
    environ = {"LD_LIBRARY_PATH": "/opt/lib"}
    give_back_libraries(environ)
    assert environ == {"LD_LIBRARY_PATH": "/opt/lib"}


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    ("program", "streams", "windowed"),
    [
        ("steadyhand-agent.exe", True, True),
        ("steadyhand.exe", True, False),
        ("steadyhand.exe", False, True),
    ],
)
def test_windows_program_without_a_console_has_nobody_who_reads(
    program: str, streams: bool, windowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", f"/opt/{program}")
    if not streams:
        monkeypatch.setattr(sys, "stderr", None)
    assert is_windowed("win32") is windowed
    assert not is_windowed("linux")
