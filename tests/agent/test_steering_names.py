"""A mouse, a user or a host whose name steers terminals: what each place shows of it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli import main
from agent.engine.mouse import MouseConfiguration
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.findings import Finding, Health
from agent.host.linux.notify import DesktopNotifier
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import write_status
from agent.ui.menu import Allowed, rows
from agent.ui.notice_wording import notice
from agent.ui.status_lines import tooltip
from agent.ui.statuspage import status_page
from enroll.cli import main as enroll_main
from enroll.commands.description import shown
from enroll.report.markup import element

STEERING = "Mouse\x1b]0;title\x07\n\u202eesuom\x9b2J\u2028"
SHOWN = r"Mouse\u001b]0;title\u0007\n\u202eesuom\u009b2J\u2028"
NAMES = st.text(st.characters(codec="utf-8"), max_size=30).map("Mouse\x1b{}".format)


def named(name: str, state: State = State.PROTECTING) -> Status:
    configuration = MouseConfiguration("evdev", name=name, remote=name, doubts=(name,))
    return Status(state, name, 50, user=name, mouse=name, configuration=configuration, notes=(name,))


def steers(text: str, layout: str = "") -> set[str]:
    return {
        letter
        for letter in text
        if letter not in layout and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_command_shows_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    paths = Paths.under(private_dir(tmp_path / "root"))
    private_dir(paths.state_dir)
    monkeypatch.setattr("agent.files.paths.Paths.of_user", classmethod(lambda _cls: paths))
    write_status(paths.status_file, named("Mouse"))
    main(["status", *more])
    lines_of_a_plain_name = len(capsys.readouterr().out.splitlines())
    write_status(paths.status_file, named(STEERING))
    main(["status", *more])
    text = capsys.readouterr().out
    assert SHOWN in text
    assert not steers(text, "\n")
    assert len(text.splitlines()) == lines_of_a_plain_name


@given(NAMES)
def test_menu_notice_and_page_show_escapes(name: str) -> None:
    menu = rows(named(name), Allowed())
    assert not any(steers(row.text) for row in menu)
    assert any(r"Mouse\u001b" in row.text for row in menu)
    assert not steers(tooltip(named(name)))
    for state in (State.UNKNOWN_MOUSE, State.CANNOT_SEE):
        due = notice(Status(), named(name, state))
        assert due is not None
        assert r"Mouse\u001b" in due.text
        assert not steers(due.title + due.text)
    page = status_page(named(name), "12:00")
    assert page.count(r"Mouse\u001b") >= 5
    assert not steers(page, "\n")


def test_a_notification_shows_escapes() -> None:
    calls: list[tuple[object, ...]] = []

    class Desktop:
        def converse(self, *_: object) -> Desktop:
            return self

        def call(self, *call: object) -> tuple[int]:
            calls.append(call)
            return (1,)

        def signals(self) -> tuple[()]:
            return ()

        def close(self) -> None:
            pass

    assert DesktopNotifier(Desktop()).show(STEERING, STEERING + "<b>")  # type: ignore[arg-type]
    (call,) = calls
    assert call.count(SHOWN) == 1
    assert call.count(SHOWN + "&lt;b&gt;") == 1


def test_a_finding_of_the_doctor_keeps_to_its_lines() -> None:
    finding = Finding("mouse", Health.OK, STEERING, STEERING, (STEERING,))
    assert finding.line().count(SHOWN) == 3
    assert len(finding.line().splitlines()) == 3


def test_a_description_has_a_line_an_entry() -> None:
    text = shown({"user": "ada", "mouse": STEERING}, as_json=False)
    assert text.splitlines() == ["user   ada", f"mouse  {SHOWN}"]


def test_a_folder_with_a_steering_name_is_one_line_of_the_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new\nline\x1b"
    folder.mkdir()
    (folder / "none.csv").write_text("no,columns\n1,2\n")
    assert enroll_main(["import", str(folder), "--out", str(tmp_path / "out")]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.count(r"new\nline\u001b") == len(error.splitlines())


def test_a_report_shows_escapes() -> None:
    assert element("td", STEERING, title="\u202e") == (
        '<td title="\\u202e">' + SHOWN.replace(r"\n", "\n") + "</td>"
    )
