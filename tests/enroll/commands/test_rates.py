"""What policy says is what trains: its rates go through train, fleet and store, and status tells where they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import main as steadyhand
from agent.files.keys import Role, load_trust, local_signing_key
from agent.files.paths import Paths
from agent.files.profile import read_profile
from agent.files.profiles import SUFFIX
from enroll.cli import main
from enroll.clock import utc_now
from enroll.example import write_table
from tests.enroll.people import events_of


class Desk:
    """One person's tables, a policy, and profiles trained by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = folder / "ada"
        self.root = folder / "root"
        for session in range(2):
            write_table(self.tables / f"session_{session}", events_of(1, session, 60))

    def policy(self, judgement: dict[str, object]) -> Path:
        path = self.folder / "policy.json"
        path.write_text(json.dumps({"judgement": judgement}), encoding="utf-8")
        return path

    def trained(self, *options: str) -> float:
        """False locks in 40 h that the limits of the profile were set for."""
        out = self.folder / f"ada{SUFFIX}"
        call = ["train", str(self.tables), "--user", "ada", "--out", str(out), "--root", str(self.root)]
        assert main([*call, *options]) in (0, 1)
        trust = load_trust(Paths.under(self.root), local=True)
        return read_profile(out, trust, now=utc_now()).profile.limits.asked_per_40h


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("judgement", "asked"),
    [({"false_locks_per_40h": 0.5}, 0.5), ({"sensitivity": "gentle"}, 0.25), ({"mode": "shadow"}, 1.0)],
)
def test_a_policys_rates_are_trained_for(desk: Desk, judgement: dict[str, object], asked: float) -> None:
    assert desk.trained("--policy", str(desk.policy(judgement))) == asked


def test_a_rate_that_is_given_goes_before_the_policy(desk: Desk) -> None:
    policy = str(desk.policy({"sensitivity": "gentle"}))
    assert desk.trained("--policy", policy, "--sensitivity", "easy", "--false-locks", "2") == 2.0


def test_this_computers_policy_holds_where_none_is_named(desk: Desk) -> None:
    managed = Paths.under(desk.root).managed_dir
    managed.mkdir(parents=True)
    (managed / "10.json").write_text('{"judgement": {"false_locks_per_40h": 0.2}}', encoding="utf-8")
    assert desk.trained() == 0.2


@pytest.mark.parametrize("rate", ["0", "-1", "21", "nan"])
def test_a_rate_out_of_bounds_is_refused(desk: Desk, rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["train", str(desk.tables), "--user", "ada", "--out", "p", "--root", str(desk.root)]
    assert main([*call, "--false-locks", rate]) == 2
    assert "give 0.05 to 20 in 40 active hours" in capsys.readouterr().err


def test_fleet_trains_by_policy(desk: Desk) -> None:
    manifest = desk.folder / "users.csv"
    manifest.write_text(f"user,source\nada,{desk.tables}\n", encoding="utf-8")
    out = desk.folder / "profiles"
    policy = str(desk.policy({"false_locks_per_40h": 0.5}))
    assert (
        main(["fleet", str(manifest), "--out", str(out), "--policy", policy, "--root", str(desk.root)]) == 0
    )
    trust = load_trust(Paths.under(desk.root), local=True)
    (profile,) = out.glob("*" + SUFFIX)
    assert read_profile(profile, trust, now=utc_now()).profile.limits.asked_per_40h == 0.5
    (figures,) = out.glob("*.json")
    assert json.loads(figures.read_text(encoding="utf-8"))["false_locks_asked_per_40h"] == 0.5


def test_status_tells_where_a_profiles_own_limits_hold(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths.under(desk.root)
    desk.trained("--false-locks", "0.5")
    paths.profiles_dir.mkdir(parents=True, mode=0o700)
    (desk.folder / f"ada{SUFFIX}").rename(paths.profiles_dir / f"ada{SUFFIX}")
    (paths.profiles_dir / f"torn{SUFFIX}").write_bytes(b"PK")
    assert local_signing_key(paths).key_id
    assert Role.LOCAL in {role for _, role in load_trust(paths, local=True).keys.values()}
    monkeypatch.setattr(Paths, "of_user", classmethod(lambda _: paths))
    capsys.readouterr()
    steadyhand(["status", "--policy"])
    told = capsys.readouterr().out
    assert f"ada{SUFFIX} (rdp): its own limits hold, set for 0.5 false locks in 40 h; policy says 1" in told
    assert f"torn{SUFFIX}: limits unknown" in told
    steadyhand(["status", "--policy", "--json"])
    own = json.loads(capsys.readouterr().out)["own_limits"]
    assert {entry["profile"]: entry["asked_per_40h"] for entry in own} == {
        f"ada{SUFFIX}": 0.5,
        f"torn{SUFFIX}": None,
    }
