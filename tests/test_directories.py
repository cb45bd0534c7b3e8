"""Where our own files are: absolute, whatever the environment says."""

from __future__ import annotations

import os

import pytest

from shellhook import directories

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has folders of its own")


@posix
@pytest.mark.parametrize(
    ("environ", "directory"),
    [
        ({"XDG_STATE_HOME": "/var/state", "HOME": "/home/me"}, "/var/state/shellhook"),
        ({"HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "state", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "./state", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
        ({"XDG_STATE_HOME": "~/state", "HOME": "/home/me"}, "/home/me/.local/state/shellhook"),
    ],
)
def test_state(environ: dict[str, str], directory: str) -> None:
    assert directories.state(environ) == directory


DATA = [
    ({}, "/home/me/.local/share/shellhook"),
    ({"XDG_DATA_HOME": "/data"}, "/data/shellhook"),
    ({"XDG_DATA_HOME": "relative"}, "/home/me/.local/share/shellhook"),
    ({"XDG_DATA_HOME": ""}, "/home/me/.local/share/shellhook"),
]


@posix
@pytest.mark.parametrize(("variables", "path"), DATA)
def test_data(variables: dict[str, str], path: str) -> None:
    assert directories.data({"HOME": "/home/me", **variables}) == path
