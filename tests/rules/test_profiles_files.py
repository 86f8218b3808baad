"""Profiles as people leave them: every mistake is named by file, key and reason, and none gets through."""

from __future__ import annotations

import os
import shutil
from importlib import resources
from pathlib import Path

import pytest

from schemas.errors import UsageError
from starter.rulebook import calendar_for, examine, list_profiles, load_profile, rules_for

BASIS = "basis: 某法 第1条"
OVERRIDE = "extends: current\nid: mine\nversion: '1'\neffective_from: 2026-01-01\n"
Rows = list[tuple[str, str, str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a copy of the shipped profile under the name `mine`."""
    with resources.as_file(resources.files("rules").joinpath("profiles", "current")) as shipped:
        shutil.copytree(shipped, tmp_path / "mine")
    main = tmp_path / "mine" / "profile.yaml"
    main.write_text(main.read_text("utf-8").replace("id: current", "id: mine"), "utf-8")
    return tmp_path


def problems(root: Path, name: str = "mine") -> Rows:
    profile, found = examine(name, root)
    assert (profile is None) == bool(found)
    return [(problem.file, problem.key, problem.reason) for problem in found]


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_copy_of_the_shipped_profile_is_fit(root: Path) -> None:
    assert problems(root) == []
    assert list_profiles(root) == ["current", "laixi2008", "mine"]
    assert load_profile("mine", root).sha256 != load_profile("current").sha256


def test_a_profile_of_ones_own_goes_before_the_shipped_one(root: Path) -> None:
    shutil.move(root / "mine", root / "current")
    replace(root / "current" / "profile.yaml", "id: mine", "id: current")
    replace(root / "current" / "profile.yaml", 'version: "2021.1"', 'version: "own"')
    assert load_profile("current", root).version == "own"
    assert load_profile("current").version == "2021.1"


WHOLE_FILES: list[tuple[str, str, bytes, str, str]] = [
    ("empty", "organisation.yaml", b"", "", "文件是空的 / the file is empty"),
    ("comments only", "organisation.yaml", b"# nothing\n", "", "文件是空的 / the file is empty"),
    ("a list", "organisation.yaml", b"- a\n- b\n", "", "应为键值表 / expected a mapping of keys to values"),
    ("a word", "organisation.yaml", b"sections\n", "", "应为键值表 / expected a mapping of keys to values"),
    (
        "wrong encoding",
        "organisation.yaml",
        "sections: 科室".encode("gb18030"),
        "",
        "不是 UTF-8 编码 / not UTF-8 text (byte 10)",
    ),
    (
        "UTF-16",
        "organisation.yaml",
        "sections: []".encode("utf-16"),
        "",
        "不是 UTF-8 编码 / not UTF-8 text (byte 0)",
    ),
    (
        "duplicate key",
        "organisation.yaml",
        b"sections: []\nposts: []\nsections: []\n",
        "",
        "第 3 行 / line 3: 键 sections 重复 / key sections is given twice",
    ),
    (
        "duplicate key inside",
        "items/LX-DJ-01.yaml",
        b"code: LX-DJ-01\npromise: {n: 5, n: 50}\n",
        "",
        "第 2 行 / line 2: 键 n 重复 / key n is given twice",
    ),
    (
        "reference",
        "organisation.yaml",
        b"sections: &s []\nposts: *s\n",
        "",
        "第 2 行 / line 2: 不能引用别处 (*) / a reference (*) is not allowed",
    ),
    (
        "tag",
        "organisation.yaml",
        b"sections: !!python/object:os.system []\n",
        "",
        "第 1 行 / line 1: 不能指定类型 (!) / a tag (!) is not allowed",
    ),
    (
        "a list as key",
        "organisation.yaml",
        b"? [a, b]\n: 1\n",
        "",
        "第 1 行 / line 1: 键必须是文字 / a key must be a plain word",
    ),
    (
        "broken",
        "organisation.yaml",
        b"sections: [\n",
        "",
        "第 2 行 / line 2: 不是有效的 YAML / not valid YAML: expected the node content, but found '<stream end>'",
    ),
    (
        "two documents",
        "organisation.yaml",
        b"sections: []\n---\nposts: []\n",
        "",
        "第 2 行 / line 2: 不是有效的 YAML / not valid YAML: but found another document",
    ),
    (
        "control character",
        "organisation.yaml",
        b"sections: \x07\n",
        "",
        "不是有效的 YAML / not valid YAML: unacceptable character #x0007: special characters are not allowed",
    ),
    ("endless nesting", "organisation.yaml", b"[" * 5000, "", "嵌套过深 / nested too deeply"),
    (
        "another file",
        "rules.yml",
        b"items: []\n",
        "",
        "不是规则版本的文件 / not a file of a profile",
    ),
    (
        "item under another name",
        "items/LX-DJ-99.yaml",
        b"code: LX-DJ-01\n",
        "code",
        "必须与文件名相同 / must be the name of the file",
    ),
    (
        "key of another file",
        "organisation.yaml",
        b"thresholds: {}\n",
        "thresholds",
        "不认识的键 / unknown key",
    ),
]


@pytest.mark.parametrize(
    ("file", "content", "key", "reason"),
    [row[1:] for row in WHOLE_FILES],
    ids=[row[0] for row in WHOLE_FILES],
)
def test_unreadable_files(root: Path, file: str, content: bytes, key: str, reason: str) -> None:
    (root / "mine" / file).write_bytes(content)
    assert problems(root) == [(f"mine/{file}", key, reason)]


IN_FILES: list[tuple[str, str, str, str, str, str]] = [
    (
        "unknown key",
        "items/LX-DJ-01.yaml",
        "type: promised",
        "type: promised\npromis: {n: 3}",
        "items.LX-DJ-01.promis",
        "不认识的键 / unknown key",
    ),
    (
        "unknown key in a limit",
        "items/LX-DJ-01.yaml",
        "promise: {n: 5,",
        "promise: {n: 5, days: 5,",
        "items.LX-DJ-01.promise.days",
        "不认识的键 / unknown key",
    ),
    (
        "missing key",
        "items/LX-DJ-01.yaml",
        "name_en: Mortgage of state land use right\n",
        "",
        "items.LX-DJ-01.name_en",
        "缺少 / is missing",
    ),
    (
        "text for a number",
        "items/LX-DJ-01.yaml",
        "promise: {n: 5,",
        'promise: {n: "5",',
        "items.LX-DJ-01.promise.n",
        "值不合要求 / Input should be a valid integer",
    ),
    (
        "fraction of a day",
        "items/LX-DJ-01.yaml",
        "promise: {n: 5,",
        "promise: {n: 4.5,",
        "items.LX-DJ-01.promise.n",
        "值不合要求 / Input should be a valid integer",
    ),
    (
        "negative limit",
        "items/LX-DJ-01.yaml",
        "promise: {n: 5,",
        "promise: {n: -5,",
        "items.LX-DJ-01.promise.n",
        "值不合要求 / Input should be greater than or equal to 0",
    ),
    (
        "limit that is a word",
        "items/LX-DJ-01.yaml",
        "promise: {n: 5, basis: 服务承诺}",
        "promise: 五日",
        "items.LX-DJ-01.promise",
        "值不合要求 / Input should be an object",
    ),
    (
        "number for a staff number",
        "organisation.yaml",
        'staff_no: "1001"',
        "staff_no: 1001",
        "officers.1001.staff_no",
        "值不合要求 / Input should be a valid string",
    ),
    (
        "word for a truth",
        "profile.yaml",
        "unauthenticated_acts: true",
        "unauthenticated_acts: yes",
        "unauthenticated_acts",
        "值不合要求 / Input should be a valid boolean",
    ),
    (
        "no such day",
        "profile.yaml",
        "effective_from: 2021-09-01",
        "effective_from: 2021-09-31",
        "effective_from",
        "值不合要求 / Input should be a valid date in the format YYYY-MM-DD, "
        "day value is outside expected range",
    ),
    (
        "number for an hour",
        "profile.yaml",
        'closes: "17:00"',
        "closes: 1700",
        "thresholds.window_hours.closes",
        "值不合要求 / Input should be a valid time",
    ),
    (
        "unknown role",
        "organisation.yaml",
        "roles: [supervision_office, chief]",
        "roles: [supervisor]",
        "posts.supervisor.roles.0",
        "值不合要求 / Input should be 'window', 'handler', 'reviewer', 'approver', 'registrar', "
        "'city_government', 'joint_review', 'township', 'chief', 'deputy_head', 'head', 'office', "
        "'supervision_office', 'discipline_secretary' or 'system'",
    ),
    ("no identity", "profile.yaml", 'version: "2021.1"\n', "", "version", "缺少 / is missing"),
    (
        "another identity",
        "profile.yaml",
        "id: mine",
        "id: yours",
        "id",
        "必须与文件夹同名 mine / must be the name of the folder, mine",
    ),
    (
        "given digest",
        "profile.yaml",
        "id: mine",
        "id: mine\nsha256: abc",
        "sha256",
        "不认识的键 / unknown key",
    ),
    (
        "unknown calendar",
        "profile.yaml",
        "calendar: CN",
        "calendar: XX",
        "calendar",
        "没有日历 XX / there is no calendar XX",
    ),
    (
        "calendar outside the rules",
        "profile.yaml",
        "calendar: CN",
        "calendar: ../calendars/CN",
        "calendar",
        "没有日历 ../calendars/CN / there is no calendar ../calendars/CN",
    ),
    (
        "another time zone",
        "profile.yaml",
        "timezone: Asia/Shanghai",
        "timezone: Europe/Berlin",
        "timezone",
        "与日历的时区 Asia/Shanghai 不同 / the calendar is in Asia/Shanghai",
    ),
    (
        "violated check",
        "items/LX-DJ-01.yaml",
        "promise: {n: 5, basis: 服务承诺}",
        "promise: {n: 5}",
        "items.LX-DJ-01.promise",
        "没有依据 / has no basis",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "reason"), [row[1:] for row in IN_FILES], ids=[row[0] for row in IN_FILES]
)
def test_wrong_values(root: Path, file: str, old: str, new: str, key: str, reason: str) -> None:
    replace(root / "mine" / file, old, new)
    assert problems(root) == [(f"mine/{file}", key, reason)]


def test_loading_a_broken_profile_names_every_problem(root: Path) -> None:
    replace(root / "mine" / "items" / "LX-DJ-01.yaml", "promise: {n: 5,", "promise: {n: five,")
    replace(root / "mine" / "profile.yaml", "max_returns: 2", "max_returns: 0")
    with pytest.raises(UsageError) as caught:
        load_profile("mine", root)
    first, *rest = caught.value.message.splitlines()
    assert first == "规则版本 mine 不可用 / profile mine cannot be used:"
    assert [line.partition(": ")[0] for line in rest] == ["mine/profile.yaml", "mine/items/LX-DJ-01.yaml"]
    assert (caught.value.code, caught.value.exit_code) == ("invalid_profile", 2)


def test_a_flood_of_problems_is_cut_and_counted(root: Path) -> None:
    file = root / "mine" / "organisation.yaml"
    file.write_text(file.read_text("utf-8").replace("staff_no: ", "number: "), "utf-8")
    with pytest.raises(UsageError) as caught:
        load_profile("mine", root)
    lines = caught.value.message.splitlines()
    assert len(lines) == 22
    assert lines[-1] == f"… {len(problems(root))}"


def test_a_byte_order_mark_is_no_mistake(root: Path) -> None:
    file = root / "mine" / "profile.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert problems(root) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything / root 不受文件权限限制")
def test_a_file_that_may_not_be_read_is_a_problem(root: Path) -> None:
    (root / "mine" / "organisation.yaml").chmod(0)
    ((file, _, reason),) = problems(root)
    assert file == "mine/organisation.yaml"
    assert "Permission denied" in reason


@pytest.mark.parametrize("name", ["nowhere", "calendars", "", ".", "..", "../mine", "mine/items", "/"])
def test_unknown_profiles_are_refused_with_those_there_are(root: Path, name: str) -> None:
    with pytest.raises(UsageError, match="current, laixi2008, mine") as caught:
        load_profile(name, root)
    assert caught.value.code == "unknown_profile"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        load_profile("current", tmp_path / "nowhere")


def extending(root: Path, name: str, main: str, items: dict[str, str] | None = None) -> Path:
    """Write the profile `name` that states only what differs."""
    (root / name / "items").mkdir(parents=True)
    (root / name / "profile.yaml").write_text(main, "utf-8")
    for code, text in (items or {}).items():
        (root / name / "items" / f"{code}.yaml").write_text(f"code: {code}\n{text}", "utf-8")
    return root


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
        f"acceptance: {{n: 5, {BASIS}}}\nstatutory: null\npromise: null\ndelivery: null\nstages:\n  - {stage}\n"
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
                "没有规则版本 nowhere，现有：current, laixi2008, mine / "
                "there is no profile nowhere; there are: current, laixi2008, mine",
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
