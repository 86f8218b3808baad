"""The shipped profiles: the numbers of the sample items typed here by hand, and what 2008 changes."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest

from rules.checks import check
from schemas.clocks import Limit, Unit
from schemas.errors import UsageError
from schemas.profile import SECTIONS, SEPARATED, Item, ItemType, Profile, Role
from starter.profile_files import digest
from starter.rulebook import (
    item_of,
    list_profiles,
    load_profile,
    profile_in_force,
    skipped_comparisons,
)

SHIPPED = ["current", "laixi2008", "laixi2008-reversed"]
WD, CD = Unit.WORKING_DAY, Unit.CALENDAR_DAY
PROMISED = ItemType.PROMISED

# code: type, statute, promise, stages, highest fee in fen (None: no fee), extension
ITEMS: dict[str, tuple[ItemType, Any, Any, str, int | None, int]] = {
    "LX-DJ-01": (PROMISED, (30, WD), (5, WD), "W1 H2 R1 C1", 55_000, 0),
    "LX-DJ-02": (PROMISED, (30, WD), (12, WD), "W1 H2 R2 G7", 55_000, 0),
    "LX-DJ-03": (PROMISED, (30, WD), (10, WD), "W1 H4 R2 A2 C1", 0, 0),
    "LX-ZJ-01": (ItemType.JOINT, (20, WD), (10, WD), "W1 H4 R3 T2", 0, 10),
    "LX-YS-01": (PROMISED, (20, WD), (8, WD), "W1 H3 R2 A2", 0, 10),
    "LX-BP-01": (ItemType.FORWARDED, (20, WD), (15, WD), "W1 H8 R3 J2 A1", 0, 0),
    "LX-LS-01": (PROMISED, (20, WD), (5, WD), "W1 H2 R1 A1", 0, 10),
    "LX-KF-01": (PROMISED, (20, WD), (20, WD), "W1 H8 R3 A3 G5", 0, 10),
    "LX-GD-01": (ItemType.INTERNAL, None, None, "H10 R5 J2 A1", None, 0),
    "LX-GD-02": (PROMISED, (20, WD), (10, WD), "W1 H4 R2 A2 G1", 0, 10),
    "LX-KC-01": (PROMISED, (40, CD), (20, WD), "W1 H9 R4 J3 A2 C1", 100_000, 0),
    "LX-FK-01": (PROMISED, (20, WD), (12, WD), "W1 H5 R3 A3", 0, 10),
    "LX-CX-01": (ItemType.INSTANT, (0, WD), (0, WD), "W0", 0, 0),
    "LX-GK-01": (PROMISED, (20, WD), (15, WD), "W1 H8 R3 A3", 0, 20),
    "LX-ZF-01": (ItemType.INTERNAL, (90, CD), (60, CD), "H35 R10 J5 A10", None, 30),
}

ACCEPTANCE = {"LX-DJ-01": 0, "LX-DJ-02": 0, "LX-DJ-03": 0, "LX-CX-01": 0, "LX-GK-01": 7, "LX-ZF-01": 10}
"""Working days; 5 everywhere else (行政许可法 Art.32)."""

DELIVERY: dict[str, int | None] = {"LX-GD-01": None, "LX-ZF-01": 7}
"""Working days; 10 everywhere else (行政许可法 Art.44)."""

MATERIALS = {
    "LX-DJ-01": (6, {"value"}),
    "LX-DJ-02": (6, {"hand-over-note"}),
    "LX-DJ-03": (5, set()),
    "LX-ZJ-01": (5, {"return-pledge"}),
    "LX-YS-01": (5, set()),
    "LX-BP-01": (10, set()),
    "LX-LS-01": (6, set()),
    "LX-KF-01": (4, set()),
    "LX-GD-01": (0, set()),
    "LX-GD-02": (6, set()),
    "LX-KC-01": (7, set()),
    "LX-FK-01": (4, {"expert-opinion"}),
    "LX-CX-01": (2, set()),
    "LX-GK-01": (1, set()),
    "LX-ZF-01": (0, set()),
}

ROLES = {
    "W": Role.WINDOW,
    "H": Role.HANDLER,
    "R": Role.REVIEWER,
    "A": Role.APPROVER,
    "C": Role.REGISTRAR,
    "G": Role.CITY_GOVERNMENT,
    "J": Role.JOINT_REVIEW,
    "T": Role.TOWNSHIP,
}


@pytest.fixture(scope="module")
def current() -> Profile:
    return load_profile("current")


def _numbers(limit: Limit | None) -> tuple[int, Unit] | None:
    return (limit.n, limit.unit) if limit else None


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_have_no_problem(name: str) -> None:
    profile = load_profile(name)
    assert check(profile) == []
    assert profile.id == name
    assert profile.unauthenticated_acts is True
    assert (profile.timezone, profile.calendar) == ("Asia/Shanghai", "CN")


def test_these_profiles_are_shipped() -> None:
    assert list_profiles() == SHIPPED


def test_all_sample_items_are_there(current: Profile) -> None:
    assert {item.code for item in current.items} == set(ITEMS)


@pytest.mark.parametrize("code", ITEMS)
def test_item_says_what_the_rules_say(current: Profile, code: str) -> None:
    item = item_of(current, code)
    stages = " ".join(f"{stage.code}{stage.limit.n}" for stage in item.stages)
    limits = _numbers(item.statutory), _numbers(item.promise)
    assert (item.type, *limits, stages, item.fee.max_fen, item.extension_max) == ITEMS[code]


@pytest.mark.parametrize("code", ITEMS)
def test_acceptance_and_delivery(current: Profile, code: str) -> None:
    item = item_of(current, code)
    assert _numbers(item.acceptance) == (ACCEPTANCE.get(code, 5), WD)
    wanted = DELIVERY.get(code, 10)
    assert _numbers(item.delivery) == (wanted and (wanted, WD))


@pytest.mark.parametrize("code", ITEMS)
def test_materials_and_which_may_follow(current: Profile, code: str) -> None:
    materials = item_of(current, code).materials
    assert (len(materials), {paper.code for paper in materials if paper.may_follow}) == MATERIALS[code]


@pytest.mark.parametrize("code", ITEMS)
def test_stage_letters_stand_for_roles(current: Profile, code: str) -> None:
    for stage in item_of(current, code).stages:
        assert stage.role is ROLES[stage.code]
        assert stage.limit.unit is (CD if code == "LX-ZF-01" else WD)


@pytest.mark.parametrize("code", ITEMS)
def test_separated_roles_share_nobody_not_even_by_b_officers(current: Profile, code: str) -> None:
    posts = {post.code: post for post in current.posts}
    separated = [stage for stage in item_of(current, code).stages if stage.role in SEPARATED]
    holders = [{posts[stage.post].a, posts[stage.post].b} for stage in separated]
    assert all(one.isdisjoint(other) for one, other in combinations(holders, 2))


def test_open_petitions_block_expropriation_files_only(current: Profile) -> None:
    blocked = [item.code for item in current.items if "open_petition" in item.blocking_flags]
    assert blocked == ["LX-BP-01"]


def test_the_licence_is_decided_before_it_is_printed(current: Profile) -> None:
    decided = {item.code: item.decision_stage for item in current.items if item.decision_stage}
    assert decided == {"LX-KC-01": "A"}


def test_the_supervision_office_answers_to_no_deputy_head(current: Profile) -> None:
    (office,) = (section for section in current.sections if section.code == "supervision")
    (superior,) = (post for post in current.posts if post.code == office.deputy_post)
    assert superior.roles == (Role.DISCIPLINE_SECRETARY,)


def test_comparisons_that_were_not_made_are_named(current: Profile) -> None:
    keys = [each.key for each in skipped_comparisons(current)]
    assert keys == ["items.LX-GD-01.promise", "items.LX-GD-01.statutory", "items.LX-KC-01.promise"]
    old = {each.key for each in skipped_comparisons(load_profile("laixi2008"))}
    assert old - set(keys) == {"items.LX-DJ-01.promise"}


def _differences(one: Any, other: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Places where two JSON documents differ, lists of one length compared entry by entry."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(key, one.get(key), other.get(key)) for key in one.keys() | other.keys()]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [
            (each.get("code", n) if isinstance(each, dict) else n, each, other[n])
            for n, each in enumerate(one)
        ]
    else:
        return {} if one == other else {path: (one, other)}
    found: dict[str, tuple[Any, Any]] = {}
    for key, left, right in pairs:
        found |= _differences(left, right, f"{path}/{key}")
    return found


def test_2008_differs_exactly_where_it_says(current: Profile) -> None:
    law, silence = "土地登记办法 第19条", "土地登记办法 第12条"
    one, other = (load_profile(name).model_dump(mode="json") for name in SHIPPED[:2])
    found = _differences(one, other)
    notes = {key for key in found if key.endswith("/notes")}
    elsewhere = {key for key in found if key.split("/")[1] in SECTIONS}  # held by each section's own tests
    new = {key: values[1] for key, values in found.items() if key not in notes | elsewhere | {"/sha256"}}
    accepted = {
        f"/items/{code}/acceptance/{key}": value
        for code in ("LX-DJ-01", "LX-DJ-02", "LX-DJ-03")
        for key, value in (("n", 5), ("unit", "calendar_day"), ("basis", silence))
    }
    assert notes == {f"/items/LX-DJ-0{n}/notes" for n in (1, 2, 3)}
    assert new == accepted | {
        "/id": "laixi2008",
        "/version": "2008.1",
        "/effective_from": "2008-01-01",
        "/items/LX-DJ-01/basis/0": "土地登记办法 第12条、第19条",
        "/items/LX-DJ-01/statutory/n": 20,
        "/items/LX-DJ-01/statutory/unit": "calendar_day",
        "/items/LX-DJ-01/statutory/basis": law,
        "/items/LX-DJ-01/extension_max": 10,
        "/items/LX-DJ-01/extension_basis": f"{law} (局长批准)",
    }


def test_digests_cover_content_and_nothing_else(current: Profile) -> None:
    assert current.sha256 == digest(current)
    assert digest(current.model_copy(update={"sha256": "another"})) == current.sha256
    assert digest(current.model_copy(update={"version": "another"})) != current.sha256
    assert load_profile("laixi2008").sha256 != current.sha256


def test_the_profile_in_force_is_the_latest_effective_one() -> None:
    assert profile_in_force(date(2021, 9, 1)).id == "current"
    assert profile_in_force(date(2021, 8, 31)).id == "laixi2008"
    with pytest.raises(UsageError, match="2007-12-31") as caught:
        profile_in_force(date(2007, 12, 31))
    assert caught.value.code == "no_profile"


def test_laws_are_cited_by_article(current: Profile) -> None:
    assert item_of(current, "LX-DJ-01").statutory == Limit(n=30, basis="不动产登记暂行条例 第20条")
    assert item_of(current, "LX-KC-01").statutory == Limit(
        n=40, unit=CD, basis="矿产资源开采登记管理办法 第6条"
    )
    assert _basis(item_of(current, "LX-LS-01")) == "行政许可法 第42条"


def _basis(item: Item) -> str:
    return item.statutory.basis if item.statutory else ""
