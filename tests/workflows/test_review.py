"""Joint review (联席会审): who decides together, how a meeting is held, and what its votes come to (M19)."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from rules.minutes import digest_of_minutes
from rules.procedures.review import ReviewStage
from rules.quorum import tally
from schemas.clocks import ClockKind
from schemas.errors import NotPermittedError
from schemas.review_rules import QuorumRule
from tests.workflows.beside import beside
from tests.workflows.house import CALENDAR, House, at, day, moved_calendar
from tests.workflows.review_desk import (
    CHAIR,
    CONVENER_POST,
    PANEL,
    attend,
    concluded,
    convene,
    everybody,
    minutes_of,
    review,
    seats,
    sign,
    sitting,
    vote,
)

OTHERS = tuple(who for who in PANEL if who != CHAIR)
SAY: dict[str, Any] = {"choice": "agree", "opinion": "同意"}
WHY = {"reason": "更正"}


@beside
async def test_a_review_from_request_to_execution(house: House) -> None:
    """Each step is one entry of its person; dissent and abstention are kept, and printed on the minutes."""
    file = await sitting(house)
    votes = {"1001": "agree", "1002": "agree", "1003": "oppose", "1303": "agree"}
    await concluded(file, votes)
    text = (await file.status()).detail["minutes_text"]
    assert isinstance(text, str)
    assert digest_of_minutes(text) == await minutes_of(file)
    for line in (
        "应到 / base 4, 法定 / quorum 3, 实到 / present 4",
        "孙明远 (1003): 反对 / oppose — 1003已发言；理由 / reason: 补偿标准偏低",
        "计票 / votes: 同意 3 反对 1 弃权 0，须 / needed 3",
        "不同意见 / dissent: 孙明远 (1003)",
        "结果 / result: 通过 / passed",
    ):
        assert line in text
    signed = file.entries("review.minutes_signed")[0].data
    assert (signed["dissent"], signed["abstained"], signed["unsigned"]) == (["1003"], [], [])
    assert signed["resolution"] == {
        "number": file.number,
        "outcome": "passed",
        "matters": ["major_case"],
        "case": "",
    }
    await file.refused("not_in_post", "note", CONVENER_POST, who="9999", opinion="x")
    await file.act("note", CONVENER_POST, opinion="已印发")
    await file.refused("wrong_role", "execute", "head", document="1")
    await file.act("execute", "brigade-handler", document="处罚决定书1号")
    assert (await file.handle.result())["state"] == "executed"
    assert file.types("review.") == [
        "review.registered",
        "review.convened",
        *["review.attended"] * 3,
        "review.opened",
        *["review.voted"] * 4,
        "review.closed",
        *["review.minutes_countersigned"] * 3,
        "review.minutes_signed",
        "review.noted",
        "review.executed",
    ]


@beside
async def test_a_question_without_a_type_of_matter_is_turned_away(house: House) -> None:
    """The four types, and what an item prescribes itself; nothing else, and not nothing."""
    for wrong in ((), ("anything",), ("major_case", "anything")):
        with pytest.raises(NotPermittedError) as refused:
            await review(house, matters=wrong)
        assert refused.value.code == "matter_required"
    with pytest.raises(NotPermittedError) as refused:
        await review(house, officer="1101", post="window-clerk")
    assert refused.value.code == "wrong_role"


@beside
async def test_who_is_called_and_when(house: House) -> None:
    """One chair, everybody once, in a post he holds; the papers two working days before."""
    file = await review(house, "06-15 09:00")
    papers: dict[str, Any] = {"materials": ["议题"], "meets_at": "2037-06-18T09:00:00+08:00"}
    two = [*seats("1001"), *seats("1002", chair="1002")]
    twice = [*seats("1001", "1002"), *seats("1002")]
    stranger = [*seats("1001"), {"officer": "9999", "post": "head"}]
    nowhere = [*seats("1001"), {"officer": "1002", "post": "nowhere"}]
    for code, members in (
        ("one_chair", seats("1002", "1003")),
        ("one_chair", two),
        ("member_twice", twice),
        ("not_in_post", stranger),
        ("unknown_post", nowhere),
    ):
        await file.refused(code, "convene", CONVENER_POST, members=members, **papers)
    await file.refused("wrong_role", "convene", "land-use-chief", members=seats(), **papers)
    early = {**papers, "meets_at": "2037-06-16T09:00:00+08:00"}
    await file.refused("materials_late", "convene", CONVENER_POST, members=seats(), **early)
    await convene(file, "06-17 09:00")
    await file.refused("reason_required", "convene", CONVENER_POST, members=seats(), **papers)
    await convene(file, "06-18 09:00", reason="改期")
    assert (await file.status()).detail["meeting"] == 1
    await file.refused("not_party", "attend", "planning-chief", who="1403")
    await file.refused("recuse_other", "recuse", "deputy-land", who="1002", member="1403", reason="亲属")
    await file.refused("not_member", "recuse", "head", who=CHAIR, member="1403", reason="亲属")


PAPERS = (
    ("06-12 09:00", "06-15 16:00", "06-16 09:00"),  # over a weekend
    ("02-12 09:00", "02-13 16:00", "02-14 09:00"),  # a Saturday that is worked
    ("02-13 09:00", "02-14 16:00", "02-24 09:00"),  # over Spring Festival
    ("12-30 09:00", "12-31 16:00", "2038-01-04 09:00"),  # over New Year
)
"""Asked for and sent, too early, and early enough."""


@beside
async def test_papers_two_working_days_before(house: House) -> None:
    """The day on which they are sent does not count; holidays and make-up days do as the calendar says."""
    for begin, too_early, earliest in PAPERS:
        file = await review(house, begin)
        about: dict[str, Any] = {"members": seats(), "materials": ["议题"], "meets_at": at(too_early)}
        await file.refused("materials_late", "convene", CONVENER_POST, **about)
        await convene(file, earliest)


@beside
async def test_only_who_is_there_and_everybody_before_the_chair(house: House) -> None:
    """Presence is signed in; each speaks once, with a reason if he does not agree; the chair comes last."""
    file = await review(house)
    await file.refused("wrong_state", "attend", "head", who=CHAIR)
    await convene(file)
    await file.refused("not_yet", "attend", "deputy-land", who="1002")
    await file.until("06-18 08:30")
    await file.refused("not_party", "attend", "supervisor", who="1901")
    await attend(file, "1002")
    await file.refused("attended_already", "attend", "deputy-land", who="1002")
    await file.refused("not_yet", "attend", "head", who=CHAIR)
    await file.refused("wrong_state", "vote", "deputy-land", who="1002", **SAY)
    await file.refused("reason_required", "attend", "land-use-chief", who="1303", leave=True)
    await file.act("attend", "land-use-chief", who="1303", leave=True, reason="出差")
    await file.until("06-18 09:05")
    await attend(file, "1003", CHAIR)
    await file.refused("session_open", "attend", "land-use-chief", who="1303")
    await file.refused("not_present", "vote", "land-use-chief", who="1303", **SAY)
    await file.refused("opinion_required", "vote", "deputy-land", who="1002", choice="agree")
    for choice in ("oppose", "abstain"):
        said = {"choice": choice, "opinion": "不妥"}
        await file.refused("reason_required", "vote", "deputy-land", who="1002", **said)
    await vote(file, {"1002": "abstain"})
    await file.refused("voted_already", "vote", "deputy-land", who="1002", **SAY)
    refusal = await file.refused("chair_last", "vote", "head", who=CHAIR, **SAY)
    assert "1003" in str(refusal.data["told"])
    await file.refused("not_party", "close_session", "deputy-land", who="1002")
    await file.refused("not_all_voted", "close_session", "head", who=CHAIR)
    await vote(file, {"1003": "agree", CHAIR: "agree"})
    await file.act("close_session", "head", who=CHAIR)
    entry = file.entries("review.closed")[0]
    assert (entry.data["outcome"], entry.data["abstained"]) == ("passed", ["1002"])
    assert file.entries("review.lead_opened") == []  # 1303 had leave


@beside
async def test_the_minutes_are_signed_by_those_present_and_the_chair_last(house: House) -> None:
    """A signature binds to the text; the chair signs before another only with his reason."""
    file = await sitting(house)
    await vote(file, dict.fromkeys(PANEL, "agree"))
    await file.refused("wrong_state", "sign_minutes", "head", who=CHAIR, minutes="0")
    await file.act("close_session", "head", who=CHAIR)
    text = await minutes_of(file)
    await file.refused("minutes_changed", "sign_minutes", "deputy-land", who="1002", minutes="0" * 64)
    await sign(file, "1002", "1003")
    await file.refused("signed_already", "sign_minutes", "deputy-land", who="1002", minutes=text)
    await file.refused("minutes_wait", "sign_minutes", "head", who=CHAIR, minutes=text)
    await sign(file, CHAIR, reason="1303 拒签")
    assert file.entries("review.minutes_signed")[0].data["unsigned"] == ["1303"]
    await file.refused("wrong_state", "sign_minutes", "land-use-chief", who="1303", minutes=text)
    assert (await file.status()).state == ReviewStage.MINUTES_SIGNED


@beside
async def test_a_recusal_after_opening_leaves_both_denominators(house: House) -> None:
    """Five listed, four present: one withdraws and three of four are enough, two of three are, one is not."""
    panel = {**PANEL, "1403": "planning-chief"}
    file = await review(house)
    await convene(file, members=seats(*panel, posts=panel))
    await file.until("06-18 09:05")
    await attend(file, *OTHERS, CHAIR)
    opened = file.entries("review.opened")[0].data
    assert (opened["base"], opened["quorum"], opened["there"], opened["absent"]) == (5, 4, 4, ["1403"])
    await file.refused("reason_required", "recuse", "deputy-land", who="1002")
    await file.refused("recuse_other", "recuse", "deputy-land", who="1002", member="1003", reason="亲属")
    await vote(file, {"1003": "agree"})
    await file.act("recuse", "head", who=CHAIR, member="1003", reason="与申请人是亲属")
    left = file.entries("review.recused")[0].data
    assert (left["base"], left["quorum"], left["there"], left["void"]) == (4, 3, 3, False)
    await file.refused("recused_already", "recuse", "deputy-registry", who="1003", reason="亲属")
    await file.refused("recused_member", "vote", "deputy-registry", who="1003", **SAY)
    await file.act("recuse", "deputy-land", who="1002", reason="曾任承办人")
    assert file.entries("review.recused")[1].data["void"] is False  # two of three
    await vote(file, {"1303": "agree", CHAIR: "agree"})
    await file.act("close_session", "head", who=CHAIR)
    votes: Any = file.entries("review.closed")[0].data["votes"]
    assert votes == {"agree": 2, "oppose": 0, "abstain": 0, "needed": 2}  # 1003's vote counts no more


@beside
async def test_a_meeting_that_loses_its_quorum_is_void_and_called_again(house: House) -> None:
    """Nobody decides; those who withdrew stay out of the next meeting."""
    panel = {**PANEL, "1403": "planning-chief"}
    file = await review(house)
    await convene(file, members=seats(*panel, posts=panel))
    await file.until("06-18 09:05")
    await attend(file, *OTHERS, CHAIR)
    for who in ("1002", "1003", "1303"):
        await file.act("recuse", panel[who], who=who, reason="有利害关系")
    assert [e.data["void"] for e in file.entries("review.recused")] == [False, False, True]
    assert (await file.status()).state == ReviewStage.REQUESTED
    await file.refused("wrong_state", "vote", "head", who=CHAIR, **SAY)
    assert [c for c in (await file.status()).clocks if c.ref == "schedule"][-1].stopped_on is None
    await convene(file, "06-23 09:00", members=seats(*panel, posts=panel))
    await file.until("06-23 09:05")
    await file.refused("recused_member", "attend", "deputy-land", who="1002")
    await attend(file, "1403", CHAIR, posts=panel)
    again = file.entries("review.opened")[-1].data
    assert (again["meeting"], again["base"], again["quorum"], again["there"]) == (2, 2, 2, 2)


@beside
async def test_too_few_at_the_opening_and_absence_without_leave(house: House) -> None:
    """The meeting is void before it began; who stayed away without leave is a lead, who had leave is not."""
    file = await review(house, case="LX-2037-999999")
    await convene(file)
    await file.until("06-18 09:05")
    await file.act("attend", "deputy-registry", who="1003", leave=True, reason="住院")
    await attend(file, "1002", CHAIR)
    void = file.entries("review.void")[0]
    assert (void.data["base"], void.data["quorum"], void.data["there"]) == (4, 3, 2)
    assert (void.data["absent"], void.data["leave"]) == (["1303"], ["1003"])
    assert (await file.status()).state == ReviewStage.REQUESTED
    lead: Any = file.entries("review.lead_opened")[0].data["lead"]
    assert (lead["codes"], lead["accused"]) == (["F05"], ["1303"])
    assert lead["about"] == {"kind": "case", "number": "LX-2037-999999"}
    assert lead["evidence"] == [{"kind": "review", "number": file.number, "seq": void.seq}]


@beside
async def test_the_next_in_the_list_presides_where_the_chair_cannot(house: House) -> None:
    """On leave, or recused himself."""
    file = await review(house)
    await convene(file)
    await file.until("06-18 09:05")
    await file.act("attend", "head", who=CHAIR, leave=True, reason="赴省厅开会")
    await attend(file, "1003", "1303", "1002")
    assert (await file.status()).detail["chair"] == "1002"
    await file.act("recuse", "deputy-land", who="1002", reason="亲属")
    assert (await file.status()).detail["chair"] == "1003"
    assert (await file.status()).state == ReviewStage.IN_SESSION  # two of three


@beside
async def test_an_adjourned_meeting_decides_nothing_and_another_is_called(house: House) -> None:
    """暂缓: with the reason, and its minutes are signed like any others."""
    file = await sitting(house)
    await file.refused("reason_required", "close_session", "head", who=CHAIR, defer=True)
    await file.act("close_session", "head", who=CHAIR, defer=True, reason="需补充评估")
    await sign(file, *OTHERS, CHAIR)
    assert (await file.status()).state == ReviewStage.REQUESTED
    await convene(file, "06-23 09:00")
    assert (await file.status()).detail["meeting"] == 2


@beside
async def test_the_chair_decides_against_the_majority_only_where_an_article_says_so(house: House) -> None:
    """Art.57 of the penalty law gives it to nobody; where a head has it, it is an act, and a lead."""
    against = {"1001": "agree", "1002": "oppose", "1003": "oppose", "1303": "agree"}
    penal = await sitting(house)
    await vote(penal, against)
    await penal.act("close_session", "head", who=CHAIR)
    about = {"outcome": "passed", "reason": "工期所迫"}
    await penal.refused("no_override", "override", "head", who=CHAIR, **about)
    file = await sitting(house, matters=("key_project",), case="LX-2037-999998")
    await vote(file, against)
    await file.act("close_session", "head", who=CHAIR)
    await sign(file, "1002")
    await file.refused("not_party", "override", "deputy-land", who="1002", **about)
    await file.refused("reason_required", "override", "head", who=CHAIR, outcome="passed")
    await file.refused("same_outcome", "override", "head", who=CHAIR, outcome="failed", reason="同")
    await file.refused("bad_outcome", "override", "head", who=CHAIR, outcome="deferred", reason="缓")
    before = await minutes_of(file)
    await file.act("override", "head", who=CHAIR, **about)
    assert await minutes_of(file) != before
    await sign(file, *OTHERS, CHAIR)  # also who had signed the text before
    signed = file.entries("review.minutes_signed")[0].data
    assert (signed["outcome"], signed["overridden"]) == ("passed", "failed")
    assert signed["dissent"] == ["1002", "1003"]
    lead: Any = file.entries("review.lead_opened")[0].data["lead"]
    assert (lead["codes"], lead["accused"]) == (["F11"], [CHAIR])
    assert "主持人另行决定" in str((await file.status()).detail["minutes_text"])


@beside
async def test_limits_of_a_review(house: House) -> None:
    """Calling, holding the meeting, signing: each is somebody's, and none of them is a card by itself."""
    file = await review(house, "02-12 09:00")
    assert (await file.clock(ClockKind.STEP, "schedule")).due == day("02-26")
    await file.until("02-27 01:00")
    await convene(file, "03-04 09:00", materials=["议题"])
    assert (await file.clock(ClockKind.STEP, "meeting")).due == day("03-04")
    await file.until("03-05 01:00")
    await convene(file, "03-09 09:00", reason="主持人未到会")
    await file.until("03-09 09:05")
    await attend(file, *OTHERS, CHAIR)
    await vote(file, dict.fromkeys(PANEL, "agree"))
    await file.act("close_session", "head", who=CHAIR)
    assert (await file.clock(ClockKind.STEP, "minutes")).due == day("03-12")
    await file.until("03-13 01:00")
    breached = [(e.data["ref"], e.event["onbehalfof"]) for e in file.entries("clock.breached")]
    assert breached == [("schedule", "1803"), ("meeting", CHAIR), ("minutes", CHAIR)]
    assert file.types("card.issued") == []


@beside
async def test_a_question_is_withdrawn_before_it_is_voted_on(house: House) -> None:
    """And what its file knows of calendar and rules is kept up like any other's."""
    file = await review(house)
    await file.refused("reason_required", "adopt_calendar", "office-chief", calendar=CALENDAR)
    await file.act("adopt_calendar", "office-chief", calendar=moved_calendar(version="corrected"), **WHY)
    rules = file.desk.rules_of("LX-LS-01").model_copy(update={"item": None})
    await file.refused("wrong_role", "adopt_profile", "window-clerk", rules=rules, **WHY)
    await file.act("adopt_profile", "office-chief", rules=rules, **WHY)
    await file.refused("reason_required", "withdraw", "office-chief")
    await file.act("withdraw", "office-chief", reason="申请人撤回")
    assert (await file.handle.result())["state"] == "withdrawn"
    sitting_one = await sitting(house)
    await sitting_one.refused("wrong_state", "withdraw", "office-chief", reason="撤回")


@beside
async def test_a_meeting_goes_on_in_a_new_run(house: House) -> None:
    """The history is cut in the middle of the voting, and nothing of the meeting is lost."""
    file = await review(house, start={"history_limit": 40})
    await convene(file)
    await file.until("06-18 09:05")
    await attend(file, *OTHERS, CHAIR)
    await concluded(file)
    assert file.entries("review.minutes_signed")[0].data["outcome"] == "passed"
    runs = {entry.event["wfrunid"] for entry in file.entries()}
    assert len(runs) > 1


@beside
async def test_fifty_votes_at_the_same_moment(house: House) -> None:
    """One outcome; none is lost, and none counts twice, though each is sent twice."""
    panel = everybody(50)
    chair, rest = next(iter(panel)), list(panel)[1:]
    choices = {who: ("agree", "agree", "oppose", "agree", "abstain")[n % 5] for n, who in enumerate(panel)}
    file = await review(house)
    file.desk.patience = timedelta(minutes=5)  # the engine takes ten at a time, the others ask again
    await convene(file, members=seats(*panel, chair=chair, posts=panel))
    await file.until("06-18 09:05")
    await asyncio.gather(*(file.act("attend", panel[who], who=who) for who in rest))
    await attend(file, chair, posts=panel)

    def ballot(who: str) -> Any:
        said = {"choice": choices[who], "opinion": "已发言", "reason": "见书面意见"}
        return file.message("vote", panel[who], who, **said)

    async def cast(message: Any) -> str:
        try:
            return (await file.desk.act("review", file.number, "vote", message)).id
        except NotPermittedError as refused:
            return refused.code

    messages = [ballot(who) for who in panel]
    answers = await asyncio.gather(*(cast(each) for each in (*messages, *messages)))
    assert answers[:50] == answers[50:]  # each repetition got the first answer again
    assert set(answers[1:50]).isdisjoint({"chair_last", "voted_already"})
    if answers[0] == "chair_last":
        await file.refused("voted_already", "vote", panel[rest[0]], who=rest[0], **SAY)
        assert await cast(ballot(chair)) != "chair_last"
    voted = {str(e.event["actor"]): str(e.data["choice"]) for e in file.entries("review.voted")}
    assert len(file.entries("review.voted")) == 50
    assert voted == choices
    closing = [file.message("close_session", panel[chair], chair) for _ in range(5)]
    ends = await asyncio.gather(*(_try(file, each) for each in closing))
    assert Counter(ends) == {"closed": 1, "wrong_state": 4}
    (closed,) = file.entries("review.closed")
    right = tally(choices, panel, QuorumRule())
    count: Any = closed.data["votes"]
    assert closed.data["outcome"] == right.outcome
    assert (count["agree"], count["oppose"], count["abstain"]) == (right.agree, right.oppose, right.abstain)


async def _try(file: Any, message: Any) -> str:
    try:
        await file.desk.act("review", file.number, "close_session", message)
    except NotPermittedError as refused:
        return refused.code
    return "closed"
