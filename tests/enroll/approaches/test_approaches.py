"""All approaches side by side: fitted, scored, put into a table between marks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from enroll.approaches.lineup import BESIDE, SHIPPED, Lineup, lineup
from enroll.approaches.measured import measured
from enroll.approaches.table import BEGIN, END, section, with_section
from enroll.score import session_score, stream_deviates
from enroll.sessions import session_rows
from tests.enroll.people import events_of

FIGURES = {
    "auc": 0.9,
    "auc_ci95": [0.8, 0.95],
    "eer": 0.12,
    "matched": {"auc": 0.85},
}


@pytest.fixture(scope="module")
def fitted() -> Lineup:
    own = [session_rows("u", str(s), [events_of(1, s, 100)], sketched=True) for s in range(3)]
    return lineup(own, None, ("rules", "autoencoder_narrow"))


def test_alone_an_approach_scores_as_its_model_does(fitted: Lineup) -> None:
    rows = session_rows("u", "t", [events_of(2, 7, 60)], sketched=True).rows
    told = fitted.session_scores(rows)
    assert set(told) == {
        "shipped",
        "rules",
        "autoencoder_narrow",
        BESIDE + "rules",
        BESIDE + "autoencoder_narrow",
    }
    assert told["rules"] == session_score(fitted.models["rules"], rows)
    weight = np.linalg.norm(
        [float(fitted.models[SHIPPED].arrays[f"fusion/{n}"]) for n in fitted.models[SHIPPED].detectors]
    )
    expected = (weight * told[SHIPPED] + told["rules"]) / np.hypot(weight, 1.0)
    assert told[BESIDE + "rules"] == pytest.approx(expected)
    stream = fitted.stream(rows)
    deviates = stream_deviates(fitted.models["rules"], rows)
    assert np.array_equal(stream["rules"][~np.isnan(stream["rules"])], deviates)
    assert fitted.costs["rules"].profile_kb > 0.1
    assert fitted.costs["rules"].train_cpu_s > 0.0


def test_what_a_pair_is_calibrated_on_is_the_pair(fitted: Lineup) -> None:
    pair = fitted.model(BESIDE + "rules").out_of_session
    assert [len(p) for p in pair] == [len(p) for p in fitted.models["rules"].out_of_session]
    assert abs(np.concatenate(pair).mean()) < 0.3


def test_a_whole_protocol_and_its_table(balabit_folder: Path) -> None:
    told = measured("balabit-own", balabit_folder, approaches=("rules",))
    assert set(told["figures"]) == {"shipped", "rules", BESIDE + "rules"}
    assert told["left_out"] == {}
    whole = [told["figures"][name]["auc"] for name in (SHIPPED, BESIDE + "rules")]
    assert told["gains"]["rules"]["gain"] == pytest.approx(whole[1] - whole[0], abs=1e-4)
    text = section({"balabit-own": told})
    assert "| rules | no: off by default | " in text
    assert "| rules | " in text
    assert "Not measured yet: Balabit, cohort (closed-set), SapiMouse, cohort, stream, cohort." in text


def test_the_section_stands_between_its_marks() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    told = with_section(page, "new\n")
    assert told == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert with_section(told, "new\n") == told
    with pytest.raises(SteadyhandError, match="no place for the table"):
        with_section("nothing", "new")


def test_what_could_not_be_fitted_is_said() -> None:
    costs = {"shipped": {"train_cpu_s": 1.0, "verdict_ms": 0.5, "profile_kb": 9.0}}
    told = {
        "users": 3,
        "figures": {SHIPPED: FIGURES},
        "costs": costs,
        "left_out": {"lstm": "torch is missing"},
        "gains": {},
    }
    assert "| lstm | not fitted: torch is missing |" in section({"sapimouse": told})


def test_an_unknown_protocol_is_named(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="protocol 'tea leaves' is not known"):
        measured("tea leaves", tmp_path)
