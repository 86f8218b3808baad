"""Cards, a joint review and a fault case on record as the recorder would have them, for the boards' pages."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from ledger.append import append
from ledger.db import Ledger, snapshot
from ledger.read import entries
from readmodel.project import project
from rules.meeting_record import session_of
from rules.minutes import digest_of_minutes, minutes_of
from schemas.entries import EntryDraft, RecordRequest
from starter.rulebook import load_profile
from tests.ledger.support import provenance
from tests.web.casework import at

PROFILE = load_profile("current")
NAMES = {each.staff_no: each.name for each in PROFILE.officers}
_activities = count(100_000)


def say(ledger: Ledger, number: str, kind: str, when: str, actor: str = "system", **data: Any) -> int:
    """One entry of a matter; gives its place in the chain."""
    draft = EntryDraft(
        type=kind,
        time=at(when),
        actor=actor,
        role="staff",
        on_behalf_of=data.pop("on_behalf_of", None),
        data={
            "ruleprofile": f"current@{PROFILE.version}",
            "rulehash": PROFILE.sha256,
            "actid": f"{number}-{next(_activities)}",
            **data,
        },
    )
    request = RecordRequest(
        matter=number, now=at(when) + timedelta(seconds=1), history_length=7, entries=(draft,)
    )
    with ledger.engine.begin() as connection:
        origin = provenance(number, str(next(_activities)))
        return append(ledger, connection, request, origin, project)[0].caseseq


def clock(name: str, start: str, due: str, ref: str = "", **more: Any) -> dict[str, Any]:
    """A clock as an entry holds it; days of June 2026."""
    days = {"start": f"2026-{start}", "due": f"2026-{due}", "yellow_from": f"2026-{due}"}
    days["red_from"] = (at(f"{due} 00:00") + timedelta(days=1)).date().isoformat()
    flags = {"breached": False, "provisional": False, "stopped": False, "suspended": False}
    return {"clock": name, "ref": ref, **days, **flags, "stopped_on": None, "owner": "", **more}


def card_data(number: str, case: str, **more: Any) -> dict[str, Any]:
    """A yellow card on the handler of the registry."""
    return {
        "id": number,
        "case_id": case,
        "code": "Y1",
        "colour": "yellow",
        "clock": "stage",
        "ref": "H",
        "cause": "overdue",
        "fault": "F06",
        "basis": "电子监察预警纠错办法",
        "breached_at": "2026-06-18T00:00:00+08:00",
        "issue_day": "2026-06-18",
        "rectify_due": "2026-06-23",
        "addressees": ["1201"],
        "copies": ["1205"],
        "status": "open",
        "follows": "",
        **more,
    }


def yellow_card(ledger: Ledger, case: str) -> str:
    """The card of a stage that passed: issued in the case, served, objected to and ruled upon."""
    number = f"{case}/Y1-1"
    seen = {"kind": "case", "number": case}
    say(ledger, case, "clock.breached", "06-18 00:00", clock="stage", ref="H", on_behalf_of="1201")
    issued = say(ledger, case, "card.issued", "06-18 00:00", card=card_data(number, case))
    people = [["addressee", "1201"], ["copy", "1205"], ["judge", "1901"], ["owner", "1901"]]
    view = {
        "kind": "card",
        "state": "served",
        "owner": "1901",
        "owner_post": "supervisor",
        "section": "supervision",
        "about": case,
        "people": people,
        "received_day": "2026-06-18",
        "closed": False,
    }
    window = clock("window", "06-18", "06-24", "objection", owner="1201")
    told: dict[str, Any] = {
        "about": seen,
        "because": {**seen, "seq": issued},
        "card": card_data(number, case),
    }
    say(ledger, number, "card.registered", "06-18 00:01", act="register", view=view, clocks=[window], **told)
    say(ledger, number, "card.objected", "06-18 15:00", "1201", act="object_to", reason="<b>当日停电</b>")
    ruled = {"act": "rule", "reason": "停电不是停表事由"}
    say(ledger, number, "card.objection_rejected", "06-19 09:00", "1901", **ruled)
    return number


def review(ledger: Ledger, number: str, case: str = "", *, closed: bool = True) -> str:
    """A joint review: three members, one against; `closed` with minutes that one has signed."""
    seats = (("1002", "deputy-land"), ("1303", "land-use-chief"), ("1001", "head"))
    members = [{"officer": who, "post": post, "chair": who == "1001"} for who, post in seats]
    people = [["member", who] for who, _ in seats] + [["chair", "1001"], ["owner", "1803"]]
    view = {
        "kind": "review",
        "state": "scheduled",
        "owner": "1803",
        "owner_post": "review-clerk",
        "section": "office",
        "item": "reserve-price",
        "about": case or None,
        "people": people,
        "received_day": "2026-06-10",
        "outcome": "",
        "closed": False,
    }
    matters = [PROFILE.reviews.matters[0].code]
    say(ledger, number, "review.registered", "06-10 09:00", "1803", view=view, matters=matters, case=case)
    called = {"act": "convene", "meeting": 1, "members": members, "meets_at": "2026-06-17T09:00:00+08:00"}
    say(ledger, number, "review.convened", "06-11 09:00", "1803", papers=["评估报告"], **called)
    if not closed:
        return number
    for who in ("1002", "1303"):
        say(ledger, number, "review.attended", "06-17 08:55", who, act="attend", meeting=1)
    opened = {"act": "attend", "meeting": 1, "base": 3, "quorum": 2, "there": 3}
    say(ledger, number, "review.opened", "06-17 09:00", "1001", view={"state": "in_session"}, **opened)
    vote: dict[str, Any] = {"act": "vote", "meeting": 1}
    say(ledger, number, "review.voted", "06-17 09:10", "1002", choice="agree", opinion="价格适当", **vote)
    against = {"choice": "oppose", "opinion": "偏低", "reason": "周边成交价更高"}
    say(ledger, number, "review.voted", "06-17 09:15", "1303", **against, **vote)
    say(ledger, number, "review.voted", "06-17 09:20", "1001", choice="agree", opinion="同意", **vote)
    result = {"act": "close_session", "meeting": 1, "outcome": "passed"}
    minutes = _digest(ledger, number, case, result)
    resolved = {"state": "resolved", "outcome": "passed"}
    say(ledger, number, "review.closed", "06-17 09:30", "1001", view=resolved, minutes=minutes, **result)
    signed = {"act": "sign_minutes", "meeting": 1, "minutes": minutes}
    say(ledger, number, "review.minutes_countersigned", "06-17 09:40", "1002", **signed)
    return number


def _digest(ledger: Ledger, number: str, case: str, result: dict[str, Any]) -> str:
    """The digest of the minutes as the workflow draws them up at the closing."""
    with snapshot(ledger.engine) as connection:
        chain = [each.event for each in entries(connection, number)]
    closing = {"type": "review.closed", "time": at("06-17 09:30").isoformat(), "actor": "1001"}
    session = session_of([*chain, {**closing, "data": {**result, "minutes": "-"}}], PROFILE.reviews.session)
    assert session is not None
    name = PROFILE.reviews.matters[0].name
    subject = (f"会审 / review: {number}", f"事项 / matter: {name}", f"办件 / case: {case or '-'}")
    return digest_of_minutes(minutes_of(session, subject, NAMES))


def fault(ledger: Ledger, number: str, case: str, *, noticed: bool = True) -> str:
    """A fault case about the handler: screened, accepted, reported and, where so, noticed and defended."""
    people = [["accused", "1201"], ["chain", "1101"], ["owner", "1901"], ["investigator", "1501"]]
    view = {
        "kind": "fault",
        "state": "lead",
        "owner": "1901",
        "owner_post": "supervisor",
        "section": "supervision",
        "about": case,
        "people": people,
        "received_day": "2026-06-18",
        "closed": False,
    }
    lead: dict[str, Any] = {
        "about": {"kind": "case", "number": case},
        "accused": ["1201"],
        "codes": ["F06"],
        "text": "红牌",
    }
    say(ledger, number, "fault.registered", "06-18 09:00", after="lead", view=view, **lead)
    say(ledger, number, "fault.screened", "06-18 10:00", "1901", after="screening", act="screen")
    state = {"state": "reported"}
    row = {
        "officer": "1201",
        "post": "registry-handler",
        "role": "clock_owner",
        "degree": "D",
        "grade": "general",
        "entries": [3],
        "days": 2,
        "because_zh": "时限逾期；其为到期日的时限责任人",
        "because_en": "a limit was exceeded; owner of the clock on its due day",
    }
    said = {"after": "reported", "act": "report", "opinion": "事实清楚", "rows": [row], "view": state}
    say(ledger, number, "fault.reported", "06-19 09:00", "1501", **said)
    if noticed:
        measures = [{"officer": "1201", "handling": ["org-education"], "basis": "过错责任追究办法"}]
        told = {"after": "noticed", "act": "notify_facts", "measures": measures, "view": {"state": "noticed"}}
        say(ledger, number, "fault.facts_noticed", "06-19 10:00", "1901", **told)
        points = {"act": "defend", "after": "noticed", "person": "1201", "points": {"1": "当日系统故障"}}
        say(ledger, number, "fault.defended", "06-20 09:00", "1201", **points)
    return number
