"""What one matter carries of a profile: all that may decide it, and nothing dangling."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.errors import UsageError
from schemas.profile import Profile
from starter.rulebook import ALL_POSTS_BYTES, calendar_for, load_profile, rules_for

MONDAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def current() -> Profile:
    return load_profile("current")


@pytest.mark.parametrize("code", [item.code for item in load_profile("current").items])
def test_a_case_carries_what_may_decide_it(current: Profile, code: str) -> None:
    rules = rules_for(current, code, MONDAY)
    item = rules.item
    assert item is not None
    assert item.code == code
    assert (rules.profile, rules.profile_version) == ("current", current.version)
    assert rules.profile_sha256 == current.sha256
    assert {ground.code for ground in rules.grounds} == set(item.suspension_grounds)
    _assert_closed(rules.model_dump())


def _assert_closed(rules: dict[str, Any]) -> None:
    """Nothing that is carried names something that is not."""
    posts = {post["code"] for post in rules["posts"]}
    sections = {section["code"] for section in rules["sections"]}
    named = {section[field] for section in rules["sections"] for field in ("chief_post", "deputy_post")}
    staff = {post[which] for post in rules["posts"] for which in "ab"}
    assert named <= posts
    assert {post["section"] for post in rules["posts"]} == sections
    assert staff == {officer["staff_no"] for officer in rules["officers"]}
    assert {stage["post"] for stage in (rules["item"] or {"stages": []})["stages"]} <= posts


def test_a_case_may_be_handed_to_any_post_of_the_bureau(current: Profile) -> None:
    carried = {post.code for post in rules_for(current, "LX-DJ-01", MONDAY).posts}
    assert carried == {post.code for post in current.posts} - {"city-clerk", "town-clerk"}


def test_outside_bodies_come_along_where_they_have_a_stage(current: Profile) -> None:
    carried = {post.code for post in rules_for(current, "LX-ZJ-01", MONDAY).posts}
    assert "town-clerk" in carried
    assert "city-clerk" not in carried


def test_an_inquiry_may_go_anywhere(current: Profile) -> None:
    rules = rules_for(current, None, MONDAY)
    assert rules.item is None
    assert rules.posts == current.posts
    assert rules.officers == current.officers


def test_in_a_large_bureau_a_case_carries_those_who_take_part(current: Profile) -> None:
    more = tuple(
        post.model_copy(update={"code": f"{post.code}-{n}"})
        for n in range(9)
        for post in current.posts
        if post.section == "planning"
    )
    large = current.model_copy(update={"posts": current.posts + more})
    rules = rules_for(large, "LX-DJ-01", MONDAY)
    carried = {post.code for post in rules.posts}
    assert sum(len(post.model_dump_json()) for post in large.posts) > ALL_POSTS_BYTES
    assert carried == {
        *("head", "deputy-registry", "discipline", "supervisor", "office-chief"),
        *("window-clerk", "window-lead", "registry-handler", "registry-clerk", "registry-chief"),
    }


def test_the_calendar_runs_from_a_month_before_to_two_years_after(current: Profile) -> None:
    calendar = rules_for(current, "LX-DJ-01", MONDAY).calendar
    assert (calendar.first_day, calendar.last_day) == (date(2026, 5, 15), date(2028, 6, 15))
    assert calendar.days_off[0] == date(2026, 6, 19)
    assert calendar.provisional_years == (2027, 2028)
    assert calendar == calendar_for(current, date(2026, 5, 15), date(2028, 6, 15))


def test_a_leap_day_has_a_window_too(current: Profile) -> None:
    calendar = rules_for(current, None, date(2024, 2, 29)).calendar
    assert (calendar.first_day, calendar.last_day) == (date(2024, 1, 29), date(2026, 2, 28))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_days_without_a_calendar_are_refused(current: Profile, day: date) -> None:
    with pytest.raises(UsageError) as caught:
        rules_for(current, None, day)
    assert caught.value.code == "bad_day"


def test_unknown_items_are_refused_with_those_there_are(current: Profile) -> None:
    with pytest.raises(UsageError, match="没有办事项 LX-XX-99.*LX-DJ-01") as caught:
        rules_for(current, "LX-XX-99", MONDAY)
    assert (caught.value.code, caught.value.exit_code) == ("unknown_item", 2)
