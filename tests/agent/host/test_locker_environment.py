"""What lockers are started with: nothing that loads code or reads files of somebody's choice."""

from __future__ import annotations

import os
import pwd
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("lockers are Linux's", allow_module_level=True)

from agent.host.linux.lockers.environment import locker_environment


def test_the_display_and_the_language_are_passed_on_and_nothing_else() -> None:
    environ = {
        "DISPLAY": ":0",
        "LANG": "de_AT.UTF-8@euro",
        "LANGUAGE": "de:en",
        "PATH": "/home/ada/bin",
        "HOME": "/tmp/mine",
        "LD_PRELOAD": "/tmp/x.so",
        "XSECURELOCK_AUTH": "/tmp/x",
        "GTK_MODULES": "x",
        "LOCPATH": "/tmp",
        "NLSPATH": "/tmp/%N",
    }
    made = locker_environment(environ)
    assert made == {
        "DISPLAY": ":0",
        "LANG": "de_AT.UTF-8@euro",
        "LANGUAGE": "de:en",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": pwd.getpwuid(os.getuid()).pw_dir,
    }


@pytest.mark.parametrize("name", ["LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME"])
@pytest.mark.parametrize("text", ["/tmp/mine", "../../../tmp/mine", "de%n", "", "a" * 65])
def test_a_language_that_is_a_path_is_not(name: str, text: str) -> None:
    assert name not in locker_environment({name: text})
