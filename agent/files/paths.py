"""Where every file is. Built once and handed on: nobody else asks the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from agent.files.administrators_dir import system_administrators_dir
from agent.files.command_address import command_address
from agent.files.network_home import state_dir_here
from agent.files.relay_presence import relay_address

_APP = "steadyhand"


def _session_dir(environ: Mapping[str, str]) -> Path | None:
    """The folder of the session, where there is one: what is in it decides nothing about identity."""
    folder = Path(named := environ.get("XDG_RUNTIME_DIR", ""))
    return folder / _APP if named and folder.is_absolute() and folder.is_dir() else None


@dataclass(frozen=True, slots=True)
class Paths:
    """Every folder and file that Steadyhand keeps.

    Attributes
    ----------
    config_dir, state_dir : Path
        What the user edits; what the program owns.
    administrators_dir : Path
        Policies and public keys of the administrator. No environment variable moves it.
    runtime_dir : Path or None
        What lives only as long as the session; None for the state folder.
    """

    config_dir: Path
    state_dir: Path
    administrators_dir: Path
    runtime_dir: Path | None = None

    @classmethod
    def of_user(cls) -> Paths:
        """The folders of the user who runs this, as the operating system lays them out. Makes nothing."""
        return cls(
            config_dir=platformdirs.user_config_path(_APP, appauthor=False),
            state_dir=state_dir_here(platformdirs.user_state_path(_APP, appauthor=False)),
            administrators_dir=system_administrators_dir(),
            runtime_dir=_session_dir(os.environ),
        )

    @classmethod
    def of_relay(cls, state_dir: Path) -> Paths:
        """The relay's: policy is everybody's, what it keeps is its own. It has no settings of a user."""
        return cls(state_dir / "no-settings", state_dir, system_administrators_dir())

    @classmethod
    def under(cls, root: Path) -> Paths:
        """Everything below `root`, the administrator's folder as well: for tests and the demonstration."""
        return cls(root / "config", root / "state", root / "etc")

    @property
    def settings_file(self) -> Path:
        """The user's settings, TOML."""
        return self.config_dir / "settings.toml"

    @property
    def recordings_dir(self) -> Path:
        """Encrypted recordings of enrolment."""
        return self.state_dir / "recordings"

    @property
    def profiles_dir(self) -> Path:
        """Signed profiles, one file a user and mouse configuration."""
        return self.state_dir / "profiles"

    @property
    def keys_dir(self) -> Path:
        """The keys of this computer's user."""
        return self.state_dir / "keys"

    @property
    def local_key_file(self) -> Path:
        """The private key that signs local profiles."""
        return self.keys_dir / "local.pem"

    @property
    def computer_key_file(self) -> Path:
        """The private key that signs recordings which are handed over."""
        return self.keys_dir / "computer.pem"

    @property
    def recording_key_file(self) -> Path:
        """The key that earlier recordings and the administrator's are encrypted with."""
        return self.keys_dir / "recordings.key"

    @property
    def outbox(self) -> Path:
        """Alerts that wait for delivery, SQLite."""
        return self.state_dir / "outbox.sqlite3"

    @property
    def alerts_file(self) -> Path:
        """Alerts as JSON lines, always written."""
        return self.state_dir / "alerts.jsonl"

    @property
    def chain_file(self) -> Path:
        """Where the chain of alerts stands, and how the last run ended."""
        return self.state_dir / "chain.json"

    @property
    def recordings_known_file(self) -> Path:
        """Which recordings there were at the agent's last look."""
        return self.state_dir / "recordings-known.json"

    @property
    def recordings_erased_file(self) -> Path:
        """Which recordings were about to be erased, and by whom."""
        return self.state_dir / "recordings-erased.json"

    @property
    def status_file(self) -> Path:
        """What the running agent sees, JSON."""
        return self.state_dir / "status.json"

    @property
    def day_file(self) -> Path:
        """Trust over the last 24 hours, for the status page alone."""
        return self.state_dir / "day.jsonl"

    @property
    def drills_file(self) -> Path:
        """What became of each drill, JSON lines."""
        return self.state_dir / "drills.jsonl"

    @property
    def baselines_file(self) -> Path:
        """Day baselines of the last weeks, JSON lines, for the status page alone."""
        return self.state_dir / "baselines.jsonl"

    @property
    def introduced_file(self) -> Path:
        """There once the person was told what is recorded."""
        return self.state_dir / "introduced"

    @property
    def pages_dir(self) -> Path:
        """The pages that the tray opens."""
        return self.state_dir / "pages"

    @property
    def command_socket(self) -> Path:
        """Where the running agent takes its owner's commands."""
        return command_address(self.runtime_dir or self.state_dir)

    @property
    def log_file(self) -> Path:
        """The log of a program that has no terminal (Windows)."""
        return self.state_dir / "agent.log"

    @property
    def lock_file(self) -> Path:
        """Held by the one running agent."""
        return self.state_dir / "agent.lock"

    @property
    def marks_file(self) -> Path:
        """The highest sequence seen of every profile."""
        return self.state_dir / "sequences.json"

    @property
    def marks_copy_file(self) -> Path:
        """The same once more, elsewhere: shows that the first was deleted or put back."""
        return self.keys_dir / "sequences.json"

    @property
    def fetched_policy_file(self) -> Path:
        """The administrator's signed policy, as it came from the folder that policy names."""
        return self.state_dir / "fetched.policy"

    @property
    def fetched_tags_file(self) -> Path:
        """What was fetched last, so that only what changed is transferred."""
        return self.state_dir / "fetched.json"

    @property
    def fetched_index_file(self) -> Path:
        """The signed index of the administrator's folder, as it was fetched last."""
        return self.state_dir / "fetched.index"

    @property
    def fetched_shard_file(self) -> Path:
        """The part of the index that names this account."""
        return self.state_dir / "fetched-shard.json"

    @property
    def fetched_excuse_file(self) -> Path:
        """The helpdesk's excuse from locking, as it was fetched last."""
        return self.state_dir / "fetched.excuse"

    @property
    def outgoing_dir(self) -> Path:
        """Recordings sealed for the administrator, until they are acknowledged."""
        return self.state_dir / "outgoing"

    @property
    def refused_file(self) -> Path:
        """Recordings that the receiver refused for good."""
        return self.state_dir / "refused.json"

    @property
    def handed_file(self) -> Path:
        """What was handed over to the administrator."""
        return self.state_dir / "handed.json"

    @property
    def managed_dir(self) -> Path:
        """Policy files that beat the user's settings."""
        return self.administrators_dir / "policies" / "managed"

    @property
    def recommended_dir(self) -> Path:
        """Policy files that give defaults."""
        return self.administrators_dir / "policies" / "recommended"

    @property
    def managed_preferences(self) -> Path:
        """What macOS hands out of a configuration profile; beside the other policies where those are moved."""
        if self.administrators_dir == Path("/Library/Application Support/Steadyhand"):
            return Path("/Library/Managed Preferences/org.steadyhand.agent.plist")
        return self.administrators_dir / "org.steadyhand.agent.plist"

    @property
    def relay_socket(self) -> Path:
        """Where the relay listens, if there is one; beside the policies where those are moved."""
        return relay_address(self.administrators_dir)

    @property
    def administrators_keys_dir(self) -> Path:
        """Public keys whose signatures this computer believes."""
        return self.administrators_dir / "keys"

    @property
    def devices_dir(self) -> Path:
        """What the administrator declares of mice."""
        return self.administrators_dir / "devices"
