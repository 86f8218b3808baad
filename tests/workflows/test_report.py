"""The supervision office's reports (督查报告): begun, computed, reviewed, signed, sent, superseded."""

from __future__ import annotations

import pytest

from rules.procedures import ReportStage
from rules.report.document import figure_of
from schemas.clocks import ClockKind
from schemas.errors import ConflictError, NotPermittedError
from schemas.report import PeriodKind
from starter.rulebook import rules_for
from tests.workflows.beside import beside
from tests.workflows.house import CALENDAR, PROFILE, File, House, day
from tests.workflows.report_desk import DEPUTY, HEAD, changed, computed, generated, report

SEEN = {"opinion": "已核对"}


async def signed(house: House, kind: PeriodKind, of: str, begin: str) -> File:
    """A report that its office has reviewed and signed."""
    file = await generated(await report(house, kind, of, begin))
    await file.act("review", "supervisor", who=DEPUTY, **SEEN)
    await file.act("sign", "supervisor", **SEEN)
    return file


@beside
async def test_from_the_end_of_the_month_to_its_readers(house: House) -> None:
    """Computed by itself, read by one and signed by another, sent to those whom the rules name."""
    file = await generated(await report(house, PeriodKind.MONTH, "2037-06", "07-01 00:30"))
    assert file.number == "BB-2037-06"
    begun = file.entries("report.registered")[0].event
    assert (begun["actor"], begun["onbehalfof"]) == ("system", HEAD)
    clock = await file.clock(ClockKind.STEP, "distribution")
    assert (clock.due, clock.owner) == (day("07-06"), HEAD)  # the 5th is a Sunday
    await file.refused("wrong_state", "sign", "supervisor", **SEEN)
    await file.refused("wrong_role", "review", "window-lead", **SEEN)
    await file.refused("opinion_required", "review", "supervisor")
    await file.act("note", "supervisor", opinion="已通知各科室")
    await file.act("review", "supervisor", **SEEN)
    await file.refused("own_review", "sign", "supervisor", **SEEN)
    await file.refused("wrong_state", "distribute", "supervisor")
    await file.refused("stale", "sign", "supervisor", who=DEPUTY, facts="0" * 64, **SEEN)
    await file.act("sign", "supervisor", who=DEPUTY, facts=(await file.status()).facts, **SEEN)
    await file.refused("wrong_state", "generate", "supervisor", reason="补录")
    await file.refused("wrong_role", "distribute", "window-lead")
    await file.act("distribute", "office-chief")
    sent = file.entries("report.distributed")[0]
    assert sent.data["notify"] == ["1005", "1001"]
    assert sent.data["recipients"] == ["discipline_secretary", "party_committee"]
    made = file.entries("report.generated")[0].data["made"]
    assert sent.data["document"] == made["digest"] == computed(house, file.number).made.digest
    await file.until("07-20 09:00")
    assert file.types("clock.breached", "report.lead_opened") == []


@beside
async def test_the_figures_are_those_of_the_ledger_and_show_their_matters(house: House) -> None:
    """A case of August in every figure it belongs to, and in no report of another month."""
    case = await house.case("LX-LS-01", "08-03 09:00")
    await case.act("accept", "window-clerk")
    await case.refused("zero_fee", "charge", "window-clerk", amount_fen=100, receipt_no="1")
    await case.until("08-12 01:00")
    file = await generated(await report(house, PeriodKind.MONTH, "2037-08", "09-01 00:30"))
    found = computed(house, file.number)
    assert found.made.model_dump(mode="json") == file.entries("report.generated")[0].data["made"]
    for name in ("received", "accepted", "zero_fee_breaches", "limits_missed", "cards_issued", "lamps"):
        rows = figure_of(found.document, name)["rows"]
        assert case.number in [row[0] for row in rows], name
    (row,) = (row for row in figure_of(found.document, "accepted")["rows"] if row[0] == case.number)
    assert row[3:5] == ["LX-LS-01", ["1101"]]
    assert case.entries("case.accepted")[0].seq == row[1]
    other = await generated(await report(house, PeriodKind.MONTH, "2037-02", "09-01 00:30"))
    assert case.number not in str(computed(house, other.number).document)


@beside
async def test_more_on_record_before_the_signature_is_computed_again(house: House) -> None:
    """Only with a reason; what was reviewed was another version and is reviewed again."""
    file = await generated(await report(house, PeriodKind.QUARTER, "2037-Q1", "04-01 00:30"))
    await file.refused("reason_required", "generate", "supervisor")
    await file.refused("wrong_role", "generate", "office-chief", reason="补录")
    await file.act("review", "supervisor", **SEEN)
    await file.act("generate", "supervisor", reason="期后补录已到")
    assert (await file.status()).state == ReportStage.GENERATED
    await file.refused("wrong_state", "sign", "supervisor", who=DEPUTY, **SEEN)
    versions = file.entries("report.generated", "report.regenerated")
    first, second = (each.data["made"]["range"] for each in versions)
    assert second["last"] > first["last"]
    assert computed(house, file.number, 0).made.range.root == first["root"]
    message = file.message("generate", "supervisor", reason="再来一次")
    receipts = [await file.desk.act("report", file.number, "generate", message) for _ in range(2)]
    file.sent[message.id] = "generate"
    assert receipts[0] == receipts[1]
    assert file.types("report.generated", "report.regenerated").count("report.regenerated") == 2


@beside
async def test_a_period_has_one_report_and_a_signed_one_is_only_superseded(house: House) -> None:
    """The second is the first; what takes its place names it, and is computed anew."""
    file = await signed(house, PeriodKind.MONTH, "2037-03", "04-01 00:30")
    await file.refused("reason_required", "supersede", "supervisor")
    await file.refused("wrong_role", "supersede", "office-chief", reason="更正")
    again = await report(house, PeriodKind.MONTH, "2037-03", "04-01 00:30")
    assert again.intake.receipt == file.intake.receipt
    with pytest.raises(ConflictError):
        await report(house, PeriodKind.MONTH, "2037-03", "04-01 00:30", officer=DEPUTY, post="supervisor")
    await file.act("supersede", "supervisor", reason="补录改变了数字")
    assert (await file.handle.result())["state"] == ReportStage.SUPERSEDED
    entry = file.entries("report.superseded")[0]
    assert entry.data["successor"] == "BB-2037-03-R2"
    heir = File(house, file.desk, "report", file.intake.model_copy(update={"number": "BB-2037-03-R2"}), None)
    await generated(heir)
    begun = heir.entries("report.registered")[0]
    assert (begun.data["supersedes"], begun.data["because"]["number"]) == ("BB-2037-03", "BB-2037-03")
    assert begun.data["period"] == entry.data["period"]
    assert (await heir.clock(ClockKind.STEP, "distribution")).due == day("04-09")
    await heir.act("review", "supervisor", who=DEPUTY, **SEEN)
    await heir.act("sign", "supervisor", **SEEN)


@beside
async def test_what_is_sent_late_is_a_lead_about_the_office_itself(house: House) -> None:
    """The supervision office's own delay (3.3): a week's report is due on the next working day."""
    file = await generated(await report(house, PeriodKind.WEEK, "2037-W07", "02-16 00:30"))
    clock = await file.clock(ClockKind.STEP, "distribution")
    assert clock.due == day("02-24")  # Spring Festival
    await file.until("02-25 01:00")
    (breach,) = file.entries("clock.breached")
    assert breach.event["time"][:16] == "2037-02-25T00:00"
    (opened,) = file.entries("report.lead_opened")
    lead = opened.data["lead"]
    assert (lead["source"], lead["accused"], lead["codes"]) == ("supervision_check", [HEAD], ["F06"])
    assert lead["about"] == {"kind": "report", "number": file.number}
    assert opened.data["begins"] == [f"fault/GC-{file.number}"]
    await file.act("note", "supervisor", opinion="说明")
    await file.act("review", "supervisor", who=DEPUTY, **SEEN)
    await file.act("sign", "supervisor", **SEEN)
    await file.act("distribute", "supervisor")


@beside
async def test_a_report_begun_when_it_was_due_already_has_a_limit_of_its_own(house: House) -> None:
    """The house stood still at the month's end: nobody is late with what could not be begun."""
    file = await generated(await report(house, PeriodKind.MONTH, "2037-04", "05-08 09:00"))
    assert (await file.clock(ClockKind.STEP, "distribution")).due == day("05-14")  # 9 May is worked
    assert file.types("clock.breached") == []


@beside
async def test_no_report_before_the_end_of_its_period_and_none_of_no_period(house: House) -> None:
    """24:00 of the last day, local time."""
    with pytest.raises(NotPermittedError) as refusal:
        await report(house, PeriodKind.MONTH, "2037-05", "05-31 23:59")
    assert refusal.value.code == "period_open"
    file = await generated(await report(house, PeriodKind.MONTH, "2037-05", "06-01 00:00"))
    assert file.entries("report.generated")
    with pytest.raises(NotPermittedError) as refusal:
        await report(house, PeriodKind.WEEK, "2037-W20", "06-01 09:00", officer="1103", post="window-lead")
    assert refusal.value.code == "wrong_role"


@beside
async def test_acts_of_the_office_with_the_rules_and_the_calendar(house: House) -> None:
    """Whoever has nothing to do with the office is refused; nobody is named, nobody is sent it."""
    changes = changed(recipients=())
    file = await generated(await report(house, PeriodKind.WEEK, "2037-W30", "07-27 00:30", changes))
    complete = rules_for(PROFILE, None, day("07-27"), sections=("reports",))
    rules = complete.model_copy(update={"calendar": CALENDAR})
    calendar = CALENDAR.model_copy(update={"version": "2037.2"})
    await file.refused("wrong_role", "adopt_calendar", "window-lead", calendar=calendar, reason="更正")
    await file.act("adopt_calendar", "supervisor", calendar=calendar, reason="国务院通知")
    await file.refused("wrong_role", "adopt_profile", "window-lead", rules=rules, reason="更正")
    await file.refused("not_in_post", "note", "supervisor", who="1103", opinion="x")
    await file.act("review", "supervisor", who=DEPUTY, **SEEN)
    await file.act("sign", "supervisor", **SEEN)
    await file.refused("no_recipients", "distribute", "supervisor")
    await file.act("adopt_profile", "supervisor", rules=rules, reason="补充报送对象")
    await file.act("distribute", "supervisor")
    people = file.entries("report.distributed")[0].data["view"]["people"]
    assert {tuple(each) for each in people} >= {("recipient", "1005"), ("recipient", "1001")}
