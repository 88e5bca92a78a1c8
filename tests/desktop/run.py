"""`make desktop-test`: the package in real sessions of every desktop, in Debian 12 and 13 containers. As root; long.

`python -m tests.desktop.run [SUITE[:DESKTOP,...]]...` runs a part, such as ``trixie:kde,xfce``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

from tests.desktop.absence import absence, lock_the_absent, prepare
from tests.desktop.container import Container, build, lacking
from tests.desktop.desktops import DESKTOPS, on_desktop
from tests.desktop.package import OTHER, commit_of, forget, install, life, package, purge, services
from tests.desktop.suites import FOLDER, ROOT, SUITES, Suite
from tests.desktop.two_people import two_people
from tests.journal import Check, Journal

_PARTS = ("absence", "people", "life")


def in_session(c: Container, name: str, journal: Journal, checks: Iterator[Check]) -> None:
    """Log anna in to a desktop, make the checks, log her out."""
    desktop = DESKTOPS[name]
    log_in = c.log_in if desktop.has_user_manager else c.log_in_without_manager
    log_in(f"desktop-{name}", desktop.start, **desktop.environ)
    for check in checks:
        journal.check(f"{c.tree.name} {name}", check)
    c.log_out(f"desktop-{name}")


def in_suite(suite: Suite, parts: Sequence[str], journal: Journal) -> None:
    """Everything in one Debian release."""
    build(suite)
    c = Container(suite.tree, suite.python_packages())
    deb = package()
    where = suite.name
    try:
        before = purge(c)
        # GNOME's lock screen needs it running; its own screen fails, and gives the seat back within seconds.
        c.run("systemctl", "start", "gdm3")
        time.sleep(15)
        journal.check(where, ("installed", lambda: install(c, deb)))
        journal.check(where, ("the package has enabled its services", lambda: services(c)))
        prepare(c)
        for name in suite.desktops:
            if name in parts:
                forget(c)  # so that each desktop sees the agent's first start
                in_session(c, name, journal, on_desktop(c, DESKTOPS[name]))
        first = suite.desktops[0]
        if "people" in parts:
            in_session(c, first, journal, two_people(c, DESKTOPS[first]))
        if "absence" in parts:
            lock_the_absent(c)
            in_session(c, first, journal, absence(c))
        c.run("rm", "-rf", "/etc/steadyhand/policies/managed/absence.json")
        if "life" in parts:
            in_session(c, first, journal, life(c, deb, before))
    finally:
        c.close()


def wanted(words: Sequence[str]) -> Iterator[tuple[Suite, Sequence[str]]]:
    """The suites and the parts of them that are asked for; everything without a word."""
    suites = {suite.name: suite for suite in SUITES}
    for word in words or suites:
        name, _, parts = word.partition(":")
        suite = suites[name]
        yield suite, parts.split(",") if parts else (*suite.desktops, *_PARTS)


def main() -> int:
    """Run everything; 1 where something failed."""
    if missing := lacking():
        sys.exit(f"desktop-test: not here: {missing}: apt-get install mmdebstrap systemd-container, as root")
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = "-".join(["desktop-test", *(word.partition(":")[0] for word in sys.argv[1:])])
    with (FOLDER / f"{names}.log").open("w", encoding="utf-8") as file:
        journal = Journal(file)
        journal.introduce(ROOT, commit_of(package()) or OTHER)
        began = time.monotonic()
        for suite, parts in wanted(sys.argv[1:]):
            in_suite(suite, parts, journal)
        journal.write(f"{journal.failed} failed; {time.monotonic() - began:.0f} s")
    return 1 if journal.failed else 0


if __name__ == "__main__":
    sys.exit(main())
