"""Chase sheets (三色督查单): blue, orange, red; and what the supervisors leave undone."""

from __future__ import annotations

from schemas.clocks import ClockKind
from schemas.profile import Rules
from tests.workflows.beside import beside
from tests.workflows.complaint_desk import happened
from tests.workflows.house import House, at, day
from tests.workflows.supervision_desk import EVIDENCE, OFFICE, OWNER, reported, supervision, taken

STEP = ClockKind.STEP


@beside
async def test_blue_orange_red_over_spring_festival(house: House) -> None:
    """The limit ends on 6 February; each sheet has its own working days; a missed red one is a lead."""
    file = await taken(house, "instruction", "01-22 09:00")
    assert (await file.clock(STEP, "finish")).due == day("02-06")
    await file.until("02-27 09:00")
    sheets = [(each.data["level"], each.data["due"]) for each in file.entries("supervision.chase_issued")]
    assert sheets == [("blue", "2037-02-11"), ("orange", "2037-02-14"), ("red", "2037-02-24")]
    first = file.entries("supervision.chase_issued")[0]
    assert (happened(first), first.data["to"]) == (at("02-07 00:00"), "1201")
    assert first.data["notify"] == ["1201", "1205"]
    missed = [each.data["level"] for each in file.entries("supervision.chase_missed")]
    assert missed == ["blue", "orange", "red"]
    lead = file.entries("supervision.lead_opened")[0].data["lead"]
    assert (lead["source"], lead["accused"], lead["codes"]) == ("supervision_check", ["1201"], ["F05"])
    await file.act("report", OWNER, opinion="迟到的报告", **EVIDENCE)
    running = [each.ref for each in (await file.status()).clocks if each.stopped_on is None]
    assert running == ["verification"]


@beside
async def test_the_report_ends_the_chase(house: House) -> None:
    """A blue sheet answered in its days goes no further."""
    file = await taken(house, "instruction", "06-01 09:00")
    await file.until("06-17 09:00")
    assert [each.data["level"] for each in file.entries("supervision.chase_issued")] == ["blue"]
    await file.refused("sheet_open", "chase", OFFICE, level="blue")
    await file.act("report", OWNER, opinion="已完成", **EVIDENCE)
    await file.act("verify", OFFICE, opinion="属实")
    await file.act("close", OFFICE)
    assert (await file.handle.result())["figures"]["sheets"] == 1
    assert file.types("supervision.chase_missed", "supervision.lead_opened") == []


@beside
async def test_urgent_matters_may_begin_at_orange_or_red(house: House) -> None:
    """Others begin at blue; the sheet may come before the limit has passed."""
    urgent = await taken(house, "instruction_urgent")
    await urgent.refused("sheet_level", "chase", OFFICE, level="blue")
    await urgent.refused("wrong_role", "chase", OWNER, level="red")
    await urgent.act("chase", OFFICE, level="red")
    assert (await urgent.clock(STEP, "chase.red")).due == day("06-16")
    plain = await taken(house, "document")
    await plain.refused("sheet_level", "chase", OFFICE, level="orange")
    await plain.act("chase", "discipline", level="blue")
    assert (await plain.clock(STEP, "chase.blue")).due == day("06-18")


@beside
async def test_without_sheets_in_the_rules_nothing_is_chased(house: House) -> None:
    """A profile may have none: then a missed limit is a breach and no more."""

    def bare(rules: Rules) -> Rules:
        assert rules.supervision is not None
        return rules.model_copy(update={"supervision": rules.supervision.model_copy(update={"chase": ()})})

    file = await taken(house, "instruction_urgent", "06-01 09:00", rules=bare)
    await file.refused("no_sheets", "chase", OFFICE)
    await file.until("06-12 09:00")
    assert file.types("clock.breached", "supervision.")[-1] == "clock.breached"


@beside
async def test_what_the_office_leaves_undone_is_a_lead_about_it(house: House) -> None:
    """Not entered in its working day, over the year's end; verified too late."""
    file = await supervision(house, "document", "12-31 09:00")
    await file.until("2038-01-06 09:00")
    breach = file.entries("clock.breached")[0]
    lead = file.entries("supervision.lead_opened")[0].data
    assert (breach.data["ref"], lead["fault"]) == ("registration", f"GC-{file.number}-{breach.seq}")
    assert (lead["lead"]["accused"], lead["lead"]["codes"]) == (["1901"], ["F06"])
    late = await reported(house, begin="06-15 09:00")
    await late.until("06-29 09:00")
    assert [each.data["ref"] for each in late.entries("clock.breached")] == ["verification"]
    assert len(late.entries("supervision.lead_opened")) == 1
