"""Shell completion, asked of the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

from agent.cli import main as steadyhand
from agent.completion import SHELLS
from enroll.cli import main as steadyhand_enroll

Main = Callable[[list[str]], int]


def rules(main: Main, shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("main", [steadyhand, steadyhand_enroll])
@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_reads_its_rules(main: Main, shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = rules(main, shell, capsys)
    assert "completion" in text
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its rules were printed, not read")
    subprocess.run([shell, "-n"], input=text, text=True, check=True)


@pytest.mark.parametrize(
    ("main", "words", "expected"),
    [
        (steadyhand, ["st"], "status"),
        (steadyhand, ["doctor", "--te"], "--test-lock"),
        (steadyhand_enroll, ["ev"], "evaluate"),
        (steadyhand_enroll, ["sign", "--dr"], "--dry-run"),
    ],
)
def test_bash_completes(
    main: Main, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prog = "steadyhand" if main is steadyhand else "steadyhand-enroll"
    line = [prog, *words]
    script = (
        f"{rules(main, 'bash', capsys)}\n"
        f"COMP_WORDS=({' '.join(line)}); COMP_CWORD={len(words)}\n"
        f"$(complete -p {prog} | grep -o '_shtab[a-z_]*')\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    answered = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)
    assert expected in answered.stdout.split(), answered.stderr
