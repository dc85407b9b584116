"""Where the command's own folders are, on each platform."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sealwright_cli.surroundings import cache_folder, state_folder

HOME = Path("/home/ann")
LOCAL = {"LOCALAPPDATA": "/local"}


@pytest.mark.parametrize(
    ("folder", "environ", "platform", "expected"),
    [
        (cache_folder, {"XDG_CACHE_HOME": "/caches"}, "linux", "/caches/sealwright"),
        (cache_folder, {"XDG_CACHE_HOME": "not/absolute"}, "linux", "/home/ann/.cache/sealwright"),
        (cache_folder, {}, "darwin", "/home/ann/Library/Caches/sealwright"),
        (cache_folder, {}, "win32", "/home/ann/AppData/Local/sealwright/Cache"),
        (cache_folder, LOCAL, "win32", "/local/sealwright/Cache"),
        (state_folder, {"XDG_STATE_HOME": "/states"}, "darwin", "/states/sealwright"),
        (state_folder, {}, "linux", "/home/ann/.local/state/sealwright"),
        (state_folder, {}, "darwin", "/home/ann/Library/Application Support/sealwright"),
        (state_folder, LOCAL, "win32", "/local/sealwright/State"),
    ],
)
def test_a_folder_is_named_or_the_platforms(
    folder: Callable[..., Path], environ: dict[str, str], platform: str, expected: str
) -> None:
    assert folder(environ, HOME, platform) == Path(expected)
