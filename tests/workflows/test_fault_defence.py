"""Notice, defence, discussion, decision, service: nobody unheard, nobody worse off, nothing left out."""

from __future__ import annotations

from typing import Any

from schemas.clocks import ClockKind
from tests.workflows.beside import beside
from tests.workflows.fault_desk import (
    ACCUSED,
    DESK,
    DIRECT,
    HEAD,
    MEASURE,
    PANEL,
    POST,
    TEAM,
    decided,
    decision,
    discuss,
    discussed,
    investigated,
    noticed,
    report,
    reported,
    sign,
    verified,
)
from tests.workflows.house import House, at, day

HEAVIER = {**MEASURE, "handling": ["org-circulated"]}
LIGHTER = {**MEASURE, "handling": ["org-talk"]}


@beside
async def test_the_notice_says_what_is_proposed_for_everybody(house: House) -> None:
    """And for nobody who does not answer; of a ladder that is the bureau's."""
    file = await reported(house)
    say = {"document": "告〔2037〕1号"}
    await file.refused("document_required", "notify_facts", DESK, measures=[MEASURE])
    await file.refused("notice_incomplete", "notify_facts", DESK, **say, measures=[])
    free = {**MEASURE, "officer": "1205"}
    await file.refused("not_liable", "notify_facts", DESK, **say, measures=[MEASURE, free])
    party = {**MEASURE, "handling": ["party-warning"]}
    await file.refused("wrong_ladder", "notify_facts", DESK, **say, measures=[party])
    await file.refused("not_on_duty", "notify_facts", HEAD, **say, measures=[MEASURE])
    await file.act("notify_facts", DESK, **say, measures=[MEASURE])


@beside
async def test_the_window_is_the_persons_own(house: House) -> None:
    """Written or oral, as often as he likes, until it closes; nobody else speaks for him."""
    file = await noticed(house, "09-28 09:00")
    assert (await file.clock(ClockKind.WINDOW, f"defence/{ACCUSED}")).due == day("10-10")
    points: dict[str, Any] = {"person": ACCUSED, "points": {"1": "系统故障"}}
    await file.refused("not_party", "defend", "registry-chief", **points)
    await file.refused("not_oral", "defend", TEAM["1501"], who="1501", **points)
    await file.act("defend", TEAM["1501"], who="1501", oral=True, **points)
    await file.act("defend", POST, who=ACCUSED, person=ACCUSED, points={"2": "已补办"})
    await file.refused("defence_open", "verify", TEAM["1501"], who="1501", opinion="核")
    await file.until("10-11 08:00")
    assert "window.closed" in file.types()
    await file.refused("defence_closed", "defend", POST, who=ACCUSED, person=ACCUSED, points={"3": "又"})
    await file.refused("defence_closed", "waive", POST, who=ACCUSED, document="放弃书")
    by: dict[str, str] = {"who": "1501", "opinion": "核"}
    one = {f"{ACCUSED}/1": "有系统日志为证，采纳"}
    await file.refused("point_unanswered", "verify", TEAM["1501"], **by, answers=one)
    both = {**one, f"{ACCUSED}/2": "补办属实"}
    await file.refused("unknown_answer", "verify", TEAM["1501"], **by, answers={**both, f"{ACCUSED}/9": "无"})
    await file.refused("heavier", "verify", TEAM["1501"], **by, answers=both, measures=[HEAVIER])
    sanction = {**MEASURE, "handling": [], "sanction": "adm-warning"}
    await file.refused("heavier", "verify", TEAM["1501"], **by, answers=both, measures=[sanction])
    await file.act("verify", TEAM["1501"], **by, answers=both, measures=[LIGHTER])
    await file.refused("heavier", "verify", TEAM["1501"], **by, answers={}, measures=[MEASURE])


@beside
async def test_only_a_written_waiver_shortens_the_window(house: House) -> None:
    """By the person himself."""
    file = await noticed(house)
    await file.refused("not_party", "waive", TEAM["1501"], who="1501", document="放弃书")
    await file.refused("document_required", "waive", POST, who=ACCUSED)
    await file.refused("defence_open", "verify", TEAM["1501"], who="1501", opinion="核")
    await file.act("waive", POST, who=ACCUSED, document="放弃书1号")
    await file.act("verify", TEAM["1501"], who="1501", opinion="无异议")
    assert (await file.status()).state == "verified"


@beside
async def test_who_is_concerned_or_investigated_does_not_discuss(house: House) -> None:
    """Nor does he call the meeting."""
    file = await verified(house)
    meets: dict[str, Any] = {"meets_at": at("06-16 09:00"), "materials": ["调查报告"]}
    chair = {"officer": "1001", "post": HEAD, "chair": True}
    for who, post in ((ACCUSED, POST), ("1501", TEAM["1501"])):
        await file.refused(
            "may_not_sit", "convene", HEAD, members=[chair, {"officer": who, "post": post}], **meets
        )
    await file.refused("wrong_role", "convene", "land-use-chief", members=[chair], **meets)
    members = [{"officer": who, "post": post, "chair": who == "1001"} for who, post in PANEL.items()]
    await file.act("convene", HEAD, members=members, **meets)
    await file.refused("not_yet", "attend", "land-use-chief")
    await file.until("06-16 09:00")
    await file.act("recuse", "land-use-chief", reason="与当事人同乡")
    await file.refused("recused_already", "recuse", "land-use-chief", reason="再")
    for who in ("1004", "1001"):
        await file.act("attend", PANEL[who], who=who)
    await file.refused("chair_last", "vote", HEAD, choice="agree", opinion="同意")
    for who in ("1004", "1001"):
        await file.act("vote", PANEL[who], who=who, choice="agree", opinion="同意")
    await file.refused("not_party", "close_session", "deputy-law")
    await file.act("close_session", HEAD)
    await file.refused("minutes_open", "decide", HEAD, **decision())
    await file.refused("minutes_changed", "sign_minutes", "deputy-law", minutes="0" * 64)
    await sign(file, "1004", "1001")
    await file.act("decide", HEAD, **decision())


@beside
async def test_a_proposal_that_fails_comes_back_lighter(house: House) -> None:
    """Then the meeting is held again, on the same rows."""
    file = await verified(house)
    await discuss(file, "06-16 09:00", {"1303": "oppose", "1004": "oppose"})
    assert (await file.status()).state == "verified"
    await file.refused("wrong_state", "decide", HEAD, **decision())
    await file.act("verify", TEAM["1501"], who="1501", opinion="从轻", measures=[LIGHTER])
    await discuss(file, "06-17 09:00")
    await file.refused("heavier", "decide", HEAD, **decision("2037-06-17"))
    await file.act("decide", HEAD, **decision("2037-06-17", handling=["org-talk"]))


@beside
async def test_the_decision_has_all_its_parts(house: House) -> None:
    """Person, post, facts, evidence, degree, kind, basis, remedy, authority, number, date and seal."""
    file = await discussed(house)
    whole = decision()
    for part in ("document", "authority", "seal"):
        await file.refused("decision_incomplete", "decide", HEAD, **{**whole, part: " "})
    for name in ("post", "facts", "degree", "fault", "basis", "remedy"):
        await file.refused("decision_incomplete", "decide", HEAD, **decision(**{name: ""}))
    await file.refused("decision_incomplete", "decide", HEAD, **decision(evidence=[]))
    await file.refused("decision_date", "decide", HEAD, **decision("2037-06-15"))
    await file.refused("degree_differs", "decide", HEAD, **decision(degree="M"))
    await file.refused("person_undecided", "decide", HEAD, **{**whole, "persons": []})
    other = decision(officer="1205", degree="none")["persons"]
    await file.refused("not_liable", "decide", HEAD, **{**whole, "persons": [*whole["persons"], *other]})
    await file.refused("heavier", "decide", HEAD, **decision(handling=["org-move"]))
    await file.refused("wrong_ladder", "decide", HEAD, **decision(handling=["取保候审"]))
    await file.refused("outcome_differs", "decide", HEAD, **{**whole, "outcome": "no_fault"})
    await file.refused("outcome_differs", "decide", HEAD, **{**whole, "outcome": "sanction_proposed"})
    await file.refused("wrong_role", "decide", "deputy-law", **whole)
    await file.act("decide", HEAD, **whole)
    told = file.entries("fault.decided")[0].data
    assert (told["document"], told["seal"], told["persons"][0]["degree"]) == ("责〔2037〕1号", "印-001", "D")


@beside
async def test_the_decision_is_served_on_each_person(house: House) -> None:
    """Once; nobody else is served, and nothing is filed before it takes effect."""
    file = await decided(house)
    await file.refused("not_decided", "serve", DESK, person="1205")
    await file.refused("wrong_state", "file", DESK)
    await file.refused("not_on_duty", "serve", HEAD, person=ACCUSED)
    await file.act("serve", DESK, person=ACCUSED)
    await file.refused("wrong_state", "serve", DESK, person=ACCUSED)
    assert (await file.status()).state == "served"


@beside
async def test_no_fault_takes_effect_with_its_service(house: House) -> None:
    """Nobody bears anything, so nobody has anything to object to."""
    file = await investigated(house)
    free = {**DIRECT, "degree": "none", "grade": None, "reason": "系统故障所致"}
    await report(file, free)
    await file.act("notify_facts", DESK, document="告〔2037〕2号", measures=[])
    await file.act("verify", TEAM["1501"], who="1501", opinion="无异议")
    await discuss(file, "06-16 09:00")
    text = {**decision(degree="none", handling=[], fault="F04"), "outcome": "no_fault"}
    await file.act("decide", HEAD, **text)
    await file.act("serve", DESK, person=ACCUSED)
    assert (await file.status()).state == "effective"
    assert file.types()[-2:] == ["fault.served", "fault.effective"]
    await file.act("file", DESK)
    assert (await file.handle.result())["figures"]["outcome"] == "no_fault"
