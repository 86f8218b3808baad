"""What the public hands in besides applications: complaints and ratings.

A complaint goes to the supervision office itself and not by way of whoever it may be about.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ledger.append import append
from ledger.db import Ledger
from ledger.entry import stream_entry_id
from ledger.read import find
from schemas.acts import Rate
from schemas.complaint import ComplaintRequest
from schemas.entries import EntryDraft, RecordRequest
from schemas.errors import ConflictError
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from schemas.profile import Post, Profile, Role
from starter.acting import checked
from starter.complaints import start_complaint
from starter.desk import Desk
from web.public.application import Errors, Typed, business_key
from web.public.catalogue import window_of

RATINGS = "ratings"
"""A stream of its own: a matter that is done takes no more entries."""

RATED = "rating.given"
BAD = 2
"""So many points or fewer are a complaint (差评), which the supervision office follows up."""

BAD_RATING = "bad_rating"
TOPIC = "差评 {score} 分 / a rating of {score} out of 5"


def complaint_desk(profile: Profile) -> Post:
    """The post that takes complaints of the public in."""
    return next((post for post in profile.posts if Role.SUPERVISION in post.roles), window_of(profile)[0])


def wrong(profile: Profile, typed: Typed) -> Errors:
    """What is wrong with a complaint, by field."""
    found: Errors = {}
    if typed.get("type") not in {each.code for each in profile.complaints.types}:
        found["type"] = "请选择投诉类型 / Choose a type of complaint"
    if not typed.get("topic"):
        found["topic"] = "请说明发生了什么 / Say what happened"
    elif len(typed["topic"]) > 4000:
        found["topic"] = "不超过 4000 字 / 4000 characters at most"
    if typed.get("section") and typed["section"] not in {each.code for each in profile.sections}:
        found["section"] = "没有这个科室 / There is no such section"
    return found


async def complain(desk: Desk, typed: Typed) -> IntakeReceipt:
    """Register a complaint. Raises like `start_complaint`."""
    post = complaint_desk(desk.profile)
    personal = {name: typed.get(name, "") for name in ("name", "phone")}
    request = checked(
        ComplaintRequest,
        {
            "business_key": business_key(typed, "complaint"),
            "channel": Channel.ONLINE,
            "officer": post.a,
            "post": post.code,
            "type": typed["type"],
            "topic": typed["topic"],
            "about": typed.get("about", ""),
            "sections": [typed["section"]] if typed.get("section") else [],
            "applicant": personal,
        },
    )
    return await start_complaint(desk.client, request)


async def complain_of_rating(desk: Desk, number: str, score: int, why: str) -> IntakeReceipt:
    """A bad rating is a complaint about its matter, once a matter."""
    post = complaint_desk(desk.profile)
    topic = TOPIC.format(score=score)
    request = ComplaintRequest(
        business_key=f"rating/{number}",
        channel=Channel.ONLINE,
        officer=post.a,
        post=post.code,
        type=BAD_RATING,
        topic=f"{topic}\n{why}" if why else topic,
        about=number,
    )
    return await start_complaint(desk.client, request)


async def rate_inquiry(desk: Desk, number: str, score: int) -> None:
    """The rating of an inquiry is an act of it. Raises like `YangguangClient.act`."""
    window, _ = window_of(desk.profile)
    act = Rate(id=f"rate/{number}", officer=window.a, post=window.code, score=score)
    await desk.client.act("inquiry", number, "rate", act)


def check_unrated(connection: Connection, number: str, score: int) -> bool:
    """Whether there is no rating yet; False for the same one. Raises ConflictError (`rated_before`)."""
    known = find(connection, stream_entry_id(RATINGS, RATED, number))
    if known is not None and known.data["score"] != score:
        raise ConflictError("这一件已经评价过 / this matter was rated before", code="rated_before")
    return known is None


def rate_case(ledger: Ledger, number: str, score: int, now: datetime) -> None:
    """Put the rating of a case on record; one case, one rating. Raises ConflictError (`rated_before`)."""
    draft = EntryDraft(
        type=RATED,
        time=now,
        actor="applicant",
        role="unverified",
        business_key=number,
        data={"matter": number, "score": score},
    )
    with ledger.engine.begin() as connection:
        if check_unrated(connection, number, score):
            append(ledger, connection, RecordRequest(matter=RATINGS, now=now, entries=(draft,)))
