"""`make results`: only missing or old runs are made, what is finished stays, and pages hold what the figures say."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.engine.errors import SteadyhandError
from docs.make_results import FIGURES, ResultMaker, block_text, main
from docs.result_figures import FigureFolder, commit_here, provenance
from docs.result_runs import BLOCKS, DEFAULT_BLOCKS, Block, Run
from enroll.protocols.code_digest import judging_code

RUNS = tuple(Run("balabit", mode, "balabit", label=mode) for mode in ("own", "cohort"))


def figures_of(mode: str) -> dict[str, Any]:
    """What `evaluate balabit` writes, by hand."""
    return {
        "protocol": "balabit", "mode": mode, "sessions": 413, "auc": 0.951, "auc_ci95": [0.907, 0.985], "eer": 0.115,
        "frr_at_far_1pct": 0.51, "worst_user_auc": 0.831, "device_only_auc": 0.776, "run_seconds": 104.0,
        "matched": {"sessions": 369, "auc": 0.937, "eer": 0.143},
    }  # fmt: skip


class ScriptedEnroll:
    """`steadyhand-enroll` that writes figures; fails at calls whose mode is named."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.modes: list[str] = []

    def __call__(self, call: list[str]) -> int:
        assert call[:2] == ["evaluate", "balabit"]
        mode = call[call.index("--mode") + 1]
        self.modes.append(mode)
        if mode in self.failing:
            return 2
        Path(call[call.index("--json") + 1]).write_text(json.dumps(figures_of(mode)), encoding="utf-8")
        return 0


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text("<!-- balabit -->\n<!-- /balabit -->\n", encoding="utf-8")
    return path


def maker(page: Path, enroll: ScriptedEnroll) -> ResultMaker:
    folder = page.parent
    (folder / "work").mkdir(exist_ok=True)
    lines: list[str] = []
    kept = FigureFolder(folder / "figures")
    blocks = {"balabit": Block(page, RUNS)}
    return ResultMaker(folder, kept, folder / "work", 1, enroll, lines.append, blocks)


def test_a_call_that_failed_goes_on_where_it_stopped(page: Path) -> None:
    with pytest.raises(SteadyhandError, match=r"--mode cohort .*failed"):
        maker(page, ScriptedEnroll("cohort")).make(["balabit"])
    assert "| own own | all 413 | 0.951" in page.read_text(encoding="utf-8")
    assert "Not run: `balabit-cohort-balabit`" in page.read_text(encoding="utf-8")
    second = ScriptedEnroll()
    maker(page, second).make(["balabit"])
    assert second.modes == ["cohort"]
    text = page.read_text(encoding="utf-8")
    assert "| cohort cohort | all 413" in text
    assert "in 3 minutes." in text
    third = ScriptedEnroll()
    maker(page, third).make(["balabit"])
    assert third.modes == []
    maker(page, third).make(["balabit"], again=True)
    assert third.modes == ["own", "cohort"]


def test_what_other_code_made_is_made_anew(page: Path) -> None:
    maker(page, ScriptedEnroll()).make(["balabit"])
    path = page.parent / "figures" / "balabit-own-balabit.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["made_with"]["code"] == judging_code()
    path.write_text(json.dumps(kept | {"made_with": {"commit": "abc1234", "code": "old"}}), encoding="utf-8")
    assert "Made with abc1234" in block_text("balabit", RUNS[:1], FigureFolder(path.parent))
    enroll = ScriptedEnroll()
    maker(page, enroll).make(["balabit"])
    assert enroll.modes == ["own"]
    assert "abc1234" not in page.read_text(encoding="utf-8")


def test_a_run_that_was_never_timed_is_made_as_others_are(page: Path) -> None:
    maker(page, ScriptedEnroll()).make(["balabit"])
    path = page.parent / "figures" / "balabit-own-balabit.json"
    untimed = {"run_seconds": None, "made_with": {"commit": "abc1234", "code": "old"}}
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | untimed), encoding="utf-8")
    enroll, lines = ScriptedEnroll(), list[str]()
    replace(maker(page, enroll), tell=lines.append).make(["balabit"])
    assert enroll.modes == ["own"]
    assert lines[0].endswith("1 to make, 0 minutes when they were last made, and 1 never timed")


def test_the_figures_that_come_along_tell_how_long_their_runs_took(tmp_path: Path) -> None:
    """All runs are old where the judging code has changed: the call must begin with them, whatever is known of each."""
    lines: list[str] = []
    maker_here = ResultMaker(tmp_path, FigureFolder(FIGURES), tmp_path, 1, lambda _call: 1, lines.append)
    with pytest.raises(SteadyhandError, match="failed"):
        maker_here.make(DEFAULT_BLOCKS, again=True)
    assert "minutes when they were last made" in lines[0]


def test_figures_that_are_none_are_named(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SteadyhandError, match="block balabit: none of its runs"):
        block_text("balabit", RUNS, FigureFolder(page.parent))
    for text in ("{", "{}", '{"made_with": 1}'):
        (page.parent / "balabit-own-balabit.json").write_text(text, encoding="utf-8")
        with pytest.raises(SteadyhandError, match=r"balabit-own-balabit\.json: no figures of `make results`"):
            FigureFolder(page.parent).read(RUNS[0])
    folders = ["--figures", str(page.parent), "--work", str(page.parent)]
    assert main(["--write-only", "--blocks", "balabit", *folders]) == 1
    assert "no figures of `make results`" in capsys.readouterr().err
    for bad_input in ([], [str(page.parent / "nowhere"), *folders]):
        with pytest.raises(SystemExit, match="2"):
            main(bad_input)
    assert "nowhere is no folder: `make data` unpacks" in capsys.readouterr().err


def test_each_commit_has_its_time() -> None:
    made = [{"commit": c, "run_seconds": s} for c, s in (("a1", 60.0), ("a1", 60.0), ("b2", 20.0))]
    assert provenance((*RUNS, RUNS[0]), made) == "*Made with a1 in 2 minutes. Made with b2 in 20 seconds.*"


def test_the_commit_has_a_plus_where_code_differs_and_not_where_tables_do(tmp_path: Path) -> None:
    assert commit_here(tmp_path) == "unknown"
    for path in ("docs/results.md", "enroll/score.py"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text("first")
    git = ("git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run([*git, *words], check=True)
    clean = commit_here(tmp_path)
    assert clean.isalnum()
    (tmp_path / "docs/results.md").write_text("a table that the first run filled")
    assert commit_here(tmp_path) == clean
    (tmp_path / "enroll/score.py").write_text("other code")
    assert commit_here(tmp_path) == f"{clean}+"


@pytest.mark.parametrize("name", DEFAULT_BLOCKS)
def test_the_pages_hold_what_the_kept_figures_say(name: str) -> None:
    block = BLOCKS[name]
    text = block.page.read_text(encoding="utf-8")
    written = text.split(f"<!-- {name} -->\n")[1].split(f"\n<!-- /{name} -->")[0]
    assert written == block_text(name, block.runs, FigureFolder())
