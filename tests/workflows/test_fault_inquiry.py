"""The investigation: the team, recusals, the limit and its extension, the report, and waiting for a court."""

from __future__ import annotations

from datetime import date

from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.fault_desk import (
    ACCUSED,
    DESK,
    DIRECT,
    FREE,
    HEAD,
    MEASURE,
    POST,
    TEAM,
    accepted,
    investigated,
    report,
    reported,
)
from tests.workflows.house import House, day


@beside
async def test_the_team_is_free_of_everybody_concerned(house: House) -> None:
    """At least two, nobody of the chain or related; who acted in the case is read in the ledger."""
    case = await house.case("LX-LS-01")
    await case.act("accept", "window-clerk")
    about = {"kind": "case", "number": case.number}
    file = await accepted(house, lead={"about": about})
    assert file.entries("fault.registered")[0].data["chain"] == ["1101"]
    await file.refused("team_too_small", "appoint", DESK, team=["1501"])
    await file.refused("too_near", "appoint", DESK, team=["1501", ACCUSED])
    await file.refused("too_near", "appoint", DESK, team=["1501", "1101"])
    await file.refused("no_officer", "appoint", DESK, team=["1501", "7777"])
    await file.refused("not_on_duty", "appoint", HEAD, team=["1501", "1503"])
    await file.act("appoint", DESK, team=["1501", "1503"])
    await file.refused("not_party", "report", "planning-handler", opinion="我来报告")


@beside
async def test_recusal_is_asked_for_and_ruled_upon(house: House) -> None:
    """By the person or by the reporter through the office; until the head has ruled nothing is reported."""
    file = await investigated(house)
    await file.refused("not_party", "request_recusal", "planning-chief", investigator="1501", reason="同乡")
    await file.refused("not_investigator", "request_recusal", POST, investigator="1601", reason="同乡")
    await file.refused("own_words", "request_recusal", DESK, investigator="1501", reason="同乡")
    await file.act("request_recusal", POST, investigator="1501", reason="曾与本人有纠纷")
    await file.act("request_recusal", DESK, investigator="1503", reason="与被反映人同乡", for_reporter=True)
    assert (await file.clock(ClockKind.STEP, "recusal/1501")).due == day("06-18")
    await file.refused("recusal_open", "report", TEAM["1501"], who="1501", opinion="清楚", rows=[DIRECT])
    await file.refused("wrong_role", "rule_recusal", DESK, investigator="1501", grant=True, reason="回避")
    await file.refused("no_recusal", "rule_recusal", HEAD, investigator="1601", grant=True, reason="回避")
    await file.act("rule_recusal", HEAD, investigator="1501", grant=True, reason="确有纠纷")
    await file.act("rule_recusal", HEAD, investigator="1503", grant=False, reason="同乡不影响公正")
    await file.refused("team_too_small", "report", TEAM["1503"], who="1503", opinion="清楚", rows=[DIRECT])
    await file.refused("too_near", "appoint", DESK, team=["1501", "1503"])
    await file.act("appoint", DESK, team=["1502", "1503"])
    await file.act("report", "farmland-chief", who="1503", opinion="清楚", rows=[DIRECT])


@beside
async def test_the_investigation_is_extended_once_before_it_ends(house: House) -> None:
    """Thirty working days over the National Day holiday, thirty more by the head; a day late is too late."""
    file = await accepted(house, "09-01 09:00")
    assert (await file.clock(ClockKind.STEP, "investigation")).due == day("10-19")
    await file.refused("wrong_role", "extend", DESK, days=10, reason="案情复杂")
    await file.refused("extension_too_long", "extend", HEAD, days=31, reason="案情复杂")
    await file.refused("no_such_step", "extend", HEAD, step="sanction", days=10, reason="案情复杂")
    await file.until("10-19 16:00")
    await file.act("extend", HEAD, days=30, reason="案情复杂")
    assert (await file.clock(ClockKind.STEP, "investigation")).due == day("11-30")
    await file.refused("extended_before", "extend", HEAD, days=5, reason="再延")
    late = await accepted(house, "09-01 09:00")
    await late.until("10-20 00:30")
    assert (await late.clock(ClockKind.STEP, "investigation")).breached
    await late.refused("extension_late", "extend", HEAD, days=5, reason="案情复杂")


@beside
async def test_the_report_confirms_row_by_row(house: House) -> None:
    """Each change has a reason, nobody stands there twice, and one person's report is none."""
    file = await investigated(house)
    by: dict[str, str] = {"who": "1501", "opinion": "事实清楚"}
    await file.refused("change_unexplained", "report", TEAM["1501"], **by, rows=[{**DIRECT, "reason": ""}])
    await file.refused("row_twice", "report", TEAM["1501"], **by, rows=[DIRECT, DIRECT])
    await file.refused("row_open", "report", TEAM["1501"], **by, rows=[{**DIRECT, "degree": "open"}])
    own = {**FREE, "officer": "1503"}
    await file.refused("too_near", "report", TEAM["1501"], **by, rows=[DIRECT, own])
    await file.act("report", TEAM["1501"], **by, rows=[DIRECT, FREE])
    await file.refused("own_report", "countersign", TEAM["1501"], who="1501")
    await file.refused("report_unsigned", "notify_facts", DESK, document="告1号", measures=[MEASURE])
    await file.act("countersign", TEAM["1503"], who="1503")
    await file.refused("countersigned_already", "countersign", TEAM["1503"], who="1503")
    await file.refused("wrong_state", "report", TEAM["1501"], **by, rows=[DIRECT])
    assert (await file.status()).detail["rows"] == {ACCUSED: "D", "1205": "none"}


@beside
async def test_who_answers_by_the_report_may_change_who_handles_the_case(house: House) -> None:
    """The head among them: nobody here goes on with it."""
    file = await investigated(house)
    rows = [{**DIRECT, "officer": "1001", "post": HEAD, "role": "approver"}]
    await report(file, *rows)
    assert (await file.status()).officer == "1005"
    await file.refused(
        "must_send_up",
        "notify_facts",
        "discipline",
        document="告1号",
        measures=[{**MEASURE, "officer": "1001"}],
    )
    await file.act("send_up", "discipline", organ="city_government", reason="涉及局长")
    await file.act("receipt_transfer", "discipline", ref="T1", receipt="收1号")
    assert (await file.handle.result())["state"] == "transferred"


@beside
async def test_the_limit_stands_still_while_a_court_has_to_say_first(house: House) -> None:
    """Twenty of thirty days used before the year end: the ten left run on from the resumption."""
    file = await investigated(house, "11-30 09:00")
    assert (await file.clock(ClockKind.STEP, "investigation")).due == at_year("2038-01-12")
    await file.until("12-28 09:00")
    await file.refused("document_required", "suspend_for_court", DESK, reason="待判决")
    await file.act("suspend_for_court", DESK, reason="待判决", document="受理通知书")
    assert file.entries("fault.suspended")[0].data["left"] == {"investigation": 10}
    await file.refused("wrong_state", "report", TEAM["1501"], who="1501", opinion="报", rows=[DIRECT])
    await file.until("2038-03-01 09:00")
    await file.refused("reason_required", "resume", DESK, document="判决书")
    await file.act("resume", DESK, reason="判决生效", document="判决书")
    assert (await file.status()).state == "investigating"
    assert (await file.clock(ClockKind.STEP, "investigation")).due == at_year("2038-03-15")
    assert file.types("clock.breached") == []
    waiting = await reported(house)
    await waiting.act("suspend_for_court", DESK, reason="待判决", document="受理通知书")
    await waiting.act("resume", DESK, reason="判决生效", document="判决书")
    assert (await waiting.status()).state == "reported"


def at_year(text: str) -> object:
    """A day of the next year."""
    return date.fromisoformat(text)
