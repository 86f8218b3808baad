"""The demonstration: whole runs today and over the year end, and what it does when a story does not hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli import demo
from ledger.db import OriginKind
from ledger.verify import verify_url
from rules.calendar import is_workday, next_workday
from rules.limits import deadline
from schemas.clocks import Clock, ClockKind
from schemas.errors import ConflictError, UsageError
from starter import story, story_checks
from starter.home import open_home
from starter.rulebook import calendar_for, item_of, load_profile
from starter.story_chapters import CHAPTERS, LAST
from starter.story_setting import OPENING, Setting, setting_from
from starter.story_teller import Teller

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
PROFILE = load_profile("current")
TODAY = datetime.now(ZONE).date()
NOW = datetime.combine(TODAY, time(8), tzinfo=ZONE)


def coming(month: int, day: int) -> date:
    """The next such day of the solar year, today included."""
    this_year = date(TODAY.year, month, day)
    return this_year if this_year >= TODAY else this_year.replace(year=TODAY.year + 1)


LATE_DECEMBER = coming(12, 28)

DAYS = {"default": None, "28 December": LATE_DECEMBER}


def begun(folder: Path, day: date | None) -> subprocess.Popen[str]:
    """A demonstration in a process of its own, whose environment names another engine and database."""
    elsewhere = {
        "TEMPORAL_ADDRESS": "127.0.0.1:9",
        "YANGGUANG_DATABASE_URL": f"sqlite:///{folder / 'not.db'}",
    }
    line = [sys.executable, "-m", "cli.main", "--home", str(folder), "demo", "--json", "--keep"]
    return subprocess.Popen(
        [*line, *(["--from", day.isoformat()] if day else [])],
        cwd=ROOT,
        env={**os.environ, **elsewhere},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


Run = tuple[int, dict[str, Any], str, Path]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """All runs at once: exit code, document, progress and folder of each."""
    folders = {name: tmp_path_factory.mktemp("home") for name in DAYS}
    done: dict[str, Run] = {}
    processes = {name: begun(folders[name], day) for name, day in DAYS.items()}
    try:
        for name, process in processes.items():
            out, err = process.communicate()
            assert out, err
            done[name] = process.returncode, json.loads(out), err, folders[name]
    finally:
        for process in processes.values():
            process.kill()
    return done


@pytest.mark.parametrize("name", DAYS)
def test_the_story_holds_whatever_the_day(runs: dict[str, Run], name: str) -> None:
    code, document, progress, folder = runs[name]
    wrong = [each for checks in document["checks"].values() for each in checks if not each["holds"]]
    assert (code, wrong, document["as_told"]) == (0, [], True)
    assert {matter["chapter"] for matter in document["matters"]} == {each.key for each in (*CHAPTERS, LAST)}
    start = datetime.fromisoformat(document["start"])
    assert (start.time(), is_workday(calendar(start.date()), start.date())) == (OPENING, True)
    assert start.date() >= (DAYS[name] or TODAY)
    assert str(folder / demo.FOLDER) in progress


@pytest.mark.parametrize("name", DAYS)
def test_it_has_a_ledger_of_its_own(runs: dict[str, Run], name: str) -> None:
    _, document, _, folder = runs[name]
    kept = open_home(folder / demo.FOLDER)
    report = verify_url(kept.database_url)
    assert kept.kind is OriginKind.SIMULATION
    assert (report.verified, report.entries) == (True, document["ledger"]["entries"])
    assert sorted(path.name for path in folder.iterdir()) == ["demo", "demo.lock"]


def test_the_document_names_people_dates_and_commands(runs: dict[str, Run]) -> None:
    _, document, _, _ = runs["28 December"]
    told = {matter["chapter"]: matter for matter in reversed(document["matters"])}
    red = next(card for card in told["chaoqi"]["cards"] if card["code"] == "R1")
    issued = [row for row in told["chaoqi"]["timeline"] if row["type"] == "card.issued"]
    start = datetime.fromisoformat(document["start"]).date()
    fifth = start
    for _ in range(5):
        fifth = next_workday(calendar(start), fifth)
    assert red["issue_day"] == fifth.isoformat()
    assert "王迎春 1101、赵亲和 1103、孙明远 1003" in issued[-1]["said"]
    lines = [ran["line"] for ran in told["mingling"]["commands"]]
    assert [line.split()[:3] for line in lines] == [
        ["temporal", "workflow", "signal"],
        ["temporal", "workflow", "signal"],
        ["temporal", "workflow", "update"],
    ]
    assert [duty["officer"] for duty in told["zixun"]["duties"]] == ["1101", "1201"]


# -- when the story does not hold ------------------------------------------------------------


async def breaks_off(t: Teller) -> None:
    await t.receives(story.MORTGAGE, "半途公司", post="window-clerk")
    await t.act("accept", "registry-chief")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YANGGUANG_HOME", str(tmp_path))
    return tmp_path / demo.FOLDER


def test_what_is_not_as_told_fails_the_run_and_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One expectation is false, one chapter breaks off; the third is told to its end all the same."""
    chapters = {chapter.key: chapter for chapter in CHAPTERS}
    broken = replace(chapters["chaoqi"], key="broken", tell=breaks_off)
    monkeypatch.setattr(story_checks, "SAVED", story_checks.PROMISED)
    monkeypatch.setattr(demo, "CHAPTERS", (chapters["zixun"], chapters["diya"], broken))
    left = open_home(home, OriginKind.SIMULATION).path / "left by an earlier run"
    left.touch()

    ended = CliRunner().invoke(demo.app, [])

    crosses = [line for line in ended.stdout.splitlines() if "✗" in line]
    assert ended.exit_code == 1
    assert "半途公司" not in ended.output
    assert ["节省工作日" in line or "讲完" in line for line in crosses] == [True, True]
    assert "wrong_role" not in ended.stdout
    assert "无权" in ended.stdout
    assert "责任不断 / no gap in it   是 yes" in ended.stdout
    assert "2 项不符 / not as told" in ended.stdout
    assert (home.exists(), left.exists()) == (True, False)


def test_a_run_as_told_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inquiry = next(chapter for chapter in CHAPTERS if chapter.key == "zixun")
    monkeypatch.setattr(demo, "CHAPTERS", (inquiry,))
    ended = CliRunner().invoke(demo.app, [])
    assert ended.exit_code == 0, ended.output
    assert "王迎春 1101" in ended.stdout
    assert "● 绿灯 green" in ended.stdout
    assert not home.exists()


# -- its home ----------------------------------------------------------------------------------


def test_two_demonstrations_do_not_share_a_home(tmp_path: Path) -> None:
    with demo.own_home(tmp_path / "demo"), pytest.raises(ConflictError), demo.own_home(tmp_path / "demo"):
        pass
    with demo.own_home(tmp_path / "demo"):
        pass


@pytest.mark.parametrize("kind", [None, OriginKind.SAMPLE, OriginKind.REAL])
def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path, kind: OriginKind | None) -> None:
    path = tmp_path / "demo"
    path.mkdir()
    if kind:
        open_home(path, kind)
    (path / "work").touch()
    with pytest.raises(ConflictError), demo.own_home(path):
        pass
    assert (path / "work").exists()


def test_the_environment_is_out_of_reach_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("TEMPORAL_ADDRESS", "TEMPORAL_API_KEY", "YANGGUANG_DATABASE_URL")
    for name in names:
        monkeypatch.setenv(name, "elsewhere")
    with demo.own_home(tmp_path / "demo"):
        assert not [name for name in names if name in os.environ]
    assert [os.environ[name] for name in names] == ["elsewhere"] * 3


# -- the story's dates, on any day ---------------------------------------------------------------


def calendar(day: date) -> Any:
    return calendar_for(PROFILE, day, day + timedelta(days=60))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2039, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_story_begins_on_the_first_working_day_at_opening_time(now: datetime) -> None:
    setting, today = setting_from(None, now), now.astimezone(ZONE).date()
    first = setting.day(0)
    assert setting.start > now
    assert is_workday(calendar(first), first)
    assert setting.start == datetime.combine(first, OPENING, tzinfo=ZONE)
    if first > today:
        passed = now + timedelta(minutes=1) > datetime.combine(today, OPENING, tzinfo=ZONE)
        assert passed or not is_workday(calendar(today), today)
        assert next_workday(calendar(today), today) == first


def test_the_story_can_be_told_from_any_day() -> None:
    """Days counted one by one are those of the clock algebra; the red card comes before the promise ends."""
    item, limits = item_of(PROFILE, story.MORTGAGE), PROFILE.thresholds
    assert item.promise is not None
    stage, promise = item.stages[0].limit, item.promise
    yellow = stage.n + 1
    red = yellow + limits.rectify.n + 1
    for ahead in range(800):
        setting = setting_from(TODAY + timedelta(days=ahead), NOW)
        assert due(setting, ClockKind.STAGE, setting.day(0), stage) == setting.day(stage.n)
        assert due(setting, ClockKind.PROMISE, setting.day(0), promise) == setting.day(promise.n)
        assert due(setting, ClockKind.RECTIFY, setting.day(yellow), limits.rectify) == setting.day(red - 1)
        assert setting.day(red) <= setting.day(promise.n)
        assert setting.end_of(promise.n) < setting.at(promise.n + 1, "09:00")


def due(setting: Setting, kind: ClockKind, start: date, limit: Any) -> date | None:
    return deadline(Clock(kind=kind, start=start, limit=limit), setting.calendar, warn_divisor=10).due


@pytest.mark.parametrize("wanted", [TODAY - timedelta(days=1), TODAY + timedelta(days=366 * 6)])
def test_a_story_in_the_past_or_too_far_ahead_is_refused(wanted: date) -> None:
    with pytest.raises(UsageError) as refused:
        setting_from(wanted, NOW)
    assert refused.value.code == "bad_day"
