"""Error rates that a training command asks for: its own options, else what policy says."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agent.config.loading import load_configuration
from agent.config.policy import parse_policy
from agent.config.schema import JudgementSettings
from agent.config.sensitivity import SENSITIVITIES
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import mendable
from enroll.office.layout import find_office_or_none
from enroll.office.people import DEFAULT_GROUP
from enroll.office.training import asked_of

_RATES: Final = ("false_locks_per_40h", "false_alerts_per_40h")
_BOUNDS: Final = {"false_locks": (0.05, 20.0), "false_alerts": (0.05, 100.0)}
_BY_POLICY: Final = frozenset(("managed", "recommended"))


def asked_rates(options: argparse.Namespace, paths: Paths) -> JudgementSettings:
    """The rates that limits are set for.

    ``--false-locks`` and ``--false-alerts`` go before ``--sensitivity``, that before ``--policy``; without any of them
    the default policy of the office holds that this folder lies in, else this computer's policy.

    Raises
    ------
    SteadyhandError
        If the policy cannot be read, or a rate is out of bounds.
    """
    asked = _by_policy(options, paths)
    if options.sensitivity:
        level = SENSITIVITIES[options.sensitivity]
        asked = JudgementSettings(
            false_locks_per_40h=level.false_locks_per_40h, false_alerts_per_40h=level.false_alerts_per_40h
        )
    for name, (least, most) in _BOUNDS.items():
        rate = getattr(options, name)
        if rate is None:
            continue
        if not least <= rate <= most:
            raise SteadyhandError(
                f"--{name.replace('_', '-')} {rate:g}", f"give {least:g} to {most:g} in 40 active hours"
            )
        asked = replace(asked, **{f"{name}_per_40h": rate})
    return asked


def _by_policy(options: argparse.Namespace, paths: Paths) -> JudgementSettings:
    if options.policy:
        with mendable(options.policy, "read"):
            return _judgement(parse_policy(options.policy.read_bytes(), str(options.policy)))
    office = None if options.root else find_office_or_none(Path())
    if office is not None:
        return asked_of(office, DEFAULT_GROUP)
    configuration = load_configuration(paths, strict=False)
    keys = [f"judgement.{name}" for name in (*_RATES, "sensitivity")]
    if not any(configuration.source_of[key] in _BY_POLICY for key in keys):
        return JudgementSettings()
    judgement = configuration.settings.judgement
    return JudgementSettings(
        false_locks_per_40h=judgement.false_locks_per_40h, false_alerts_per_40h=judgement.false_alerts_per_40h
    )


def _judgement(by_key: dict[str, Any]) -> JudgementSettings:
    rates = {name: by_key[f"judgement.{name}"] for name in _RATES if f"judgement.{name}" in by_key}
    return JudgementSettings(**rates)
