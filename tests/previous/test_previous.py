"""Files of version 0.1 as it was before its rooms were laid out anew: everything is read, and judged as it was then.

The files are of people made up by `agent.engine.synthesis`; that version wrote all of them, the judgements too.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import AlertKind
from agent.alerts.outbox.repair import open_outbox
from agent.config.effective_configuration import effective_settings
from agent.config.loading import load_configuration
from agent.config.policy import parse_policy
from agent.config.signed_policy import open_policy
from agent.engine.calibration import Likelihood
from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.profile import Profile
from agent.engine.sequential_test import TrustState, after_lock, evidence, step
from agent.files.keys import PublicKey, Trust
from agent.files.paths import Paths
from agent.files.profile import open_profile
from agent.files.recording import read_recording
from agent.files.stream import Session
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.protection import Protection

HERE = Path(__file__).parent
KEY = bytes(range(32))
JUDGED: list[dict[str, Any]] = json.loads((HERE / "judgements.json").read_text(encoding="utf-8"))


def trust() -> Trust:
    pem = (HERE / "administrator.pub").read_bytes()
    return Trust.of(administrator=PublicKey.from_pem(pem, "administrator.pub"))


@pytest.fixture
def profile() -> Profile:
    packed = (HERE / "made-up.profile").read_bytes()
    return open_profile(packed, "made-up.profile", trust(), now=datetime(2026, 11, 2, tzinfo=UTC)).profile


def recorded(tmp_path: Path) -> list[EventBatch | Boundary]:
    """The recording's items, batches cut into hundreds, and two quiet seconds at the end."""
    path = tmp_path / "private" / "made-up.recording"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(HERE / "made-up.recording", path)
    path.chmod(0o600)
    session, *items = read_recording(path, KEY).items()
    assert isinstance(session, Session)
    assert session.mouse.vendor
    cut: list[EventBatch | Boundary] = []
    for item in items:
        assert isinstance(item, EventBatch | Boundary)
        cut += [item] if isinstance(item, Boundary) else [item[a : a + 100] for a in range(0, len(item), 100)]
    assert isinstance(cut[-1], EventBatch)
    return [*cut, Boundary(int(cut[-1].t_ns[-1]) + 2_000_000_000, Cause.GAP)]


def judged(profile: Profile, items: list[EventBatch | Boundary]) -> Iterator[dict[str, Any]]:
    protection = Protection(profile, ReactionRules(may_lock=True))
    for item in items:
        locked = False
        for judgement, reaction in protection.feed(item):
            locked = locked or reaction is Reaction.LOCK
            yield {
                "verdict": judgement.verdict.value,
                "evidence_llr": judgement.evidence_llr,
                "statistic": judgement.statistic,
                "reaction": reaction.value,
                **({"reasons": list(judgement.reasons)} if reaction is not Reaction.NONE else {}),
            }
        if locked:
            end_ns = item.t_ns if isinstance(item, Boundary) else int(item.t_ns[-1])
            for cause in (Cause.LOCKED_BY_VERDICT, Cause.SCREEN_UNLOCKED):
                assert not list(protection.feed(Boundary(end_ns, cause)))


def test_an_old_profile_judges_an_old_recording_as_before(profile: Profile, tmp_path: Path) -> None:
    now = list(judged(profile, recorded(tmp_path)))
    words = ("verdict", "reaction", "reasons")
    assert [[line.get(key) for key in words] for line in now] == [
        [line.get(key) for key in words] for line in JUDGED
    ]
    # Products of matrices differ in the last digits between processors, so only nearly all of them are compared;
    # on the processor that the old figures were made on, all are the same.
    for key in ("evidence_llr", "statistic"):
        assert [line[key] for line in now] == pytest.approx(
            [line[key] for line in JUDGED], rel=1e-5, abs=1e-5
        )


def test_the_sequential_test_gives_the_old_figures_to_the_bit(profile: Profile) -> None:
    likelihood = Likelihood(*profile.arrays["evidence/likelihood"].tolist())
    state, locks = TrustState(), 0
    for i, line in enumerate(JUDGED):
        assert evidence(state, line["deviate"], likelihood) == line["evidence_llr"], i
        state = step(state, line["deviate"], likelihood, i, profile.limits)
        assert (state.statistic, state.verdict.value) == (line["statistic"], line["verdict"]), i
        if line.get("unlocked_after"):
            state = after_lock(state, i, profile.limits)
            locks += 1
    assert locks == 5


def test_an_old_outbox_is_read_with_what_each_destination_still_waits_for(tmp_path: Path) -> None:
    path = tmp_path / "outbox" / "outbox.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(HERE / "outbox.db", path)
    path.chmod(0o600)
    outbox, problems = open_outbox(path, 1 << 20, ["syslog", "file"])
    assert problems == ()
    waiting = {name: [r.alert for r in outbox.pending(name, 10)] for name in ("syslog", "file")}
    kinds = [AlertKind.SUSPICIOUS, AlertKind.INTRUDER, AlertKind.LOCK_RESULT, AlertKind.HEARTBEAT]
    assert [a.kind for a in waiting["syslog"]] == kinds
    assert waiting["file"] == waiting["syslog"][2:]
    assert waiting["syslog"][1].detail == {"trust": 12.5, "actions": 1}
    assert outbox.deferred()["syslog"] == (3, 1_700_000_100_000_000_000)
    outbox.close()


def test_old_settings_hold(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    paths.config_dir.mkdir(mode=0o700)
    shutil.copyfile(HERE / "settings.toml", paths.settings_file)
    paths.settings_file.chmod(0o600)
    configuration = load_configuration(paths, required_uid=0)
    assert configuration.problems == ()
    by_key = {s.key: s.current for s in effective_settings(configuration, paths) if s.source == "user"}
    assert by_key == {
        "judgement.mode": "enforce",
        "judgement.false_locks_per_40h": 2.0,
        "response.countdown_s": 7.5,
        "alerts.syslog_host": "siem.example",
        "alerts.syslog_form": "cef",
        "alerts.more": ["second splunk_url=https://splunk.example:8088"],
    }


def test_old_policies_hold() -> None:
    policy = parse_policy((HERE / "policy.json").read_bytes(), "policy.json")
    assert policy == {
        "judgement.mode": "shadow",
        "response.pause_allowed": False,
        "alerts.syslog_host": "siem.example",
    }
    signed = open_policy((HERE / "steadyhand.policy").read_bytes(), "steadyhand.policy", trust())
    assert (signed.sequence, dict(signed.settings)) == (3, {"judgement.mode": "shadow"})
