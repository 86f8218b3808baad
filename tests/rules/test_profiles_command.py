"""`yangguang profile`: what the clerk who keeps the rules gets to see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.profile import app
from starter.rulebook import load_profile


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "mine" / "items"
    folder.mkdir(parents=True)
    (tmp_path / "mine" / "profile.yaml").write_text(
        "extends: current\nid: mine\nversion: '1'\neffective_from: 2026-01-01\n", "utf-8"
    )
    (folder / "LX-DJ-01.yaml").write_text("code: LX-DJ-01\npromise: {n: 50}\n", "utf-8")
    return tmp_path


def test_check_names_what_was_not_compared() -> None:
    told = run("check")
    assert "current: 可用 / fit to govern, 15 个事项 / items" in told
    assert "未比较 / not compared: items.LX-KC-01.promise: 承诺时限按工作日，法定时限按日" in told


def test_check_for_programs() -> None:
    (told,) = json.loads(run("check", "laixi2008", "--json"))["profiles"]
    assert told["ok"] is True
    assert told["sha256"] == load_profile("laixi2008").sha256
    assert told["problems"] == []
    assert "items.LX-DJ-01.promise" in [each["key"] for each in told["skipped"]]


def test_check_ends_with_2_where_a_profile_is_unfit(broken: Path) -> None:
    told = run("check", "--rules", str(broken), code=2)
    assert "current: 可用 / fit to govern" in told
    assert (
        "mine: 1 处问题 / problems\n  mine/items/LX-DJ-01.yaml: items.LX-DJ-01.promise: 承诺时限 50" in told
    )


def test_check_tells_programs_the_problems(broken: Path) -> None:
    (told,) = json.loads(run("check", "mine", "--rules", str(broken), "--json", code=2))["profiles"]
    assert (told["ok"], told["sha256"]) == (False, None)
    assert [(each["file"], each["key"]) for each in told["problems"]] == [
        ("mine/items/LX-DJ-01.yaml", "items.LX-DJ-01.promise")
    ]


def test_list_says_which_can_be_used(broken: Path) -> None:
    lines = run("list", "--rules", str(broken)).splitlines()
    names = [line.split("\t")[0] for line in lines[1:]]
    assert names == ["current", "laixi2008", "laixi2008-reversed", "mine"]
    assert lines[1].endswith("可用 / fit")
    assert lines[4].endswith("不可用：1 处 / 1 problems")
    told: dict[str, Any] = json.loads(run("list", "--rules", str(broken), "--json"))
    assert [each["ok"] for each in told["profiles"]] == [True, True, True, False]


def test_show_lists_items_with_their_limits() -> None:
    rows = {line.split("\t")[0]: line.split("\t") for line in run("show").splitlines()}
    assert rows["LX-DJ-01"][1:] == [
        "国有建设用地使用权抵押登记 / Mortgage of state land use right",
        "承诺件 / promised",
        "0 工作日 / working days",
        "5 工作日 / working days",
        "30 工作日 / working days",
        "–",
        "W1 H2 R1 C1",
        "≤ 550.00 元 / yuan",
    ]
    assert rows["LX-KC-01"][5] == "40 日 / calendar days"
    assert rows["LX-DJ-03"][8] == "零收费 / free"


def test_show_one_item_with_every_basis() -> None:
    told = run("show", "laixi2008", "--item", "LX-DJ-01")
    assert "法定 / statute\t20 日 / calendar days\t土地登记办法 第19条" in told
    assert "value\t抵押物价值说明 / Value statement\t可容缺 / may follow" in told
    assert "延期 / extension: 10 土地登记办法 第19条" in told


def test_show_for_programs() -> None:
    assert json.loads(run("show", "--json")) == load_profile("current").model_dump(mode="json")
    assert json.loads(run("show", "--item", "LX-CX-01", "--json"))["code"] == "LX-CX-01"
