"""Policy templates: writes what administrators deploy policies with, from the settings' own declarations.

``make settings`` writes the JSON Schema, the Windows templates (ADMX, ADML) and a
macOS configuration profile to start from. A test compares them with the files in the repository.
"""

from __future__ import annotations

import json
import plistlib
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from agent.config.options import all_options, section_meanings
from agent.config.policy_native import REGISTRY_KEY
from agent.config.sensitivity import SENSITIVITIES
from agent.files.options import Option
from docs.make_config import settings_schema

_NAMESPACE: Final = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_BRANCHES: Final = {"": "", "Recommended": " (recommended)"}
_DOMAIN: Final = "org.steadyhand.agent"


def schema() -> bytes:
    """The JSON Schema of policy files."""
    return (json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n").encode()


def admx() -> bytes:
    """Group Policy definitions: a policy a setting, once managed and once recommended."""
    root = ET.Element("policyDefinitions", xmlns=_NAMESPACE, revision="1.0", schemaVersion="1.0")
    spaces = ET.SubElement(root, "policyNamespaces")
    ET.SubElement(spaces, "target", prefix="steadyhand", namespace="Steadyhand.Policies")
    ET.SubElement(root, "resources", minRequiredRevision="1.0")
    supported = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    ET.SubElement(supported, "definition", name="SUPPORTED_ALL", displayName="$(string.SUPPORTED_ALL)")
    categories = ET.SubElement(root, "categories")
    policies = ET.SubElement(root, "policies")
    for branch in _BRANCHES:
        top = f"Steadyhand{branch}"
        ET.SubElement(categories, "category", name=top, displayName=f"$(string.{top})")
        for section in section_meanings():
            name = f"{top}_{section}"
            category = ET.SubElement(categories, "category", name=name, displayName=f"$(string.{name})")
            ET.SubElement(category, "parentCategory", ref=top)
    for branch in _BRANCHES:
        for option in _native_options():
            _add_policy(policies, option, branch)
    return _xml(root)


def adml() -> bytes:
    """The texts of `admx` in English."""
    root = ET.Element("policyDefinitionResources", xmlns=_NAMESPACE, revision="1.0", schemaVersion="1.0")
    ET.SubElement(root, "displayName").text = "Steadyhand"
    ET.SubElement(root, "description").text = "Continuous authentication by mouse movement"
    resources = ET.SubElement(root, "resources")
    strings = ET.SubElement(resources, "stringTable")
    presentations = ET.SubElement(resources, "presentationTable")

    def say(name: str, text: str) -> None:
        ET.SubElement(strings, "string", id=name).text = text

    say("SUPPORTED_ALL", "Steadyhand 0.1 or newer")
    for branch, suffix in _BRANCHES.items():
        top = f"Steadyhand{branch}"
        say(top, f"Steadyhand{suffix}")
        for section in section_meanings():
            say(f"{top}_{section}", section)
        for option in _native_options():
            name = _name(option, branch)
            say(name, option.name)
            say(f"{name}_help", _help(option))
            for choice in option.choices if option.kind is str else ():
                say(f"{name}_{choice}", choice)
            if option.kind is not bool:
                _add_presentation(ET.SubElement(presentations, "presentation", id=name), option)
    return _xml(root)


def mobileconfig() -> bytes:
    """A configuration profile that sets what is built in: take out what you do not want to force."""
    settings: dict[str, Any] = {section: {} for section in section_meanings()}
    for option in _native_options():
        settings[option.section][option.name] = (
            list(option.default) if option.kind is tuple else option.default
        )
    payload = {
        "PayloadType": _DOMAIN,
        "PayloadIdentifier": f"{_DOMAIN}.settings",
        "PayloadUUID": _uuid("settings"),
        "PayloadVersion": 1,
        "PayloadDisplayName": "Steadyhand",
        **settings,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": f"{_DOMAIN}.policy",
        "PayloadUUID": _uuid("policy"),
        "PayloadVersion": 1,
        "PayloadDisplayName": "Steadyhand policy",
        "PayloadScope": "System",
        "PayloadRemovalDisallowed": True,
        "PayloadContent": [payload],
    }
    return plistlib.dumps(profile, sort_keys=False)


def all_templates() -> dict[str, bytes]:
    """Everything that this writes, by its place below the folder `packaging`."""
    return {
        "policy/steadyhand.schema.json": schema(),
        "windows/steadyhand.admx": admx(),
        "windows/en-US/steadyhand.adml": adml(),
        "macos/steadyhand.mobileconfig": mobileconfig(),
    }


def main(arguments: Sequence[str]) -> int:
    """Write all files below the folder named."""
    for name, content in all_templates().items():
        path = Path(arguments[0]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


# Windows and macOS have one way each to lock the screen.
_LINUX_ONLY = frozenset({("response", "lockers")})


def _native_options() -> tuple[Option, ...]:
    """The options that mean something where policy comes by the registry or a configuration profile."""
    return tuple(
        option for option in all_options().values() if (option.section, option.name) not in _LINUX_ONLY
    )


def _name(option: Option, branch: str) -> str:
    return f"{branch}{option.section}_{option.name}"


def _add_policy(policies: ET.Element, option: Option, branch: str) -> None:
    name = _name(option, branch)
    key = "\\".join(part for part in (REGISTRY_KEY, branch, option.section) if part)
    texts = {"displayName": f"$(string.{name})", "explainText": f"$(string.{name}_help)"}
    policy = ET.SubElement(policies, "policy", {"name": name, "class": "Machine", "key": key} | texts)
    if option.kind is bool:
        policy.set("valueName", option.name)
    else:
        policy.set("presentation", f"$(presentation.{name})")
    ET.SubElement(policy, "parentCategory", ref=f"Steadyhand{branch}_{option.section}")
    ET.SubElement(policy, "supportedOn", ref="SUPPORTED_ALL")
    if option.kind is bool:
        for state, number in (("enabledValue", "1"), ("disabledValue", "0")):
            ET.SubElement(ET.SubElement(policy, state), "decimal", value=number)
    else:
        _add_element(ET.SubElement(policy, "elements"), option, name)


def _add_element(elements: ET.Element, option: Option, name: str) -> None:
    """What holds the value. Group Policy knows no fractions: those are texts, checked when they are read."""
    attributes = {"id": option.name, "valueName": option.name}
    if option.kind is int:
        bounds = {"minValue": f"{option.least:.0f}", "maxValue": f"{option.most:.0f}"}
        ET.SubElement(elements, "decimal", attributes | bounds)
    elif option.kind is tuple:
        ET.SubElement(elements, "multiText", attributes)
    elif option.choices:
        enum = ET.SubElement(elements, "enum", attributes | {"required": "true"})
        for choice in option.choices:
            choice_element = ET.SubElement(enum, "item", displayName=f"$(string.{name}_{choice})")
            ET.SubElement(ET.SubElement(choice_element, "value"), "string").text = choice
    else:
        ET.SubElement(elements, "text", attributes)


def _add_presentation(presentation: ET.Element, option: Option) -> None:
    if option.kind is int:
        box = ET.SubElement(presentation, "decimalTextBox", refId=option.name)
        box.set("defaultValue", str(option.default))
        box.text = option.name
    elif option.kind is tuple:
        ET.SubElement(presentation, "multiTextBox", refId=option.name).text = option.name
    elif option.choices:
        at = str(option.choices.index(option.default))
        ET.SubElement(presentation, "dropdownList", refId=option.name, defaultItem=at).text = option.name
    else:
        box = ET.SubElement(presentation, "textBox", refId=option.name)
        ET.SubElement(box, "label").text = option.name
        ET.SubElement(box, "defaultValue").text = str(option.default)


def _help(option: Option) -> str:
    default = ", ".join(option.default) if option.kind is tuple else str(option.default)
    levels = [f"{name}: {level.words}." for name, level in SENSITIVITIES.items()]
    words = " ".join(levels) if option.name == "sensitivity" else ""
    return f"{option.meaning}. Allowed: {option.allowed}. Built in: {default or 'empty'}. {words}".strip()


def _uuid(name: str) -> str:
    """Always the same, so that a new version of the profile replaces the old one."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{_DOMAIN}")).upper()


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
