"""Writes docs/config.md and the JSON Schema of settings from the settings' own declarations.

``make settings`` writes the page again after a change.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from agent.config.options import section_meanings
from agent.config.sensitivity import SENSITIVITIES
from agent.config.settings_template import default_literal, options_by_section
from agent.files.options import Option

_SCHEMA: Final = "https://json-schema.org/draft/2020-12/schema"

_INTRODUCTION: Final = """\
# Settings and policy

<!-- Made by `make settings` from agent/config/schema.py and the transports in agent/alerts/transports. -->

The user's settings are in `settings.toml` in the configuration folder (`~/.config/steadyhand` on Linux);
`steadyhand config` prints one to start from, with every key commented out. An
administrator puts policies, JSON files with the same sections and keys, into two folders that no environment
variable moves:

| from strongest to weakest | where on Linux |
|---|---|
| managed policy | `/etc/steadyhand/policies/managed/*.json` |
| the signed policy that was fetched | `~/.local/state/steadyhand/fetched.policy`, believed by its signature alone |
| the user's settings | `settings.toml` |
| recommended policy | `/etc/steadyhand/policies/recommended/*.json` |
| the default | built in |

On Windows the managed policy is in the registry, `HKLM\\Software\\Policies\\Steadyhand\\<section>`, and the
recommended one below `…\\Steadyhand\\Recommended`; the Group Policy templates for both are in
`packaging/windows`. On macOS it is a configuration profile, `packaging/macos/steadyhand.mobileconfig` being one
to start from; files as on Linux, below `/Library/Application Support/Steadyhand`, count as well.

Templates and the JSON Schema (`packaging/policy/steadyhand.schema.json`) are made from the same table as this
page, by `make settings`. Neither Windows nor macOS was at hand: there, only the
readers' logic is tested, on stand-ins.

`steadyhand status --policy` shows every value that holds, where it comes from, and what was not used and why.

The signed policy (`central.folder_url`, [administrator.md](administrator.md)) counts key by key below root's files
and above everything else: root has the last word on a computer, and can leave as little to the folder as it
likes. The relay reads root's files only.

Within a folder, files are read in the order of their names and later ones win. Where there is a managed or
a fetched policy, the user's settings count only for the keys marked *comfort*; the rest is ignored and reported.

A policy must belong to root and be writable by nobody else, and so must the folders that it is in. One that
is not, or that has an unknown key or a bad value, is not used, nor are the others in its folder: the agent
goes on with the built-in defaults, with only the user's comfort keys on top, and raises an alert. An unknown
key or a bad value in the user's settings is an error that names the file and the key.

In `settings.toml`:

```toml
[response]
countdown_s = 8
```

The same in a policy:

```json
{"response": {"countdown_s": 8}}
```

## Sensitivity

One of five stops in the place of two figures. A figure that is set beside it, at the same level, beats the stop; a
stop at a stronger level beats the figures of a weaker one. The figures go into the limits of a profile when it is
made, so a change tells on the next one. What each buys in detection is measured in [results.md](results.md).

| `sensitivity` | false locks per 40 h | false alerts per 40 h | what people feel |
|---|---|---|---|
{levels}
"""


def settings_schema() -> dict[str, Any]:
    """One JSON Schema (draft 2020-12) for policy files and settings alike."""
    meanings = section_meanings()
    sections = {
        section: {
            "type": "object",
            "description": meanings[section],
            "additionalProperties": False,
            "properties": {option.name: _schema_of(option) for option in options},
        }
        for section, options in options_by_section()
    }
    return {
        "$schema": _SCHEMA,
        "title": "Steadyhand settings and policy",
        "type": "object",
        "additionalProperties": False,
        "properties": sections,
    }


def settings_markdown() -> str:
    """The page about settings, docs/config.md."""
    levels = (
        f"| {name} | {level.false_locks_per_40h:g} | {level.false_alerts_per_40h:g} | {level.words} |"
        for name, level in SENSITIVITIES.items()
    )
    parts = [_INTRODUCTION.replace("{levels}", "\n".join(levels))]
    for section, options in options_by_section():
        parts.append(f"\n## [{section}]\n\n{section_meanings()[section]}\n\n")
        parts.append("| key | default | allowed | meaning |\n|---|---|---|---|\n")
        for option in options:
            comfort = " *(comfort)*" if option.comfort else ""
            cells = (
                f"`{option.name}`",
                f"`{default_literal(option)}`",
                option.allowed,
                option.meaning + comfort,
            )
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


def main(arguments: Sequence[str]) -> int:
    """Write `settings_markdown` to the file named, or to standard output."""
    if arguments:
        Path(arguments[0]).write_text(settings_markdown(), encoding="utf-8")
    else:
        sys.stdout.write(settings_markdown())
    return 0


def _schema_of(option: Option) -> dict[str, Any]:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", tuple: "array"}
    schema: dict[str, Any] = {"type": names[option.kind], "description": option.meaning}
    schema["default"] = list(option.default) if option.kind is tuple else option.default
    if option.kind is tuple:
        schema |= {"uniqueItems": True} | ({"minItems": 1} if option.choices else {})
        schema["items"] = {"type": "string"} | ({"enum": list(option.choices)} if option.choices else {})
    elif option.choices:
        schema["enum"] = list(option.choices)
    if option.pattern:
        schema["pattern"] = f"^{option.pattern}$"
    if option.least is not None:
        schema["minimum"] = option.least
    if option.most is not None:
        schema["maximum"] = option.most
    return schema


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
