"""A made-up transport: a settings class, a build function and a line in the registry are all that it takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.destinations import build_transports, open_delivery
from agent.alerts.ocsf import Product
from agent.alerts.transports import registry
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.config.effective_configuration import policy_report
from agent.config.loading import load_configuration
from agent.config.policy import parse_policy
from agent.doctor_alerts import look_at_alerts
from agent.engine.errors import SteadyhandError
from agent.files.options import setting
from agent.files.paths import Paths
from tests.agent.alerts.fakes import make_alert


@dataclass(frozen=True, slots=True)
class PigeonSettings:
    """Which loft."""

    pigeon_loft: str = setting("", "loft that alerts are flown to; empty for none")
    pigeon_birds: int = setting(2, "birds a batch", least=1, most=9)
    pigeon_ring: bool = setting(False, "rings on their feet")
    pigeon_speed: float = setting(1.5, "speed of a bird", least=0.5, most=9.0)
    pigeon_colours: tuple[str, ...] = setting(("grey",), "colours of the birds")


class Pigeons:
    """Writes each id into the loft, which is a file."""

    name = "pigeon"

    def __init__(self, settings: PigeonSettings) -> None:
        self.settings = settings

    def send(self, records: Sequence[Record]) -> Sent:
        with Path(self.settings.pigeon_loft).open("a") as loft:
            loft.writelines(record.alert.record_id + "\n" for record in records)
        return Sent(len(records), DeliveryOutcome.OK)


def build(settings: PigeonSettings, _: TransportContext) -> Pigeons:
    return Pigeons(settings)


@pytest.fixture(autouse=True)
def pigeons(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = dict(registry.TRANSPORTS) | {"pigeon": TransportKind(PigeonSettings, build, "pigeon_loft")}
    monkeypatch.setattr(registry, "TRANSPORTS", MappingProxyType(kinds))


def settings_with(tmp_path: Path, text: str) -> Paths:
    paths = Paths.under(tmp_path)
    paths.config_dir.mkdir(mode=0o700, parents=True)
    paths.settings_file.write_text(f"[alerts]\n{text}\n")
    paths.settings_file.chmod(0o600)
    return paths


def test_alerts_arrive_by_the_settings_file_and_by_a_further_line(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    more = f'more = ["far pigeon_loft={second} pigeon_birds=7 pigeon_ring=true pigeon_colours=red,white"]'
    paths = settings_with(tmp_path, f'pigeon_loft = "{first}"\npigeon_speed = 3\n{more}')
    settings = load_configuration(paths).settings.alerts
    built = build_transports(settings, tmp_path / "a.jsonl", Product("1", "Linux"))
    assert [transport.name for transport in built] == ["jsonl", "pigeon", "pigeon far"]
    assert built[1].settings == PigeonSettings(str(first), pigeon_speed=3.0)  # type: ignore[attr-defined]
    assert built[2].transport.settings == PigeonSettings(  # type: ignore[attr-defined]
        str(second), pigeon_birds=7, pigeon_ring=True, pigeon_colours=("red", "white")
    )
    delivery = open_delivery(settings, tmp_path / "outbox.db", tmp_path / "a.jsonl", "host", "ada", "1")
    alert = make_alert()
    delivery.submit(alert)
    delivery.close(flush_s=10.0)
    assert first.read_text() == second.read_text() == alert.record_id + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pigeon_birds = 10", "pigeon_birds is 10, but must be a whole number from 1 to 9"),
        ("pigeon_wings = 2", "there is no setting alerts.pigeon_wings"),
        ('more = ["far pigeon_birds=10 pigeon_loft=/x"]', "pigeon_birds is 10"),
        ('more = ["far pigeon_birds=many pigeon_loft=/x"]', "pigeon_birds is 'many'"),
        ('more = ["far pigeon_ring=yes pigeon_loft=/x"]', "pigeon_ring is 'yes'"),
        ('more = ["far pigeon_speed=fast pigeon_loft=/x"]', "pigeon_speed is 'fast'"),
        (
            'more = ["far pigeon_birds=3"]',
            "exactly one of syslog_host, splunk_url, webhook_url, otlp_url, pigeon_loft",
        ),
    ],
)
def test_its_settings_are_checked_like_all_others(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SteadyhandError, match="pigeon") as refused:
        load_configuration(settings_with(tmp_path, text))
    assert why in str(refused.value)


def test_policy_status_and_doctor_know_it(tmp_path: Path) -> None:
    policy = {"alerts": {"pigeon_loft": "/loft", "pigeon_colours": ["red"]}}
    assert parse_policy(json.dumps(policy).encode(), "a policy") == {
        "alerts.pigeon_loft": "/loft",
        "alerts.pigeon_colours": ("red",),
    }
    paths = settings_with(tmp_path, 'pigeon_loft = "/loft"')
    configuration = load_configuration(paths)
    shown = policy_report(configuration, paths)["settings"]
    assert shown["alerts.pigeon_loft"]["value"] == "/loft"
    assert shown["alerts.pigeon_birds"]["source"] == "default"
    (line,) = look_at_alerts(configuration.settings.alerts, paths, send=False)
    assert line.seen.endswith("destinations: jsonl, pigeon")
