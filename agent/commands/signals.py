"""`steadyhand signals`: keys, published files and status of what the relay tells an identity provider."""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.alerts.signals import signing_keys
from agent.alerts.signals.events import (
    ASSURANCE_LEVEL_CHANGE,
    RISK_LEVEL_CHANGE,
    SESSION_REVOKED,
    EventStream,
)
from agent.alerts.signals.metadata import PUSH, publish
from agent.alerts.signals.public_keys import merged_public_sets, parse_public_set
from agent.alerts.transports.ssf import SsfSettings
from agent.commands import signals_arguments as arguments
from agent.commands.exit_codes import DONE, FOUND_WRONG
from agent.engine.errors import SteadyhandError
from agent.engine.visible_text import visible
from agent.files.private import read_named

_HOUR_S: Final = 3600


def signals(options: argparse.Namespace) -> int:
    """Do what was asked for; the exit code.

    Raises
    ------
    SteadyhandError
        If policy does not say enough, or a file cannot be used.
    """
    settings = _settings()
    actions = {
        arguments.NEW_KEY: lambda: _new_key(settings, options.signs_after),
        arguments.FORGET_KEY: lambda: _forget_key(settings, options.kid),
        arguments.PUBLIC_KEYS: lambda: _public_keys(settings),
        arguments.PUBLISH: lambda: _publish(settings, options.folder, options.keys),
        arguments.STATUS: lambda: _status(settings, as_json=options.json),
        arguments.VERIFY: lambda: _verify(settings),
    }
    return actions[options.action]()


def _settings() -> SsfSettings:
    """What policy says of Shared Signals."""
    from agent.config.loading import load_configuration
    from agent.files.paths import Paths

    alerts = load_configuration(Paths.of_user()).settings.alerts
    return next(own for own in alerts.transports if isinstance(own, SsfSettings))


def _new_key(settings: SsfSettings, signs_after_h: float) -> int:
    exists = settings.ssf_keys_file and os.path.lexists(settings.ssf_keys_file)
    ring = signing_keys.read_key_ring(settings.ssf_keys_file) if exists else signing_keys.KeyRing()
    now_s = int(time.time())
    signs_from_s = now_s + round(signs_after_h * _HOUR_S) if ring.keys else now_s
    ring = ring.with_new(signs_from_s)
    signing_keys.write_key_ring(settings.ssf_keys_file, ring)
    print(f"key {ring.keys[-1].kid} signs from {_moment(signs_from_s)} on; publish the key set before that")
    return DONE


def _forget_key(settings: SsfSettings, kid: str) -> int:
    ring = signing_keys.read_key_ring(settings.ssf_keys_file).without(kid, int(time.time()))
    signing_keys.write_key_ring(settings.ssf_keys_file, ring)
    print(f"key {visible(kid)} is gone; publish the key set again")
    return DONE


def _public_keys(settings: SsfSettings) -> int:
    print(json.dumps(signing_keys.read_key_ring(settings.ssf_keys_file).public_set(), indent=1))
    return DONE


def _publish(settings: SsfSettings, folder: Path, key_files: list[Path]) -> int:
    if key_files:
        contents = ((read_named(file, signing_keys.MOST_BYTES), str(file)) for file in key_files)
        key_set = merged_public_sets(parse_public_set(content, where) for content, where in contents)
    else:
        key_set = signing_keys.read_key_ring(settings.ssf_keys_file).public_set()
    for file in publish(folder, settings.ssf_issuer, key_set):
        print(f"wrote {visible(str(file))}")
    return DONE


def _status(settings: SsfSettings, *, as_json: bool) -> int:
    report = _stream_report(settings)
    if as_json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return DONE
    for name, entry in report.items():
        lines = entry if isinstance(entry, list) else [entry]
        print(f"{name}: {', '.join(visible(str(line)) for line in lines)}")
    return DONE


def _stream_report(settings: SsfSettings) -> dict[str, Any]:
    """The stream's configuration, with the names that Shared Signals has for it, and the keys."""
    stream = EventStream(settings.ssf_issuer, settings.ssf_audience)
    on_lock = SESSION_REVOKED if settings.ssf_revoke_sessions else ASSURANCE_LEVEL_CHANGE
    delivered = dict.fromkeys((RISK_LEVEL_CHANGE, on_lock, ASSURANCE_LEVEL_CHANGE))
    return {
        "stream_id": stream.stream_id,
        "status": settings.ssf_status if settings.ssf_receiver_url else "off: ssf_receiver_url is empty",
        "iss": stream.issuer,
        "aud": stream.audience,
        "delivery": f"{PUSH} {settings.ssf_receiver_url}".rstrip(),
        "events_delivered": list(delivered),
        "keys": _key_lines(settings),
    }


def _key_lines(settings: SsfSettings) -> list[str]:
    """Each key with when it signs; a line that says why where they cannot be read."""
    try:
        ring = signing_keys.read_key_ring(settings.ssf_keys_file)
        now = ring.signing(int(time.time())).kid
    except SteadyhandError as error:
        return [str(error)]
    return [
        f"{key.kid} {'signs now' if key.kid == now else 'from ' + _moment(key.signs_from_unix_s)}"
        for key in ring.keys
    ]


def _verify(settings: SsfSettings) -> int:
    """Send a verification event past the outbox."""
    from agent.alerts.api import DeliveryOutcome, Record
    from agent.alerts.destination_check import trial_alert
    from agent.alerts.ocsf import this_product
    from agent.alerts.transports.kind import TransportContext
    from agent.alerts.transports.ssf import build
    from agent.files.version import agent_version

    if not settings.ssf_receiver_url:
        raise SteadyhandError("ssf_receiver_url is empty", "name the receiver in policy")
    alert = trial_alert("", socket.gethostname(), time.time_ns())
    transmitter = build(settings, TransportContext(this_product(agent_version())))
    sent = transmitter.send([Record("", 1, alert)])
    if sent.outcome is DeliveryOutcome.OK and settings.ssf_status == "enabled":
        print(f"the receiver took verification event {alert.record_id}")
        return DONE
    print(
        f"not verified: {sent.outcome.value}, {visible(sent.detail) or 'the stream is ' + settings.ssf_status}"
    )
    return FOUND_WRONG


def _moment(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="minutes")
