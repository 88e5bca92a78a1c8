"""Who somebody is comes from the kernel, the user database and root's services, whatever the environment says."""

from __future__ import annotations

import ast
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.host.account import account_name
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.reauthenticate import ACTION, PolkitConfirmation
from agent.host.select import services
from tests.attack.impostor import NOBODY, Impostor, as_account, bus_of

POLKIT = "org.freedesktop.PolicyKit1"
YES = {
    "EnumerateActions": ("a(ssssssuuua{ss})", ([(ACTION, "", "", "", "", "", 0, 0, 0, {})],)),
    "CheckAuthorization": ("(bba{ss})", ((True, False, {}),)),
}
AGENT = Path(__file__).parents[2] / "agent"

pytestmark = [pytest.mark.timeout(30)]
needs_a_bus = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0 or shutil.which("dbus-daemon") is None,
    reason="needs root, who starts the attackers under another account, and dbus-daemon",
)


@needs_a_bus
def test_a_system_bus_and_a_polkit_of_ones_own_prove_nothing() -> None:
    with bus_of(NOBODY) as sock:
        fake = Impostor(sock, POLKIT, YES, NOBODY)
        environ = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={sock}", "PATH": os.environ["PATH"]}

        def ask() -> tuple[bool, bool]:
            reauthentication = services((), os.environ).reauthentication
            return reauthentication.available(), reauthentication.confirm("erase")

        try:
            assert as_account(NOBODY, environ, ask) == (False, False)
        finally:
            fake.end()


@needs_a_bus
@pytest.mark.parametrize(("uid", "believed"), [(NOBODY, False), (0, True)])
def test_polkit_is_believed_only_from_root_or_polkits_account(uid: int, believed: bool) -> None:
    with bus_of(0) as sock:
        answerer = Impostor(sock, POLKIT, YES, uid)
        confirmation = PolkitConfirmation(JeepneyBus({}, sock))
        try:
            assert (confirmation.available(), confirmation.confirm("erase")) == (believed, believed)
        finally:
            answerer.end()


IN_A_NAMESPACE = """
import sys
from pathlib import Path
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.reauthenticate import PolkitConfirmation
confirmation = PolkitConfirmation(JeepneyBus({}, Path(sys.argv[1])))
print(confirmation.available(), confirmation.confirm("erase"))
"""


@needs_a_bus
@pytest.mark.skipif(
    subprocess.run(["unshare", "-Ur", "true"], check=False, capture_output=True).returncode != 0
    if shutil.which("unshare")
    else True,
    reason="no user namespace can be made here",
)
def test_who_is_root_in_a_namespace_of_their_own_proves_nothing() -> None:
    with bus_of(0) as sock:
        answerer = Impostor(sock, POLKIT, YES, 0)
        try:
            command = ["unshare", "-Ur", sys.executable, "-c", IN_A_NAMESPACE, str(sock)]
            asked = subprocess.run(command, cwd=AGENT.parent, capture_output=True, text=True, check=True)
        finally:
            answerer.end()
    assert asked.stdout.split() == ["False", "False"]


@needs_a_bus
@pytest.mark.parametrize(
    "answer",
    [
        ("b", (True,)),
        ("s", ("yes",)),
        ("(uba{ss})", ((1, False, {}),)),
        ("(sba{ss})", (("true", False, {}),)),
        ("", ()),
        ("a(bba{ss})", ([(True, False, {})],)),
    ],
)
def test_what_is_not_polkits_answer_proves_nothing(answer: tuple[str, tuple[object, ...]]) -> None:
    with bus_of(0) as sock:
        answerer = Impostor(sock, POLKIT, {"CheckAuthorization": answer, "EnumerateActions": answer}, 0)
        confirmation = PolkitConfirmation(JeepneyBus({}, sock))
        try:
            assert (confirmation.available(), confirmation.confirm("erase")) == (False, False)
        finally:
            answerer.end()


@needs_a_bus
@pytest.mark.parametrize("variable", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_the_name_is_the_accounts_whatever_the_environment_says(variable: str) -> None:
    expected = pwd.getpwuid(NOBODY).pw_name
    assert as_account(NOBODY, {variable: "ceo"}, account_name) == expected


@needs_a_bus
def test_an_account_that_no_database_knows_is_its_number() -> None:
    assert as_account(2_345_678, {"LOGNAME": "ceo"}, account_name) == "uid 2345678"


def test_nothing_of_the_agent_asks_the_environment_for_a_name_or_the_system_bus() -> None:
    asked = {"LOGNAME", "USER", "LNAME", "USERNAME", "DBUS_SYSTEM_BUS_ADDRESS", "XDG_SESSION_ID"}
    for file in AGENT.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        reads_environment = "environ" in source or "getenv" in source
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert "getpass" not in {alias.name for alias in node.names}, file
            elif isinstance(node, ast.ImportFrom):
                assert node.module != "getpass", file
            elif reads_environment and isinstance(node, ast.Constant) and file.parent.name != "demo":
                if file.name == "session_environment.py" and node.value == "XDG_SESSION_ID":
                    continue  # compared with logind's word, and replaced by it
                assert node.value not in asked, f"{file}:{node.lineno} names {node.value}"
