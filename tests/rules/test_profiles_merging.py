"""Profiles that extend another, and calendars of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from starter.rulebook import calendar_for, load_profile, rules_for
from tests.rules.profile_folders import OVERRIDE, Rows, copied, extending, problems, replace

BASIS = "basis: 某法 第1条"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


def test_merging_replaces_adds_and_keeps(tmp_path: Path) -> None:
    main = OVERRIDE + (
        "thresholds: {max_returns: 3}\n"
        f"grounds:\n  - {{code: flood, name: 洪水, name_en: Flood, {BASIS}, outside_body: true}}\n"
    )
    changed = (
        "promise: {n: 9}\n"
        "stages:\n  - {code: H, limit: {n: 4}}\n"
        "suspension_grounds: [flood]\n"
        "extension_max: 0\n"
    )
    extending(tmp_path, "mine", main, {"LX-LS-01": changed})
    shipped, mine = load_profile("current"), load_profile("mine", tmp_path)
    old, new = ({item.code: item for item in each.items} for each in (shipped, mine))
    assert mine.thresholds == shipped.thresholds.model_copy(update={"max_returns": 3})
    assert [ground.code for ground in mine.grounds] == [*(ground.code for ground in shipped.grounds), "flood"]
    item = new.pop("LX-LS-01")
    assert item.promise is not None
    assert (item.promise.n, item.promise.basis) == (9, "服务承诺")
    assert [stage.limit.n for stage in item.stages] == [1, 4, 1, 1]
    assert item.suspension_grounds == ("flood",)
    assert new == {code: each for code, each in old.items() if code != "LX-LS-01"}


def test_a_new_item_comes_last(tmp_path: Path) -> None:
    stage = "{code: W, name: 办, name_en: Do, role: window, post: window-clerk, limit: {n: 1, basis: 某法}}"
    item = (
        "name: 新事项\nname_en: New item\ntype: promised\nbasis: [某法]\nfee: {max_fen: null}\n"
        f"acceptance: {{n: 5, {BASIS}}}\nstatutory: null\npromise: null\ndelivery: null\n"
        f"stages:\n  - {stage}\n"
    )
    extending(tmp_path, "mine", OVERRIDE, {"AA-01": item})
    mine = load_profile("mine", tmp_path)
    assert [each.code for each in mine.items][-1] == "AA-01"
    assert rules_for(mine, "AA-01", mine.effective_from).item == mine.items[-1]


def test_officers_merge_by_staff_number(tmp_path: Path) -> None:
    extending(tmp_path, "mine", OVERRIDE)
    (tmp_path / "mine" / "organisation.yaml").write_text(
        'officers:\n  - {staff_no: "1001", name: 新局长}\n', "utf-8"
    )
    shipped, mine = load_profile("current"), load_profile("mine", tmp_path)
    assert mine.officers[0].name == "新局长"
    assert mine.officers[1:] == shipped.officers[1:]


def test_a_code_given_twice_in_an_override_is_found(tmp_path: Path) -> None:
    extending(tmp_path, "mine", OVERRIDE)
    (tmp_path / "mine" / "organisation.yaml").write_text(
        'officers:\n  - {staff_no: "1001", name: 甲}\n  - {staff_no: "1001", name: 乙}\n', "utf-8"
    )
    assert problems(tmp_path) == [
        ("mine/organisation.yaml", "officers.1001", "代码重复 / the code is given twice")
    ]


def test_a_problem_is_told_of_the_file_that_has_the_last_word(tmp_path: Path) -> None:
    extending(tmp_path, "mine", OVERRIDE, {"LX-DJ-01": "promise: {n: 4}\n"})
    ((file, key, _),) = problems(tmp_path)
    assert (file, key) == ("mine/items/LX-DJ-01.yaml", "items.LX-DJ-01.stages")


def test_a_problem_made_elsewhere_is_told_of_the_shipped_file(tmp_path: Path) -> None:
    extending(tmp_path, "mine", OVERRIDE)
    (tmp_path / "mine" / "organisation.yaml").write_text(
        "posts:\n  - {code: disclosure-chief, roles: [chief]}\n", "utf-8"
    )
    ((file, key, _),) = problems(tmp_path)
    assert (file, key) == ("current/items/LX-GK-01.yaml", "items.LX-GK-01.stages.R.post")


EXTENDS: list[tuple[str, str, Rows]] = [
    (
        "itself",
        OVERRIDE.replace("current", "mine"),
        [("mine/profile.yaml", "extends", "规则版本 mine 引用了自己 / profile mine extends itself")],
    ),
    (
        "a number",
        OVERRIDE.replace("current", "2008"),
        [("mine/profile.yaml", "extends", "必须是规则版本的名称 / must be the name of a profile")],
    ),
    (
        "nothing there",
        OVERRIDE.replace("current", "nowhere"),
        [
            (
                "mine/profile.yaml",
                "extends",
                "没有规则版本 nowhere，现有：current, laixi2008, laixi2008-reversed, mine / "
                "there is no profile nowhere; there are: current, laixi2008, laixi2008-reversed, mine",
            )
        ],
    ),
    (
        "without identity",
        "extends: current\nid: mine\n",
        [
            ("mine/profile.yaml", "version", "缺少 / is missing"),
            ("mine/profile.yaml", "effective_from", "缺少 / is missing"),
        ],
    ),
]


@pytest.mark.parametrize(("main", "wanted"), [row[1:] for row in EXTENDS], ids=[row[0] for row in EXTENDS])
def test_wrong_extensions(tmp_path: Path, main: str, wanted: Rows) -> None:
    assert problems(extending(tmp_path, "mine", main)) == wanted


def test_two_profiles_cannot_extend_each_other(tmp_path: Path) -> None:
    extending(tmp_path, "mine", OVERRIDE.replace("current", "yours"))
    extending(tmp_path, "yours", OVERRIDE.replace("current", "mine").replace("id: mine", "id: yours"))
    assert problems(tmp_path) == [
        ("yours/profile.yaml", "extends", "规则版本 mine 引用了自己 / profile mine extends itself")
    ]


def test_the_problems_of_what_is_extended_are_told(root: Path) -> None:
    replace(root / "mine" / "profile.yaml", "max_returns: 2", "max_returns: 0")
    extending(root, "yours", OVERRIDE.replace("current", "mine").replace("id: mine", "id: yours"))
    ((file, key, _),) = problems(root, "yours")
    assert (file, key) == ("mine/profile.yaml", "thresholds.max_returns")


def test_calendars_of_ones_own(root: Path) -> None:
    folder = root / "calendars" / "village"
    folder.mkdir(parents=True)
    (folder / "provisional.yaml").write_text(
        "jurisdiction: village\ntimezone: Asia/Shanghai\nsource: 村规\n"
        "holidays:\n  - {name: fair, month: 6, day: 16, days: 1}\n",
        "utf-8",
    )
    replace(root / "mine" / "profile.yaml", "calendar: CN", "calendar: village")
    mine = load_profile("mine", root)
    first = mine.effective_from.replace(year=2026)
    calendar = calendar_for(mine, first.replace(month=1), first.replace(month=12), root)
    assert [str(day) for day in calendar.days_off] == ["2026-06-16"]
    assert rules_for(mine, None, first, root).calendar.jurisdiction == "village"


def test_a_broken_calendar_makes_the_profile_unfit(root: Path) -> None:
    folder = root / "calendars" / "village"
    folder.mkdir(parents=True)
    (folder / "provisional.yaml").write_text("holidays: [\n", "utf-8")
    replace(root / "mine" / "profile.yaml", "calendar: CN", "calendar: village")
    ((file, key, reason),) = problems(root)
    assert (file, key) == ("mine/profile.yaml", "calendar")
    assert reason.startswith("provisional.yaml: 第 2 行")
