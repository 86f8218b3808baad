"""A new calendar or corrected rules arrive in a running matter (domain 5.4, M21)."""

from __future__ import annotations

from typing import Any

from schemas.clocks import Calendar, ClockKind, Limit
from schemas.matters import CardStatus
from schemas.profile import Rules
from tests.workflows.beside import beside
from tests.workflows.house import CALENDAR, ITEMS, House, day, moved_calendar
from tests.workflows.test_cards import with_the_handler

WHY = {"reason": "国办发明电〔2037〕1号"}


def calendar(off: tuple[str, ...] = (), worked: tuple[str, ...] = ()) -> Calendar:
    """The calendar with further days off and worked."""
    return moved_calendar(
        version="corrected",
        sha256="f" * 64,
        days_off=tuple(sorted({*CALENDAR.days_off, *map(day, off)})),
        makeup_workdays=tuple(sorted({*CALENDAR.makeup_workdays, *map(day, worked)})),
    )


@beside
async def test_a_later_due_day_is_told_and_takes_the_finding_back(house: House) -> None:
    """Two days become holidays: the breach disappears, its card is revoked, a later one is possible."""
    case = await with_the_handler(house)
    await case.until("06-11 12:00")
    assert (await case.cards())["Y1"].status is CardStatus.OPEN
    await case.act(
        "adopt_calendar", "office-chief", calendar=calendar(off=("06-09", "06-10", "06-11")), **WHY
    )
    assert (await case.cards())["Y1"].status is CardStatus.REVOKED
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-15")
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-18")
    entry = case.entries("calendar.recalculated")[0]
    assert entry.data["calendar"].endswith("@corrected")
    due = {
        row["clock"]: (row["due"], old["due"])
        for row, old in zip(entry.data["new"], entry.data["old"], strict=True)
    }
    assert due["promise"] == ("2037-06-18", "2037-06-15")
    assert entry.data["notify"] == ["applicant"]
    await case.until("06-16 01:00")
    assert [card.status for card in (await case.status()).cards] == [CardStatus.REVOKED, CardStatus.OPEN]


@beside
async def test_a_red_card_falls_with_the_rectify_limit_that_moved(house: House) -> None:
    """The yellow card stands, but it was not yet to be corrected."""
    case = await with_the_handler(house)
    await case.until("06-16 01:00")
    assert set(await case.cards()) == {"Y1", "R1"}
    await case.act(
        "adopt_calendar", "office-chief", calendar=calendar(off=("06-12", "06-15", "06-16")), **WHY
    )
    cards = await case.cards()
    assert (cards["Y1"].status, cards["R1"].status) == (CardStatus.OPEN, CardStatus.REVOKED)


@beside
async def test_an_earlier_due_day_leaves_a_working_day_before_any_card(house: House) -> None:
    """A Sunday becomes a working day, the limit has already passed: the card waits a working day."""
    case = await with_the_handler(house, "06-12 09:00")
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-16")
    await case.until("06-16 12:00")
    await case.act("adopt_calendar", "office-chief", calendar=calendar(worked=("06-13", "06-14")), **WHY)
    assert (await case.clock(ClockKind.STAGE, "H")).due == day("06-14")
    assert case.entries("calendar.recalculated")[0].data.get("notify") is None
    await case.until("06-16 18:00")
    assert case.entries("clock.breached")[0].data["breached_at"][:10] == "2037-06-15"
    assert case.entries("card.issued") == []
    await case.until("06-17 01:00")
    assert case.entries("card.issued")[0].data["card"]["issue_day"] == "2037-06-17"


@beside
async def test_only_a_calendar_of_the_same_place_and_only_from_the_office(house: House) -> None:
    """A calendar of another zone, or of ten thousand years, would stop the matter's clockwork."""
    case = await with_the_handler(house)
    for wrong in (
        {"timezone": "Mars/Olympus"},
        {"jurisdiction": "XX"},
        {"first_day": "0001-01-01", "last_day": "9999-12-31"},
        {"first_day": "2038-01-01", "last_day": "2037-01-01"},
    ):
        bad = {**CALENDAR.model_dump(mode="json"), **wrong}
        await case.refused("other_calendar", "adopt_calendar", "office-chief", calendar=bad, **WHY)
    await case.refused("wrong_role", "adopt_calendar", "land-use-chief", calendar=CALENDAR, **WHY)
    await case.refused("reason_required", "adopt_calendar", "office-chief", calendar=CALENDAR)
    inquiry = await house.inquiry()
    await inquiry.refused("reason_required", "adopt_calendar", "office-chief", calendar=CALENDAR)
    await inquiry.act("adopt_calendar", "supervisor", calendar=calendar(off=("06-16",)), **WHY)
    assert (await inquiry.clock(ClockKind.PROMISE)).due == day("06-22")


def corrected(rules: Rules, **item: Any) -> Rules:
    """Rules with a corrected item."""
    assert rules.item is not None
    changes = {
        "item": rules.item.model_copy(update=item),
        "profile_version": "2037.1",
        "profile_sha256": "e" * 64,
    }
    return rules.model_copy(update=changes)


@beside
async def test_corrected_rules_keep_a_promise_unless_the_new_one_is_shorter(house: House) -> None:
    """M21; and the entries name the new version from then on."""
    case = await with_the_handler(house)
    rules = case.desk.rules_of(case.item.code if case.item else "")
    longer = corrected(rules, promise=Limit(n=9, basis="新承诺"))
    await case.act("adopt_profile", "office-chief", rules=longer, **WHY)
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-15")
    await case.act(
        "adopt_profile", "office-chief", rules=corrected(rules, promise=Limit(n=4, basis="新承诺")), **WHY
    )
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-12")
    entry = case.entries("rules.adopted")[-1]
    assert (entry.data["new"], entry.data["ruleprofile"]) == ("e" * 64, "current@2037.1")


@beside
async def test_rules_of_another_item_or_with_other_stages_are_refused(house: House) -> None:
    """A matter is not given other stages than it is going through."""
    case = await with_the_handler(house)
    rules = case.desk.rules_of("LX-LS-01")
    stages = ITEMS["LX-LS-01"].stages
    for wrong in (
        case.desk.rules_of("LX-DJ-01"),
        corrected(rules, stages=stages[:2]),
        rules.model_copy(update={"item": None}),
    ):
        await case.refused("other_item", "adopt_profile", "office-chief", rules=wrong, **WHY)
    await case.refused("wrong_role", "adopt_profile", "window-clerk", rules=rules, **WHY)
    inquiry = await house.inquiry()
    await inquiry.refused("other_item", "adopt_profile", "office-chief", rules=rules, **WHY)
    await inquiry.act("adopt_profile", "office-chief", rules=rules.model_copy(update={"item": None}), **WHY)
