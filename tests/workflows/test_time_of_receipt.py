"""Timeliness is decided by instants: stamps, late entries, and nobody backdates (design 3.3)."""

from __future__ import annotations

from typing import Any

from schemas.clocks import ClockKind
from schemas.matters import CardStatus
from tests.workflows.beside import beside
from tests.workflows.house import House, at, day
from tests.workflows.test_cards import with_the_handler


@beside
async def test_received_before_midnight_and_decided_after_it_is_in_time(house: House) -> None:
    """The stamp of the trusted intake counts, not when the engine came to it."""
    case = await with_the_handler(house)
    await case.until("06-11 00:02")
    await case.act("sign_stage", "land-use-handler", opinion="同意", received_at=at("06-10 23:59"))
    await case.act("take_over", "land-use-chief")
    await case.until("06-11 02:00")
    assert case.types("clock.breached", "card.") == []
    assert (await case.clock(ClockKind.STAGE, "H")).stopped_on == day("06-10")


@beside
async def test_received_after_midnight_is_late_however_early_it_is_decided(house: House) -> None:
    """An act received at 00:01 finds the limit over, although the engine has not noticed it yet."""
    case = await with_the_handler(house)
    await case.until("06-11 00:01")
    assert case.types("clock.breached") == []
    await case.act("sign_stage", "land-use-handler", opinion="同意")
    breach, signed = case.entries("clock.breached", "case.stage_signed")[-2:]
    assert (breach.type, signed.type) == ("clock.breached", "case.stage_signed")
    assert breach.data["breached_at"] == at("06-11 00:00").isoformat()


@beside
async def test_stamps_of_the_future_and_old_ones_without_a_reason_are_refused(house: House) -> None:
    """A second ahead is tolerated; five minutes behind is; an older stamp is a lead and needs its reason."""
    case = await with_the_handler(house)
    await case.until("06-09 10:00")
    note: dict[str, Any] = {"opinion": "现场情况"}
    await case.refused("future_time", "note", "land-use-handler", **note, received_at=at("06-09 10:02"))
    await case.refused("late_entry", "note", "land-use-handler", **note, received_at=at("06-09 09:54"))
    await case.act("note", "land-use-handler", **note, received_at=at("06-09 09:56"))
    late: dict[str, Any] = {"received_at": at("06-09 09:00"), "late_reason": "field_work"}
    await case.act("note", "land-use-handler", **note, **late)
    noted = case.entries("case.noted")
    assert [entry.data.get("lateentry") for entry in noted] == [None, "field_work"]
    assert noted[1].event["time"] == "2037-06-09T09:00:00.000000+08:00"


@beside
async def test_an_act_in_time_told_late_withdraws_breach_and_cards_by_counter_entry(house: House) -> None:
    """Nothing is erased: yellow and red card stay visible as revoked."""
    case = await with_the_handler(house)
    await case.until("06-16 12:00")
    assert set(await case.cards()) == {"Y1", "R1"}
    late: dict[str, Any] = {"received_at": at("06-10 17:00"), "late_reason": "outage"}
    await case.act("sign_stage", "land-use-handler", opinion="同意", **late)
    assert {card.status for card in (await case.cards()).values()} == {CardStatus.REVOKED}
    assert case.types()[-5:] == [
        "clock.breach_withdrawn",
        "card.revoked",
        "card.revoked",
        "case.stage_signed",
        "card.proposed",  # for having been entered days after
    ]
    assert case.entries("case.stage_signed")[-1].data["lateentry"] == "outage"
    assert not (await case.clock(ClockKind.STAGE, "H")).breached


@beside
async def test_nobody_slips_in_before_what_the_file_has_gone_through(house: House) -> None:
    """A stamp from before he took the stage over would make the late examiner punctual."""
    case = await with_the_handler(house, taken="06-09 10:00")
    await case.until("06-15 12:00")
    for stamp in ("06-09 09:00", "06-08 09:00", "01-01 09:00"):
        late: dict[str, Any] = {"received_at": at(stamp), "late_reason": "outage"}
        await case.refused("late_order", "sign_stage", "land-use-handler", opinion="同意", **late)
    far: dict[str, Any] = {"received_at": "0001-01-01T00:00:00+08:00", "late_reason": "outage"}
    await case.refused("late_order", "sign_stage", "land-use-handler", opinion="同意", **far)
    assert (await case.cards())["Y1"].status is CardStatus.OPEN


@beside
async def test_an_acceptance_in_time_told_late_undoes_the_deemed_one(house: House) -> None:
    """The window accepted on the last day, before the outage: there was no silence."""
    case = await house.case("LX-LS-01", "06-15 09:00")
    await case.until("06-24 10:00")
    assert set(await case.cards()) == {"Y1", "Y2"}
    late: dict[str, Any] = {"received_at": at("06-22 16:00"), "late_reason": "outage"}
    await case.act("accept", "window-clerk", **late)
    assert [card.status for card in (await case.status()).cards[:2]] == [CardStatus.REVOKED] * 2
    assert "case.deemed_acceptance_withdrawn" in case.types()
    assert (await case.clock(ClockKind.PROMISE)).due == day("06-29")
    refused = await house.case("LX-LS-01", "06-15 09:00")
    await refused.until("06-24 10:00")
    await refused.act("sign_stage", "window-clerk", opinion="齐全")
    await refused.refused("late_order", "accept", "window-clerk", **late)


@beside
async def test_signed_is_seen(house: House) -> None:
    """A signature on facts that have changed since is refused as stale (design 3.6)."""
    case = await with_the_handler(house)
    seen = (await case.status()).facts
    await case.act("note", "land-use-handler", opinion="不改变案卷")
    assert (await case.status()).facts == seen
    await case.act("resubmit", "window-clerk", materials=[{"code": "map", "pages": 3}])
    await case.refused("stale", "sign_stage", "land-use-handler", opinion="同意", facts=seen)
    await case.act("sign_stage", "land-use-handler", opinion="同意", facts=(await case.status()).facts)
