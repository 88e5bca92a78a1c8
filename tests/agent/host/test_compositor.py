"""Who draws the screen: the listener at the session's socket, or the compositor that a wrapper has started."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.host.linux.compositor import drawing_process, wayland_compositor
from agent.host.linux.processes import Program

WRAPPER, KWIN, OTHER = 700, 701, 702
KWIN_PATH = "/usr/bin/kwin_wayland"


def process(proc: Path, pid: int, *children: int) -> None:
    task = proc / str(pid) / "task" / str(pid)
    task.mkdir(parents=True)
    (task / "children").write_text(" ".join(map(str, children)))


def programs(**paths: Program | str) -> dict[int, Program]:
    numbers = {"wrapper": WRAPPER, "kwin": KWIN, "other": OTHER}
    return {numbers[who]: path if isinstance(path, Program) else Program(path) for who, path in paths.items()}


@pytest.mark.parametrize(
    ("children", "runs", "drawing"),
    [
        ((KWIN,), programs(wrapper="/usr/bin/kwin_wayland_wrapper", kwin=KWIN_PATH), KWIN),
        (
            (OTHER, KWIN),
            programs(wrapper="/usr/bin/kwin_wayland_wrapper", kwin=KWIN_PATH, other="/usr/bin/Xwayland"),
            KWIN,
        ),
        # Its compositor has ended, is somebody's own, or cannot be told from another.
        ((), programs(wrapper="/usr/bin/kwin_wayland_wrapper"), 0),
        (
            (KWIN,),
            programs(wrapper="/usr/bin/kwin_wayland_wrapper", kwin=Program("/home/ada/kwin_wayland", "hers")),
            0,
        ),
        (
            (KWIN, OTHER),
            programs(wrapper="/usr/bin/kwin_wayland_wrapper", kwin=KWIN_PATH, other=KWIN_PATH),
            0,
        ),
        # A wrapper of somebody's own stands for itself, and is not trusted; neither does another program hand on.
        (
            (KWIN,),
            programs(wrapper=Program("/home/ada/kwin_wayland_wrapper", "hers"), kwin=KWIN_PATH),
            WRAPPER,
        ),
        ((KWIN,), programs(wrapper="/usr/bin/sway", kwin=KWIN_PATH), WRAPPER),
    ],
)
def test_a_wrapper_of_roots_stands_for_the_one_compositor_that_it_started(
    children: tuple[int, ...], runs: dict[int, Program], drawing: int, tmp_path: Path
) -> None:
    process(tmp_path, WRAPPER, *children)
    assert drawing_process(WRAPPER, runs.__getitem__, tmp_path) == drawing


@pytest.fixture
def session(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A Wayland session whose socket this process opened."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen()
        yield {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}


@pytest.mark.parametrize(
    ("controller", "drawing"),
    [(0, os.getpid()), (os.getpid(), os.getpid()), (KWIN, 0), (-1, 0)],
    ids=[
        "nobody controls the devices",
        "it does",
        "another does: it is inside that one",
        "logind does not answer",
    ],
)
def test_who_draws_must_control_the_sessions_devices(
    controller: int, drawing: int, session: dict[str, str]
) -> None:
    assert wayland_compositor(session, lambda pid: Program(KWIN_PATH), lambda: controller) == drawing


def test_nobody_draws_where_nobody_listens(tmp_path: Path) -> None:
    assert drawing_process(0, {}.__getitem__, tmp_path) == 0


def test_children_of_every_thread_count(tmp_path: Path) -> None:
    process(tmp_path, WRAPPER)
    thread = tmp_path / str(WRAPPER) / "task" / "799"
    thread.mkdir()
    (thread / "children").write_text(f"{KWIN} ")
    runs = programs(wrapper="/usr/bin/kwin_wayland_wrapper", kwin=KWIN_PATH)
    assert drawing_process(WRAPPER, runs.__getitem__, tmp_path) == KWIN
