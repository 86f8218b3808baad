"""`yangguang init`: a real home is made once, for one ledger, and holds nothing invented."""

from __future__ import annotations

import json
from pathlib import Path

from ledger.db import OriginKind
from starter.home import open_home
from tests.commands import yangguang


def test_a_real_home_is_made_with_its_settings(tmp_path: Path) -> None:
    said = yangguang("--home", tmp_path / "h", "init", "--admin", "8102", "--auditor", "8101", "--json")
    told = json.loads(said.stdout)
    home = open_home(tmp_path / "h")
    assert (told["kind"], home.kind) == ("real", OriginKind.REAL)
    assert told["origin"] == home.origin.name
    assert (home.admins, home.auditors) == (("8102",), ("8101",))


def test_a_home_is_made_once(tmp_path: Path) -> None:
    """Whatever kind it is: another ledger would not be the one that was signed."""
    open_home(tmp_path / "h", OriginKind.SAMPLE)
    told = yangguang("--home", tmp_path / "h", "init", "--json")
    assert told.returncode == 5
    assert json.loads(told.stdout)["code"] == "home_exists"
    assert open_home(tmp_path / "h").kind is OriginKind.SAMPLE


def test_a_wrong_setting_leaves_nothing_half_made(tmp_path: Path) -> None:
    """Corrected, the same command makes the home."""
    told = yangguang("--home", tmp_path / "h", "init", "--admin", 'a"\nkind = "sample')
    assert told.returncode == 2
    assert not (tmp_path / "h" / "home.toml").exists()
    assert yangguang("--home", tmp_path / "h", "init", "--admin", "a").returncode == 0
    assert open_home(tmp_path / "h").kind is OriginKind.REAL
