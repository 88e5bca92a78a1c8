"""Two people at one computer: a switch at the first seat, and a second seat of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from tests.desktop.agent_checks import agents, comes, one_agent, status
from tests.desktop.container import Container
from tests.desktop.desktops import Desktop
from tests.journal import Check

_BEHIND = "another user's screen"


def session_of(c: Container, user: str) -> dict[str, str]:
    """logind's properties of somebody's graphical session."""
    session = c.run("loginctl", "show-user", user, "-P", "Display").strip()
    lines = c.run("loginctl", "show-session", session).splitlines()
    return dict(line.split("=", 1) for line in lines)


def boundaries(c: Container, user: str) -> dict[str, object]:
    """Whether somebody's agent holds the screen for its person's."""
    return {"active": session_of(c, user)["Active"], "boundaries": probe_away(c, user)}


def probe_away(c: Container, user: str) -> bool:
    """Whether the mouse service counts the person's session as the one at the screen."""
    printed = c.as_user("python3", "/opt/desktop/probe.py", "away", user=user)
    return bool(json.loads(printed.splitlines()[-1])["away"])


def switched(c: Container, desktop: Desktop) -> dict[str, object]:
    """Bert logs in in front of anna: each has one agent, and hers is behind his screen until she is back."""
    assert not probe_away(c, "anna")
    c.log_in("desktop-bert", desktop.start, user="bert", **desktop.environ)
    one_agent(c, "bert")
    assert session_of(c, "bert")["Active"] == "yes", session_of(c, "bert")
    assert probe_away(c, "anna")
    assert not probe_away(c, "bert")
    assert len(agents(c, "anna")) == 1
    began = time.monotonic()
    c.run("loginctl", "activate", session_of(c, "anna")["Id"])
    comes(lambda: not probe_away(c, "anna"), 10, "anna's screen did not come back")
    back_s = round(time.monotonic() - began, 1)
    assert probe_away(c, "bert")
    return {"back_s": back_s, "bert": status(c, "bert")["state"]}


def own_seat(c: Container, desktop: Desktop) -> dict[str, object]:
    """At two seats both are at their screens."""
    c.log_out("desktop-bert", "bert")
    c.log_in("desktop-bert", desktop.start, user="bert", **desktop.environ, XDG_SEAT="seat1")
    one_agent(c, "bert")
    seats = {user: session_of(c, user)["Seat"] for user in ("anna", "bert")}
    assert seats == {"anna": "seat0", "bert": "seat1"}, seats
    assert not probe_away(c, "anna")
    assert not probe_away(c, "bert")
    return {"seats": seats}


def two_people(c: Container, desktop: Desktop) -> Iterator[Check]:
    """What is checked with two people."""
    yield "one agent", lambda: one_agent(c)
    yield "a second person in front of the first", lambda: switched(c, desktop)
    yield "a second seat", lambda: own_seat(c, desktop)
    c.log_out("desktop-bert", "bert")
