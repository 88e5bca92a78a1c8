"""The recipes of docs/contributing.md for a transport and a setting, followed word by word."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.alerts.api import DeliveryOutcome, Record, Sent
from agent.alerts.destinations import open_delivery
from agent.alerts.transports import registry
from agent.alerts.transports.kind import TransportContext, TransportKind
from agent.config import options, schema
from agent.config.loading import load_configuration
from agent.config.policy import parse_policy
from agent.engine.detectors import Detector
from agent.engine.errors import SteadyhandError
from agent.files.options import setting
from agent.files.paths import Paths
from docs.make_config import settings_markdown
from docs.make_policy import all_templates
from tests.agent.alerts.fakes import make_alert

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")


def recipe(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps 1 and 2: the code of the page, and its line in the registry."""
    code = re.search(r"```python\n(.*?)```", recipe("Adding a transport"), re.S)
    line = re.search(r'the line `"(\w+)": (\w+)\.KIND,`', recipe("Adding a transport"))
    assert code
    assert line
    names: dict[str, Any] = {
        **{name.__name__: name for name in (DeliveryOutcome, Record, Sent, TransportContext, TransportKind)},
        **{
            "Final": Final,
            "Sequence": Sequence,
            "dataclass": dataclass,
            "setting": setting,
            "__name__": __name__,
        },
    }
    exec("\n".join(row[3:] for row in code[1].splitlines()), names)
    assert line[1] == line[2] == "bell"
    monkeypatch.setattr(
        registry, "TRANSPORTS", MappingProxyType({**registry.TRANSPORTS, line[1]: names["KIND"]})
    )


@pytest.mark.usefixtures("bell")
def test_the_transport_of_the_page_brings_alerts(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    paths.config_dir.mkdir(mode=0o700, parents=True)
    paths.settings_file.write_text(f'[alerts]\nbell_file = "{tmp_path}/rung"\n')
    paths.settings_file.chmod(0o600)
    settings = load_configuration(paths).settings.alerts
    delivery = open_delivery(settings, tmp_path / "outbox.db", tmp_path / "a.jsonl", "host", "ada", "1")
    alert = make_alert()
    delivery.submit(alert)
    delivery.close(flush_s=10.0)
    assert (tmp_path / "rung").read_text() == f"{alert.record_id}\n"


@pytest.mark.usefixtures("bell")
def test_step_3_documents_it_and_makes_its_templates() -> None:
    meaning = "file that a line is written to for every alert; empty for none"
    assert f'| `bell_file` | `""` | a text | {meaning} |' in settings_markdown()
    for name, template in all_templates().items():
        assert b"bell_file" in template, name


def test_the_files_that_the_recipes_name_are_there() -> None:
    titles = re.findall(r"^## (Adding .*)$", PAGE, re.M)
    assert len(titles) == 5
    for title in titles:
        for name in re.findall(
            r"`((?:agent|tests|docs|enroll|_fastfeat)/[\w/.]+\.(?:py|pxd))`", recipe(title)
        ):
            assert "NAME" in name or (ROOT / name).is_file(), name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^settings:", makefile, re.M)


def test_the_setting_of_the_page_is_read_checked_and_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    line = re.search(r"`(name: int = setting\(.*?\))`", recipe("Adding a setting"))
    assert line
    declared = eval(line[1].partition(" = ")[2], {"setting": setting})
    base = schema.CaptureSettings
    longer = make_dataclass(
        "CaptureSettings",
        [
            *((f.name, f.type, setting(f.default, **f.metadata)) for f in fields(base)),
            ("name", int, declared),
        ],
        frozen=True,
    )
    longer.__doc__ = base.__doc__
    monkeypatch.setattr(options, "_sections", lambda: sections | {"capture": longer()})
    sections = {field.name: getattr(schema.Settings(), field.name) for field in fields(schema.Settings)}
    assert parse_policy(b'{"capture": {"name": 9}}', "a policy") == {"capture.name": 9}
    with pytest.raises(SteadyhandError, match=r"capture\.name is 10, but must be a whole number from 1 to 9"):
        parse_policy(b'{"capture": {"name": 10}}', "a policy")
    assert "| `name` | `7` | a whole number from 1 to 9 | what it does, in words |" in settings_markdown()
    assert options.build_settings({"capture.name": 3}).capture.name == 3  # type: ignore[attr-defined]


def test_the_detector_of_the_page_is_fitted_and_tells_the_owner_from_somebody_else() -> None:
    """Both files are the page's own code; what it registers is looked up by these very names."""
    names: dict[str, Any] = {
        "np": np,
        "NDArray": NDArray,
        "Any": Any,
        "Sequence": Sequence,
        "Mapping": Mapping,
    }
    for code in re.findall(r"```python\n(.*?)```", recipe("Adding a detector"), re.S):
        exec(compile(textwrap.dedent(code), "docs/contributing.md", "exec"), names)
    rng = np.random.default_rng(3)
    folds = [rng.normal(0.0, 1.0, (50, 4)).astype(np.float32) for _ in range(3)]
    scores = names["fold_scores"]
    arrays = names["fit"](folds, seed=1)
    own, other = scores(arrays, folds[0]), scores(arrays, folds[0] + np.float32(4.0))
    assert own.shape == (50, 3)
    assert own.mean() > other.mean() + 2.0
    assert isinstance(Detector(scores).fold_scores, type(scores))
    for registry_file, line in (
        ("enroll/fit/__init__.py", "OWN_FITS"),
        ("agent/engine/detectors/__init__.py", "DETECTORS"),
    ):
        assert line in (ROOT / registry_file).read_text(encoding="utf-8")
