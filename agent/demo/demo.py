"""`steadyhand demo`: the whole agent, on a display of its own, in less than three minutes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from agent.demo.outcome import DemoOutcome
from agent.demo.people import DemoPeople, generated, recorded
from agent.demo.processes import Processes
from agent.demo.report import report
from agent.demo.scenario import Scenario
from agent.demo.stage import stage
from agent.engine.errors import SteadyhandError
from agent.files.private import write_private

Say = Callable[[str], None]


def run_demo(*, here: bool, data: Path | None, out: Path | None, show: Say, seed: int = 0) -> int:
    """Play the demonstration and print what happened.

    Parameters
    ----------
    here : bool
        On the display in front of the reader, after asking; its screen is then locked for real.
    data : Path, optional
        A Balabit folder, two of whose accounts play the two people.
    out : Path, optional
        Where the screenshots and the alerts are kept; ``build/demo`` otherwise.
    show : callable
        Takes each line.
    seed : int
        Of the generated people; 0 is the one that everybody sees.

    Returns
    -------
    int
        0 only if the owner was not locked out and the intruder was.

    Raises
    ------
    SteadyhandError
        If something that it needs is missing.
    """
    people = recorded(data) if data else generated(seed)
    output_dir = (out or Path("build/demo")).absolute()
    output_dir.mkdir(parents=True, exist_ok=True)
    outcome = _here(people, output_dir, show) if here else _on_stage(people, output_dir, show)
    write_private(output_dir / "outcome.json", json.dumps(outcome.to_json(), indent=2).encode())
    for line in report(people, outcome, output_dir / "alerts.jsonl"):
        show(line)
    return 0 if outcome.went_well else 1


def _on_stage(people: DemoPeople, output_dir: Path, show: Say) -> DemoOutcome:
    with stage(people.width_px, people.height_px) as made:
        show(f"demo: on display {made.display}, a virtual one of its own")
        root = made.folder / "agent"
        try:
            return Scenario(made.environment, made.processes, root, output_dir, people, _step(show)).run()
        finally:
            _keep(root, made.folder, output_dir)


def _here(people: DemoPeople, output_dir: Path, show: Say) -> DemoOutcome:
    if not os.environ.get("DISPLAY"):
        raise SteadyhandError("there is no display here", "run the demonstration without --here")
    show("demo: the mouse will move by itself for two minutes, and then this screen will be LOCKED.")
    if not sys.stdin.isatty() or input("Go on? Type yes: ").strip() != "yes":
        raise SteadyhandError("not confirmed", "run it without --here for a display of its own")
    folder = Path(tempfile.mkdtemp(prefix="steadyhand-demo-"))
    environment = dict(os.environ)
    with Processes(folder, environment) as processes:
        try:
            return Scenario(environment, processes, folder / "agent", output_dir, people, _step(show)).run()
        finally:
            _keep(folder / "agent", folder, output_dir)


def _keep(root: Path, logs: Path, output_dir: Path) -> None:
    """Save what the reader may want to look into: the alerts as they arrived, and the agent's log."""
    for path in (root / "state" / "alerts.jsonl", logs / "agent.log"):
        if path.exists():
            (output_dir / path.name).write_bytes(path.read_bytes())


def _step(show: Say) -> Say:
    return lambda line: show(f"demo: {line}")
