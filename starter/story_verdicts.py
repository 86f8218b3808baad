"""What must have come of the story's second half, told beforehand and found in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schemas.liability import Degree
from starter import story_accountability as told
from starter.rulebook import item_of
from starter.story import LAND, MORTGAGE
from starter.story_checks import Check, check
from starter.story_setting import Setting
from starter.story_teller import ToldMatter


def of_late(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """A limit broken: cards on their days, an objection that changes nothing, a case with all its steps."""
    stage = item_of(s.profile, MORTGAGE).stages[0].limit.n
    rectify = s.profile.thresholds.rectify.n
    yellow, fault = next(each for each in m.kin if each.kind == "card"), m.come_of("fault")
    issued = {entry.data["card"]["code"]: _day(s, entry) for entry in m.all("card.issued")}
    yield check("黄牌日 / yellow card on", s.day(stage + 1), issued.get("Y1"))
    rejected = yellow.first("card.objection_rejected")
    yield check("申诉答复人 / objection answered by", s.person(s.post(told.OFFICE).a), _who(s, rejected))
    yield check("红牌日 / red card on", s.day(stage + 1 + rectify + 1), issued.get("R1"))
    registered = fault.first("fault.registered")
    yield check("线索来源 / lead came from", "red_card", _said(registered, "source"))
    yield check(
        "调查人员 / team",
        _people(s, told.TEAM),
        _people(s, _said(fault.first("fault.team_appointed"), "team")),
    )
    proposed = [row["rule"] for row in _said(fault.first("fault.reported"), "rows") or []]
    yield check("责任规则 / rule", True, "LT1" in proposed)
    yield check("陈述申辩 / defence", s.person(told.CLERK), _who(s, fault.first("fault.defended")))
    yield from _of_discussion(s, fault)
    decided, answered = fault.first("fault.decided"), fault.first("fault.remedy_answered")
    yield check("决定 / decision", "handled", _said(decided, "outcome"))
    yield check("复核 / review", "upheld", _said(answered, "result"))


def _of_discussion(s: Setting, fault: ToldMatter) -> Iterator[Check]:
    """Nobody's vote is lost, and the dissent stands in the minutes."""
    votes = [
        (entry.event["actor"], entry.data["choice"])
        for entry in fault.entries
        if entry.data.get("act") == "vote"
    ]
    against = [who for who, choice in votes if choice == "oppose"]
    yield check("表决 / votes", sorted(told.PANEL), sorted(who for who, _ in votes))
    yield check("反对 / dissent", [s.person(told.DISSENT)], _people(s, against))


def of_wrong(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """An approval found wrong: everybody who signed has a row, also `none`."""
    fault = m.come_of("fault")
    signers = {
        entry.event["actor"] for entry in m.entries if entry.type in ("case.stage_signed", "case.decided")
    }
    rows = {row["officer"]: row for row in _said(fault.first("fault.reported"), "rows") or []}
    yield check("每个签字人都有结论 / every signer has a row", sorted(signers), sorted(signers & set(rows)))
    stages = item_of(s.profile, LAND).stages
    degrees = zip(stages[1:], (Degree.DIRECT, Degree.MAIN, Degree.IMPORTANT), strict=False)
    for each, degree in degrees:
        found = rows.get(s.post(each.post).a, {})
        yield check(f"{each.name} / {each.name_en}", degree.value, found.get("degree"))
    yield check(
        "依据规则 / by rule",
        ["L04"],
        sorted({row["rule"] for row in rows.values() if row["degree"] in "DMI"}),
    )
    chain = _said(fault.first("fault.registered"), "chain") or []
    yield check("决定链回避 / chain kept out", True, not set(told.TEAM) & set(chain))


def of_month(s: Setting, m: ToldMatter) -> Iterator[Check]:
    """The month's report: reviewed, signed and sent by the supervision office."""
    office = s.person(s.post(told.OFFICE).a)
    yield check("签发人 / signed by", office, _who(s, m.first("report.signed")))
    yield check("状态 / state", "distributed", m.status.state)


def _day(s: Setting, entry: Any) -> Any:
    return s.local(datetime.fromisoformat(entry.event["time"])).date()


def _who(s: Setting, entry: Any) -> str | None:
    return s.person(entry.event["actor"]) if entry else None


def _said(entry: Any, name: str) -> Any:
    return entry.data.get(name) if entry else None


def _people(s: Setting, staff: Any) -> list[str]:
    return [s.person(each) for each in staff or ()]
