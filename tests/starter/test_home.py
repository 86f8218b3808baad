"""The home folder: made once, private, and told apart from what somebody broke by hand."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.db import OriginKind
from schemas.errors import UnavailableError, UsageError
from starter.home import home_path, open_home, try_lock, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_first_use_makes_a_private_sample_home(tmp_path: Path) -> None:
    home = open_home(tmp_path / "deep" / "home")
    assert home.kind is OriginKind.SAMPLE
    assert home.database_url == f"sqlite:///{home.path}/ledger.db"
    assert [mode(p) for p in (home.path, home.logs, home.keys)] == [0o700] * 3
    assert mode(home.path / "home.toml") == 0o600


def test_origin_is_stable_and_differs_between_homes(tmp_path: Path) -> None:
    first = open_home(tmp_path / "a")
    assert open_home(tmp_path / "a") == first
    assert open_home(tmp_path / "b").origin.name != first.origin.name


def test_an_existing_home_keeps_its_kind(tmp_path: Path) -> None:
    assert open_home(tmp_path, OriginKind.SIMULATION).kind is OriginKind.SIMULATION
    assert open_home(tmp_path, OriginKind.REAL).kind is OriginKind.SIMULATION


def test_two_first_commands_agree_on_the_origin(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        homes = list(pool.map(lambda _: open_home(tmp_path / "home"), range(16)))
    assert len({home.origin for home in homes}) == 1
    assert not list((tmp_path / "home").glob(".home.toml-*"))


def test_a_home_that_was_too_open_is_closed_again(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.path.chmod(0o755)
    open_home(tmp_path)
    assert mode(home.path) == 0o700


def test_path_comes_from_choice_then_environment_then_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("YANGGUANG_HOME", raising=False)
    assert home_path() == tmp_path / ".yangguang"
    monkeypatch.setenv("YANGGUANG_HOME", str(tmp_path / "env"))
    assert home_path() == tmp_path / "env"
    assert home_path(tmp_path / "chosen") == tmp_path / "chosen"


def test_database_of_the_settings_is_used(tmp_path: Path) -> None:
    settings = open_home(tmp_path).path / "home.toml"
    settings.write_text(settings.read_text() + 'database = "postgresql://db.invalid/land"\n')
    assert open_home(tmp_path).database_url == "postgresql://db.invalid/land"


def test_who_signs_and_how_often_it_is_stamped(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert (home.signs, home.stamp_every) == (True, timedelta(days=1))
    settings = home.path / "home.toml"
    settings.write_text(settings.read_text() + 'signer = "elsewhere"\nstamp_hours = "6"\n')
    home = open_home(tmp_path)
    assert (home.signs, home.stamp_every) == (False, timedelta(hours=6))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ('kind = "smaple"\norigin = "x"\n', "kind"),
        ('kind = "real"\n', "origin"),
        ('kind = "real"\norigin = "x"\ncolour = "red"\n', "colour"),
        ('kind = "real"\norigin = 7\n', "origin"),
        ('kind = "real"\norigin = "x"\nsigner = "nobody"\n', "signer"),
        ('kind = "real"\norigin = "x"\nstamp_hours = "0"\n', "stamp_hours"),
        ("kind = \n", "home.toml"),
    ],
)
def test_broken_settings_are_named(tmp_path: Path, settings: str, named: str) -> None:
    (open_home(tmp_path).path / "home.toml").write_text(settings)
    with pytest.raises(UsageError, match=named):
        open_home(tmp_path)


def test_a_place_where_no_folder_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="file/home"):
        open_home(tmp_path / "file" / "home")


def test_private_files_are_replaced_whole(tmp_path: Path) -> None:
    for text in ("first", "second"):
        write_private(tmp_path / "note", text)
    assert (tmp_path / "note").read_text() == "second"
    assert mode(tmp_path / "note") == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["note"]


def test_a_lock_is_held_as_long_as_a_child_has_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    held = try_lock(lock)
    assert held is not None
    assert try_lock(lock) is None
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, pass_fds=(held,)) as child:
        os.close(held)
        assert try_lock(lock) is None
        child.communicate(b"\n")
    assert (again := try_lock(lock)) is not None
    os.close(again)
