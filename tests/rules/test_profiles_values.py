"""Wrong values in otherwise good profiles: each is refused with file, key and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.profile_folders import copied, problems, replace

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
        "roles: [supervision_office, supervisor]",
        "posts.supervisor.roles.1",
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
        "items elsewhere",
        "profile.yaml",
        "id: mine",
        "id: mine\nitems: none",
        "items",
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
def test_wrong_values(tmp_path: Path, file: str, old: str, new: str, key: str, reason: str) -> None:
    root = copied(tmp_path)
    replace(root / "mine" / file, old, new)
    assert problems(root) == [(f"mine/{file}", key, reason)]
