"""`python -m enroll.approaches`: measures every approach by every protocol, and writes the table of docs/choices.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs
from tqdm import tqdm

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from enroll.approaches.language import measured_language
from enroll.approaches.lineup import APPROACHES
from enroll.approaches.measured import PROTOCOLS, measured
from enroll.approaches.table import LANGUAGE, section, with_section


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; returns 0 done, 2 called wrongly."""
    options = _parser().parse_args(argv)
    try:
        by_protocol = _read(options.json)
        for protocol in options.protocols.split(",") if options.protocols else ():
            by_protocol[protocol] = _run(protocol, options)
            _write(options.json, by_protocol)
        if options.language:
            by_protocol[LANGUAGE] = measured_language(options.data / "balabit", _cache_folder(options))
            _write(options.json, by_protocol)
        if options.docs:
            with mendable(options.docs, "write"):
                text = options.docs.read_text(encoding="utf-8")
                options.docs.write_text(with_section(text, section(by_protocol)), encoding="utf-8")
    except SteadyhandError as error:
        print(f"enroll.approaches: {error}", file=sys.stderr)
        return 2
    return 0


def _run(protocol: str, options: argparse.Namespace) -> dict[str, Any]:
    folder = options.data / ("sapimouse" if protocol == "sapimouse" else "balabit")
    with tqdm(unit="user", desc=protocol, disable=None) as bar:
        return measured(
            protocol,
            folder,
            approaches=options.approaches.split(","),
            most_people=options.most_people,
            parts=options.parts,
            jobs=options.jobs,
            cache=_cache_folder(options),
            progress=lambda _: bar.update(),
        )


def _cache_folder(options: argparse.Namespace) -> Path:
    folder: Path | None = options.cache
    return folder or platformdirs.user_cache_path("steadyhand", appauthor=False) / "evaluate"


def _write(path: Path, by_protocol: dict[str, Any]) -> None:
    with mendable(path, "write"):
        path.write_text(json.dumps(by_protocol, indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    with mendable(path, "read"):
        by_protocol = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(by_protocol, dict):
        raise SteadyhandError(f"{path}: not results of approaches", "name another file, or remove it")
    return by_protocol


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m enroll.approaches",
        description=__doc__,
        epilog="Example: python -m enroll.approaches --data DIR --json approaches.json --docs docs/choices.md",
    )
    parser.add_argument("--data", type=Path, default=Path(), help="holds the folders balabit and sapimouse")
    parser.add_argument(
        "--protocols",
        default=",".join(PROTOCOLS),
        help="which are run anew, with commas; '' for none (default: %(default)s)",
    )
    parser.add_argument("--approaches", default=",".join(APPROACHES), help="default: %(default)s")
    parser.add_argument("--language", action="store_true", help="the language model by itself, too")
    parser.add_argument("--json", type=Path, required=True, help="results, kept and added to")
    parser.add_argument("--docs", type=Path, help="the page whose section is written anew")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--most-people",
        type=int,
        help="enrol so many of the accounts, and of each rotation of sapimouse, drawn with a fixed seed",
    )
    parser.add_argument(
        "--parts",
        type=Path,
        help="where each person's part is kept, so that a run can be cut short and go on",
    )
    parser.add_argument("--cache", type=Path, help="where feature rows are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
