"""Where the relay is looked for, and what counts as there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.files.relay_presence import relay_address, relay_is_installed

PIPE = Path("\\\\.\\pipe\\steadyhand-relay")
KEY = r"SYSTEM\CurrentControlSet\Services\SteadyhandRelay"


class Registry:
    """`winreg` with one key, or none, or one that is closed to this account."""

    HKEY_LOCAL_MACHINE = 3

    def __init__(self, error: type[OSError] | None = None) -> None:
        self._error = error
        self.closed = 0

    def OpenKey(self, top: int, key: str) -> Any:
        assert (top, key) == (3, KEY)
        if self._error:
            raise self._error("no")
        return self

    def Close(self) -> None:
        self.closed += 1


def test_a_socket_counts_once_it_is_there(tmp_path: Path) -> None:
    assert not relay_is_installed(tmp_path / "relay")
    (tmp_path / "relay").touch()
    assert relay_is_installed(tmp_path / "relay")


@pytest.mark.parametrize(
    ("error", "is_there"), [(None, True), (FileNotFoundError, False), (PermissionError, True)]
)
def test_on_windows_the_service_counts_and_not_its_pipe(error: type[OSError] | None, is_there: bool) -> None:
    registry = Registry(error)
    assert relay_is_installed(PIPE, registry) is is_there
    assert registry.closed == (error is None)


def test_where_the_policies_are_moved_the_relay_is_beside_them(tmp_path: Path) -> None:
    assert relay_address(tmp_path) == tmp_path / "relay"
    assert relay_address(Path("/etc/steadyhand")) == Path("/run/steadyhand/relay")
