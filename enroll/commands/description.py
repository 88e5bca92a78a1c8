"""Descriptions of profiles for people and, as JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

from agent.engine.profile import Profile
from agent.engine.visible_text import visible_lines
from agent.files.profiles import SUFFIX, profile_name


def described(profile: Profile) -> dict[str, Any]:
    """What a profile is and rests on, plain values."""
    limits = profile.limits
    return {
        "user": profile.user,
        "mouse": profile.mouse.name or profile.mouse.capture,
        "sequence": profile.sequence,
        "agents_ask_for": name_for_agents(profile),
        "created": profile.created,
        "expires": profile.expires,
        "features": len(profile.features),
        "detectors": ", ".join(profile.detectors),
        "alert_limit": round(limits.alert, 3),
        "lock_limit": round(limits.lock, 3),
        "false_locks_asked_per_40h": limits.asked_per_40h,
        "rates_are_estimated": limits.estimated,
        **profile.summary,
    }


def name_for_agents(profile: Profile) -> str:
    """The file's name in a folder that agents fetch from."""
    return profile_name(profile.user, profile.mouse.key, transferred=profile.is_transferred) + SUFFIX


def shown(report: dict[str, Any], as_json: bool) -> str:
    """A report as JSON, or a line a value."""
    if as_json:
        return json.dumps(report, indent=2, ensure_ascii=False)
    width = max(map(len, report))
    return visible_lines(f"{name.replace('_', ' '):<{width}}  {value}" for name, value in report.items())
