"""Settings template: a TOML file with every setting commented out, which `steadyhand config` prints."""

from __future__ import annotations

import json
from itertools import groupby

from agent.config.options import all_options, section_meanings
from agent.files.options import Option


def default_toml() -> str:
    """A settings file with every key commented out, so that later defaults reach those who never set it."""
    lines = ["# Settings of Steadyhand. Take the # away from a key to set it."]
    for section, options in options_by_section():
        lines += ["", f"# {section_meanings()[section]}", f"[{section}]"]
        for option in options:
            lines += [
                f"# {option.meaning} ({option.allowed})",
                f"# {option.name} = {default_literal(option)}",
            ]
    return "\n".join(lines) + "\n"


def options_by_section() -> list[tuple[str, list[Option]]]:
    """The settings of each section, in the order of the documents."""
    grouped = groupby(all_options().values(), key=lambda option: option.section)
    return [(section, list(options)) for section, options in grouped]


def default_literal(option: Option) -> str:
    """The default as TOML writes it; for these plain values JSON writes the same."""
    return json.dumps(list(option.default) if option.kind is tuple else option.default)
