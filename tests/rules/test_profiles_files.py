"""Profiles as people leave them: files that cannot be read, and how problems are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UsageError
from starter.rulebook import list_profiles, load_profile
from starter.strict_yaml import parse_mapping
from tests.rules.profile_folders import copied, problems, replace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


def test_a_copy_of_the_shipped_profile_is_fit(root: Path) -> None:
    assert problems(root) == []
    assert list_profiles(root) == ["current", "laixi2008", "laixi2008-reversed", "mine"]
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
        "第 2 行 / line 2: 不是有效的 YAML / not valid YAML: "
        "expected the node content, but found '<stream end>'",
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
    ("endless nesting", "organisation.yaml", b"[" * 600, "", "嵌套过深 / nested too deeply"),
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


def test_what_cannot_be_read_is_a_problem(root: Path) -> None:
    file = root / "mine" / "organisation.yaml"
    file.unlink()
    file.mkdir()
    assert problems(root) == [("mine/organisation.yaml", "", "不能读取 / cannot be read: Is a directory")]


@pytest.mark.parametrize("name", ["nowhere", "calendars", "", ".", "..", "../mine", "mine/items", "/"])
def test_unknown_profiles_are_refused_with_those_there_are(root: Path, name: str) -> None:
    with pytest.raises(UsageError, match="current, laixi2008, laixi2008-reversed, mine") as caught:
        load_profile(name, root)
    assert caught.value.code == "unknown_profile"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        load_profile("current", tmp_path / "nowhere")


@given(st.one_of(st.binary(), st.text(alphabet="a1 \n-:,[]{}&*!?|>'\"#%@~", max_size=40).map(str.encode)))
def test_any_bytes_are_a_mapping_or_a_reason(content: bytes) -> None:
    found = _mapping_or_reason(content)
    assert isinstance(found, dict) or found


def _mapping_or_reason(content: bytes) -> object:
    try:
        return parse_mapping(content)
    except ValueError as error:
        return str(error)
