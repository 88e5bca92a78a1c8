"""What changes on disk while the agent runs: what holds at once, and what only a new start can take up."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.config.loading import Configuration, load_configuration
from agent.engine.mouse import MouseConfiguration
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.runtime.central.administration import Administration

FIRST = "[judgement]\nmode = 'shadow'\n"


class Office:
    """An administration, and everything that followed."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths.under(private_dir(folder / "user"))
        private_dir(self.paths.config_dir)
        self.settings(FIRST)
        self.ruled: list[Configuration] = []
        self.begun_anew = self.profiles_taken = 0
        self.alerts: list[tuple[AlertKind, str]] = []
        configuration = load_configuration(self.paths)
        self.administration = Administration(
            self.paths,
            "ada",
            configuration,
            self,
            None,  # type: ignore[arg-type]
            lambda: None,
            self,
        )

    def settings(self, text: str) -> None:
        self.paths.settings_file.write_text(text)

    def connected(self) -> tuple[MouseConfiguration, ...]:
        return ()

    def apply_configuration(self, configuration: Configuration) -> None:
        self.ruled.append(configuration)

    def request_restart(self) -> None:
        self.begun_anew += 1

    def profiles_fetched(self) -> None:
        self.profiles_taken += 1

    def report(self, kind: AlertKind, message: str) -> None:
        self.alerts.append((kind, message))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_nothing_new_changes_nothing(office: Office) -> None:
    office.administration.take_policy()
    assert (office.ruled, office.begun_anew) == ([], 0)


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("[judgement]\nmode = 'enforce'\n", 0),
        ("[response]\ncountdown_s = 9\n", 0),
        ("[alerts]\nheartbeat_rate = false\n", 0),
        ("[alerts]\njournald = true\n", 1),
        ("[response]\nlockers = ['i3lock']\n", 1),
    ],
)
def test_a_change_holds_once_and_begins_anew_only_where_it_must(office: Office, text: str, anew: int) -> None:
    office.settings(text)
    for _ in range(2):
        office.administration.take_policy()
    (ruled,) = office.ruled
    assert ruled == load_configuration(office.paths) == office.administration.configuration
    assert office.begun_anew == anew


def test_a_bad_edit_leaves_the_defaults_and_is_a_problem(office: Office) -> None:
    office.settings("[judgement]\nmode = 'fierce'\n")
    office.administration.take_policy()
    assert "fierce" in office.administration.configuration.problems[0]


def test_what_is_refused_and_what_came_is_told_by_its_kind(office: Office) -> None:
    office.administration.refused(True, "bad policy")
    office.administration.refused(False, "bad profile")
    office.administration.fetched(["Desk Mouse: sequence 5"])
    assert [kind for kind, _ in office.alerts] == [
        AlertKind.POLICY_REJECTED,
        AlertKind.PROFILE_REJECTED,
        AlertKind.PROFILE_FETCHED,
    ]
