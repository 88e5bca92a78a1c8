"""Only the relay transmits: the agent neither builds the transmitter nor imports what it is made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agent.alerts.destinations import build_transports
from agent.alerts.ocsf import Product
from agent.alerts.settings import alert_settings
from agent.alerts.transports.kind import RelayServices

PRODUCT = Product("1", "Linux")
ASKED_FOR = {"ssf_receiver_url": "https://idp.example/push", "webhook_url": "https://hooks.example"}


def test_it_is_off_by_default(tmp_path: Path) -> None:
    services = RelayServices(tmp_path, lambda _: None)
    built = build_transports(alert_settings(), tmp_path / "a.jsonl", PRODUCT, services=services)
    assert [transport.name for transport in built] == ["jsonl"]


def test_policy_that_asks_for_it_gives_it_to_the_relay_alone(tmp_path: Path) -> None:
    settings = alert_settings(**ASKED_FOR)
    agents = build_transports(settings, tmp_path / "a.jsonl", PRODUCT)
    services = RelayServices(tmp_path, lambda _: None)
    relays = build_transports(settings, tmp_path / "a.jsonl", PRODUCT, services=services)
    assert [transport.name for transport in agents] == ["jsonl", "webhook"]
    assert [transport.name for transport in relays] == ["jsonl", "webhook", "ssf"]


def test_an_agent_that_reads_such_a_policy_imports_nothing_of_it() -> None:
    script = (
        "import sys; from pathlib import Path; from agent.alerts.destinations import build_transports;"
        "from agent.alerts.ocsf import Product; from agent.alerts.settings import alert_settings;"
        f"build_transports(alert_settings(**{ASKED_FOR!r}), Path('a.jsonl'), Product('1', 'Linux'));"
        "print([name for name in sys.modules if name.startswith(('joserfc', 'agent.alerts.signals'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_the_library_it_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['joserfc'] = None\n"
        "from agent.alerts.signals.signing_keys import KeyRing\n"
        "from agent.engine.errors import SteadyhandError\n"
        "try: KeyRing().with_new(0)\n"
        "except SteadyhandError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install 'steadyhand[signals]'" in done.stdout
