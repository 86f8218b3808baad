"""Each check of a profile, violated once: the file, the key and the reason it must name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.checks import check, skipped
from schemas.profile import Profile
from starter.rulebook import load_profile

MAIN, ORGANISATION = "profile.yaml", "organisation.yaml"
NO_BASIS = "没有依据 / has no basis"
TWICE = "代码重复 / the code is given twice"


def edited(*edits: tuple[str, Any]) -> Profile:
    """The shipped profile with some values replaced; a list is addressed by code."""
    data = load_profile("current").model_dump(mode="json")
    for path, value in edits:
        place: Any = data
        *way, last = path.split("/")
        for part in way:
            place = _entry(place, part)
        if isinstance(place, list):
            place.append(dict(_entry(place, last)) if value is COPY else value)
        else:
            place[last] = value
    return Profile.model_validate(data)


COPY = object()
"""Appends a second entry with the code that the path names."""


def _entry(place: Any, part: str) -> Any:
    if isinstance(place, dict):
        return place[part]
    return next(each for each in place if part in (each.get("code"), each.get("staff_no")))


DJ1, GK = "items/LX-DJ-01", "items/LX-GK-01"
H1 = f"{DJ1}/stages/H"

ONE_PROBLEM: list[tuple[str, list[tuple[str, Any]], str, str, str]] = [
    ("threshold without basis", [("thresholds/rectify/basis", "")], MAIN, "thresholds.rectify", NO_BASIS),
    ("ground twice", [("grounds/hearing", COPY)], MAIN, "grounds.hearing", TWICE),
    (
        "section without chief",
        [("sections/mining/chief_post", "nobody")],
        ORGANISATION,
        "sections.mining.chief_post",
        "没有岗位 nobody / there is no post nobody",
    ),
    (
        "section without deputy head",
        [("sections/mining/deputy_post", "nobody")],
        ORGANISATION,
        "sections.mining.deputy_post",
        "没有岗位 nobody / there is no post nobody",
    ),
    (
        "post in no section",
        [("posts/supervisor/section", "nowhere")],
        ORGANISATION,
        "posts.supervisor.section",
        "没有科室 nowhere / there is no section nowhere",
    ),
    (
        "unknown A officer",
        [("posts/window-clerk/a", "7777")],
        ORGANISATION,
        "posts.window-clerk.a",
        "没有人员 7777 / there is no officer 7777",
    ),
    (
        "unknown B officer",
        [("posts/window-clerk/b", "7777")],
        ORGANISATION,
        "posts.window-clerk.b",
        "没有人员 7777 / there is no officer 7777",
    ),
    (
        "stage post without B officer",
        [("posts/window-clerk/b", None)],
        ORGANISATION,
        "posts.window-clerk.b",
        "环节岗位必须有 B 岗 / the post of a stage needs a B officer",
    ),
    (
        "A is B",
        [("posts/supervisor/b", "1901")],
        ORGANISATION,
        "posts.supervisor.b",
        "A、B 岗是同一人 1901 / A and B are the same officer 1901",
    ),
    (
        "nobody supervises",
        [("posts/supervisor/roles", ["chief"])],
        ORGANISATION,
        "posts",
        "没有岗位承担 supervision_office / no post holds the role supervision_office",
    ),
    ("section twice", [("sections/mining", COPY)], ORGANISATION, "sections.mining", TWICE),
    ("post twice", [("posts/head", COPY)], ORGANISATION, "posts.head", TWICE),
    ("officer twice", [("officers/1001", COPY)], ORGANISATION, "officers.1001", TWICE),
    ("item twice", [("items/LX-CX-01", COPY)], "items/LX-CX-01.yaml", "items.LX-CX-01", TWICE),
    (
        "stage limit without basis",
        [(f"{H1}/limit/basis", "")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.stages.H.limit",
        NO_BASIS,
    ),
    (
        "promise with a blank basis",
        [(f"{DJ1}/promise/basis", "  ")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.promise",
        NO_BASIS,
    ),
    (
        "delivery without basis",
        [(f"{DJ1}/delivery/basis", "")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.delivery",
        NO_BASIS,
    ),
    (
        "extension without basis",
        [("items/LX-LS-01/extension_basis", "")],
        "items/LX-LS-01.yaml",
        "items.LX-LS-01.extension_max",
        NO_BASIS,
    ),
    (
        "extension of nothing",
        [("items/LX-GD-01/extension_max", 5), ("items/LX-GD-01/extension_basis", "某法")],
        "items/LX-GD-01.yaml",
        "items.LX-GD-01.extension_max",
        "没有法定时限可延长 / there is no statutory limit to extend",
    ),
    (
        "zero fee without basis",
        [("items/LX-DJ-03/fee/basis", "")],
        "items/LX-DJ-03.yaml",
        "items.LX-DJ-03.fee",
        NO_BASIS,
    ),
    (
        "stages longer than the promise",
        [(f"{H1}/limit/n", 3)],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.stages",
        "各环节时限之和 6 工作日，超过承诺时限 5 工作日 / "
        "the sum of the stage limits is 6, more than the promised limit of 5 (working_day)",
    ),
    (
        "promise longer than the statute",
        [("items/LX-KF-01/promise/n", 21)],
        "items/LX-KF-01.yaml",
        "items.LX-KF-01.promise",
        "承诺时限 21 工作日，超过法定时限 20 工作日 / "
        "the promised limit is 21, more than the statutory limit of 20 (working_day)",
    ),
    (
        "stages longer than the statute where nothing is promised",
        [(f"{GK}/promise", None), (f"{GK}/stages/H/limit/n", 14)],
        "items/LX-GK-01.yaml",
        "items.LX-GK-01.stages",
        "各环节时限之和 21 工作日，超过法定时限 20 工作日 / "
        "the sum of the stage limits is 21, more than the statutory limit of 20 (working_day)",
    ),
    (
        "stage without owner",
        [(f"{H1}/post", "nobody")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.stages.H.post",
        "没有岗位 nobody / there is no post nobody",
    ),
    (
        "stage owner without the role",
        [(f"{DJ1}/stages/W/post", "office-chief")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.stages.W.post",
        "岗位 office-chief 不承担 window / post office-chief does not hold window",
    ),
    (
        "reviewer is the handler",
        [("posts/disclosure-chief/a", "2001")],
        "items/LX-GK-01.yaml",
        "items.LX-GK-01.stages.R.post",
        "A 岗 2001 已在环节 H 承担 handler / its A officer 2001 is already handler in stage H",
    ),
    (
        "unknown deciding stage",
        [(f"{DJ1}/decision_stage", "Z")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.decision_stage",
        "没有环节 Z / there is no stage Z",
    ),
    (
        "unknown ground",
        [(f"{DJ1}/suspension_grounds", ["leader_away"])],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.suspension_grounds.leader_away",
        "没有停表事由 leader_away / there is no ground of suspension leader_away",
    ),
    (
        "unknown flag",
        [(f"{DJ1}/blocking_flags", ["bad_mood"])],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.blocking_flags.bad_mood",
        "没有限制种类 bad_mood / there is no blocking flag bad_mood",
    ),
    (
        "stage code twice",
        [(f"{DJ1}/stages/C/code", "H")],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.stages.H",
        TWICE,
    ),
    (
        "material twice",
        [(f"{DJ1}/materials/application", COPY)],
        "items/LX-DJ-01.yaml",
        "items.LX-DJ-01.materials.application",
        TWICE,
    ),
]


@pytest.mark.parametrize(
    ("edits", "file", "key", "reason"), [row[1:] for row in ONE_PROBLEM], ids=[row[0] for row in ONE_PROBLEM]
)
def test_one_violation_is_one_problem(edits: list[tuple[str, Any]], file: str, key: str, reason: str) -> None:
    found = [(problem.file, problem.key, problem.reason) for problem in check(edited(*edits))]
    assert found == [(file, key, reason)]


def test_a_problem_reads_as_one_line() -> None:
    (problem,) = check(edited(("thresholds/rectify/basis", "")))
    assert str(problem) == f"profile.yaml: thresholds.rectify: {NO_BASIS}"


def test_all_problems_are_told_at_once() -> None:
    found = check(
        edited(("thresholds/rectify/basis", ""), ("posts/supervisor/b", "1901"), (f"{H1}/limit/n", 3))
    )
    assert [problem.file for problem in found] == [MAIN, ORGANISATION, "items/LX-DJ-01.yaml"]


def test_a_post_without_stage_may_lack_a_b_officer() -> None:
    assert check(edited(("posts/discipline/b", None))) == []


def test_one_officer_may_hold_two_posts_that_are_not_separated() -> None:
    assert check(edited(("posts/registry-clerk/a", "1201"))) == []


def test_stages_counted_in_another_unit_are_not_compared() -> None:
    profile = edited(
        *((f"{DJ1}/stages/{code}/limit/unit", "calendar_day") for code in "WHRC"), (f"{H1}/limit/n", 99)
    )
    assert check(profile) == []
    assert [(each.key, each.reason) for each in skipped(profile) if "DJ-01" in each.key] == [
        (
            "items.LX-DJ-01.stages",
            "各环节时限之和按日，承诺时限按工作日，单位不同 / "
            "the sum of the stage limits counts calendar_day, the promised limit working_day",
        )
    ]


def test_stages_of_several_units_have_no_sum() -> None:
    profile = edited((f"{H1}/limit/unit", "calendar_day"), (f"{H1}/limit/n", 99))
    assert check(profile) == []
    assert [(each.key, each.reason) for each in skipped(profile) if "DJ-01" in each.key] == [
        (
            "items.LX-DJ-01.stages",
            "没有以一种单位表示的各环节时限之和 / "
            "there is no sum of the stage limits as a number of one unit",
        )
    ]


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_exactly_what_is_too_long_is_a_problem(handling: int, promise: int, statute: int) -> None:
    edits = [(f"{H1}/limit/n", handling), (f"{DJ1}/promise/n", promise), (f"{DJ1}/statutory/n", statute)]
    wanted = {"items.LX-DJ-01.stages": 3 + handling > promise, "items.LX-DJ-01.promise": promise > statute}
    assert {problem.key for problem in check(edited(*edits))} == {key for key in wanted if wanted[key]}
