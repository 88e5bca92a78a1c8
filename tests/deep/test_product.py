"""The networks in the product: trained by the administrator, judged by in the agent, refused where they do not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.keys import PublicKey, Trust
from agent.files.profile import read_profile
from agent.runtime.pipeline.decision import ReactionRules
from agent.runtime.pipeline.protection import Protection
from enroll.cli import main
from enroll.sessions import session_rows
from enroll.train import train
from tests.enroll.people import events_of

OWNER = ["shipped", "rules", "hmm", "lstm", "image", "hybrid", "autoencoder"]
IN_COHORT = ["shipped", "lstm", "image"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four made-up people, a key, and a cohort with sketches."""
    root = tmp_path_factory.mktemp("office")
    shape = ["--people", "4", "--sessions", "3", "--actions", "120"]
    assert main(["example", str(root / "office"), *shape]) == 0
    assert main(["key", str(root / "admin.pem")]) == 0
    build = ["cohort", "build", str(root / "office" / "training_files"), "--sketches", "--root", str(root)]
    assert main([*build, "--key", str(root / "admin.pem"), "--out", str(root / "office.cohort")]) == 0
    return root


@pytest.mark.deep
@pytest.mark.parametrize("with_cohort", [False, True], ids=["own", "cohort"])
def test_an_administrator_turns_them_on_and_the_agent_judges_by_them(
    office: Path, capsys: pytest.CaptureFixture[str], with_cohort: bool
) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: make test-deep installs it")
    names = IN_COHORT if with_cohort else OWNER
    out, key = office / f"{with_cohort}.profile", office / "admin.pem"
    call = ["train", str(office / "office" / "training_files" / "ada"), "--user", "ada", "--out", str(out)]
    call += ["--key", str(key), "--root", str(office), "--detectors", ",".join(names), "--json"]
    if with_cohort:
        public = ["--public", str(office / "admin.pub.pem")]
        call += ["--cohort", str(office / "office.cohort"), "--cohort-number", "0", *public]
    capsys.readouterr()
    assert main(call) == 0
    told = json.loads(capsys.readouterr().out)
    shipped = ["plda", "window", "knn"] if with_cohort else ["knn", "window"]
    assert told["detectors"] == ", ".join([*shipped, *names[1:]])
    trust = Trust.of(administrator=PublicKey.from_pem((office / "admin.pub.pem").read_bytes(), "key"))
    profile = read_profile(out, trust, now=datetime.now(UTC)).profile
    assert ("lstm/weights" in profile.arrays) is with_cohort
    protection = Protection(profile, ReactionRules(may_lock=False))
    judged = [judgement for judgement, _ in protection.feed(events_of(3, 77, 60))]
    assert len(judged) > 30
    assert np.isfinite([judgement.evidence_llr for judgement in judged]).all()


@pytest.mark.usefixtures("bare")
def test_what_cannot_be_fitted_here_is_left_out_and_the_profile_says_so() -> None:
    profile = train(sessions(80), "owner", MouseConfiguration("test"), detectors=["shipped", "hmm"])
    assert profile.detectors == ("knn", "window")
    assert "hmm is fitted with hmmlearn, which is not installed" in profile.summary["left_out"]


def sessions(actions: int) -> list[object]:
    return [session_rows("u", str(s), [events_of(1, s, actions)], sketched=True) for s in range(3)]


@pytest.mark.deep
@pytest.mark.parametrize(
    ("name", "array", "axis", "what"),
    [
        ("lstm", "embedding", 1, "a language of"),
        ("hmm", "say", 2, "symbols, not 9"),
        ("image", "kernel0", 1, "does not fit together"),
        ("rules", "usual", 1, "levels of 6 rules"),
    ],
)
def test_a_model_of_another_version_is_refused_in_words(name: str, array: str, axis: int, what: str) -> None:
    if name != "rules":
        pytest.importorskip("torch", reason="PyTorch is not installed: make test-deep installs it")
    profile = train(sessions(80), "owner", MouseConfiguration("test"), detectors=["shipped", name])
    Protection(profile, ReactionRules(may_lock=False))
    with pytest.raises(SteadyhandError, match=r"does not fit together.*have it made again") as told:
        Protection(changed(profile, f"{name}/{array}", axis), ReactionRules(may_lock=False))
    assert what in str(told.value)


def changed(profile: Profile, array: str, axis: int) -> Profile:
    """The profile with one entry less along an axis of an array, as of a version that knew fewer."""
    fewer = np.delete(profile.arrays[array], 0, axis)
    return replace(profile, arrays={**profile.arrays, array: fewer})
