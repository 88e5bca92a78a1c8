"""`python -m tests.mutants [N]`: mutation tests of the judgement, locking, outbox and archives with mutmut.

Works on a copy of the tracked files in build/mutants. With N, so many mutants are drawn with a fixed seed. Exit code 1
where fewer than 90 % are killed, or a survivor is not named in `survivors.toml` with its reason. Mutants that change
nothing but the wording of a message are counted apart: tests pin what an error says only where it matters.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"
SURVIVORS = Path(__file__).with_name("survivors.toml")
# Whatever is asked for, all mutants are made first.
FIRST = "agent.engine.calibration.x_normal_deviates__mutmut_1"
SEED = 20_261_129
LEAST_KILLED = 0.9
SOURCES = {
    "agent/engine/sequential_test.py": ["tests/agent/engine/test_sequential_test.py"],
    "agent/engine/calibration.py": [
        "tests/agent/engine/test_calibration.py",
        "tests/agent/engine/test_twin.py",
    ],
    "agent/engine/fusion.py": ["tests/agent/engine/test_sketch_detectors.py"],
    "agent/engine/row_stream.py": ["tests/agent/engine/test_windowing.py"],
    "agent/engine/windowing.py": ["tests/agent/engine/test_windowing.py"],
    "agent/engine/verifier.py": ["tests/agent/engine/test_verifier.py"],
    "agent/engine/day_baseline.py": ["tests/agent/engine/test_day_baseline.py"],
    "agent/engine/day_stretch.py": ["tests/agent/engine/test_day_baseline.py"],
    "enroll/excursions.py": ["tests/enroll/test_excursions.py", "tests/enroll/test_twin.py"],
    "enroll/limits.py": ["tests/enroll/test_limits.py"],
    "enroll/metrics.py": ["tests/enroll/test_metrics.py"],
    "agent/runtime/response/responder.py": ["tests/agent/runtime/response/test_responder.py"],
    "agent/runtime/pipeline/decision.py": ["tests/agent/runtime/pipeline/test_decision.py"],
    "agent/host/locking.py": ["tests/agent/host/test_locking.py"],
    "agent/alerts/outbox/queue.py": ["tests/agent/alerts/outbox"],
    "agent/files/signing.py": [
        "tests/agent/files/test_keys.py",
        "tests/agent/files/test_signing_passphrase.py",
    ],
    "agent/files/archive.py": ["tests/agent/files/test_profile_file.py"],
}
# Exit codes that mutmut keeps of a mutant's tests.
KILLED = (1, 3, 36, 24, -24, 152, 255)
_WORDING = re.compile(r"\"[^\"]*\"|\bNone\b|\bf(?=\")")


def main() -> int:
    """Exit code 1 where the tests pin too little."""
    copy_tree()
    run(FIRST)
    names = sorted(mutants())
    drawn = names
    if len(sys.argv) > 1:
        drawn = sorted(random.Random(SEED).sample(names, min(int(sys.argv[1]), len(names))))
    run(*drawn)
    codes = {name: code for name, code in mutants().items() if name in set(drawn)}
    alive = [name for name, code in codes.items() if code not in KILLED]
    shown = {name: difference(name) for name in alive}
    wording = [name for name in alive if is_wording(shown[name])]
    survivors = [name for name in alive if name not in wording]
    reasons = tomllib.loads(SURVIVORS.read_text(encoding="utf-8")) if SURVIVORS.exists() else {}
    unnamed = [name for name in survivors if not named(shown[name], reasons)]
    for name in unnamed:
        sys.stdout.write("\n    ".join([name, *shown[name]]) + "\n")
    counted = len(codes) - len(wording)
    killed = counted - len(survivors)
    share = killed / counted
    sys.stdout.write(
        f"{killed} of {counted} mutants killed ({share:.1%}; {len(names)} in all), {len(survivors)} survive,\n"
        f"{len(unnamed)} of them without a reason; {len(wording)} change the wording of a message alone\n"
    )
    return 1 if unnamed or share < LEAST_KILLED else 0


def copy_tree() -> None:
    """The tracked files and the compiled kernel, with mutmut's settings."""
    shutil.rmtree(WORK, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    kernels = [str(path.relative_to(ROOT)) for path in ROOT.glob("_fastfeat/*.so")]
    for name in [*listed.stdout.splitlines(), *kernels]:
        target = WORK / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, target)
    tests = sorted({test for tests in SOURCES.values() for test in tests if (ROOT / test).exists()})
    settings = {"source_paths": list(SOURCES), "pytest_add_cli_args_test_selection": tests}
    also = {
        "also_copy": ["agent", "enroll", "_fastfeat", "tests"],
        "pytest_add_cli_args": ["-p", "no:randomly"],
    }
    lines = [f"{key} = {json.dumps(each)}" for key, each in {**settings, **also}.items()]
    with (WORK / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def run(*names: str) -> None:
    """Make the mutants where they are not made, and test these."""
    with (WORK / "mutmut.log").open("a", encoding="utf-8") as log:
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names]
        subprocess.run(command, cwd=WORK, stdout=log, stderr=log, check=False)


def mutants() -> dict[str, int | None]:
    """Exit code of each mutant's tests by its name; None where it was not tested."""
    out: dict[str, int | None] = {}
    for source in SOURCES:
        meta = WORK / "mutants" / f"{source}.meta"
        if meta.exists():
            out |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return out


def difference(name: str) -> list[str]:
    """The lines that a mutant takes away and puts in, each with a sign, after the two lines before them."""
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", name], cwd=WORK, capture_output=True, text=True, check=False
    )
    lines = [line for line in shown.stdout.splitlines() if re.match(r"[-+ ] ", line)]
    first = next((i for i, line in enumerate(lines) if line[0] in "-+"), 0)
    changed = [line for line in lines if line[0] in "-+"]
    return [*lines[max(0, first - 2) : first], *changed]


def is_wording(difference: list[str]) -> bool:
    """True where only texts, or a text and None, change in an error's message."""
    taken, put = ("".join(line[1:].strip() for line in difference if line[0] == sign) for sign in "-+")
    before = "".join(line for line in difference if line[0] != "+")
    in_error = "Error(" in before or "mendable(" in before
    return in_error and _WORDING.sub("", taken) == _WORDING.sub("", put)


def named(difference: list[str], reasons: dict[str, dict[str, str]]) -> bool:
    """True where a reason is given for the line that a mutant puts in."""
    put = [line[1:].strip() for line in difference if line[0] == "+"]
    return any(line in by_line for by_line in reasons.values() for line in put)


if __name__ == "__main__":
    sys.exit(main())
