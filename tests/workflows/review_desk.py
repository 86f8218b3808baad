"""Joint reviews in the hands of a test: who is called, how a meeting is held, what a case gets of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from schemas.profile import Rules
from schemas.review import ReviewInput, ReviewRequest
from starter.sealed_values import seal_value
from tests.workflows.house import POSTS, PROFILE, File, House, at, new_key

CONVENER, CONVENER_POST = "1803", "review-clerk"
CHAIR = "1001"
PANEL = {"1001": "head", "1002": "deputy-land", "1003": "deputy-registry", "1303": "land-use-chief"}
"""An ordinary list: the head presides."""

BEFORE = timedelta(days=7)
"""How long before its case needs it a review is asked for: enough for the papers to be read."""

PRICE = "31415926535897元"


def seats(*who: str, chair: str = CHAIR, posts: Mapping[str, str] = PANEL) -> list[dict[str, Any]]:
    """A list of members, by default the whole panel."""
    return [{"officer": each, "post": posts[each], "chair": each == chair} for each in who or tuple(posts)]


def everybody(n: int) -> dict[str, str]:
    """`n` people of the bureau, each in a post of his, the head first."""
    held: dict[str, str] = {}
    for post in POSTS.values():
        for officer in (post.a, post.b):
            if officer:
                held.setdefault(officer, post.code)
    return dict(list(held.items())[:n])


async def review(
    house: House,
    begin: datetime | str = "06-15 09:00",
    *,
    matters: Sequence[str] = ("major_case",),
    case: str = "",
    rules: Callable[[Rules], Rules] = lambda rules: rules,
    start: dict[str, Any] | None = None,
    **said: Any,
) -> File:
    """Ask for a joint review at the convener's post."""
    desk = house.desk(rules, start)
    about = {
        "business_key": new_key(),
        "channel": "internal",
        "officer": CONVENER,
        "post": CONVENER_POST,
        "received_at": at(begin) if isinstance(begin, str) else begin,
        "matters": list(matters),
        "case": case,
    }
    request = ReviewRequest.model_validate({**about, **said})
    facts: dict[str, Any] = {"case": request.case, "matters": request.matters}
    return File(
        house, desk, "review", await desk.start_matter("review", request, ReviewInput, {}, **facts), None
    )


async def convene(file: File, meets: datetime | str = "06-18 09:00", **said: Any) -> None:
    """Call a meeting with its papers."""
    when = at(meets) if isinstance(meets, str) else meets
    about = {"members": seats(), "materials": ["议题材料"], "meets_at": when}
    await file.act("convene", CONVENER_POST, **{**about, **said})


async def attend(file: File, *who: str, posts: Mapping[str, str] = PANEL) -> None:
    """These sign in, in this order; the chair opens the meeting."""
    for each in who:
        await file.act("attend", posts[each], who=each)


async def sitting(
    house: House, *who: str, matters: Sequence[str] = ("major_case",), case: str = "", **said: Any
) -> File:
    """A meeting on 18 June, with those present, by default everybody; the chair came last."""
    file = await review(house, matters=matters, case=case)
    await convene(file, **said)
    await file.until("06-18 09:05")
    await attend(file, *(each for each in who or tuple(PANEL) if each != CHAIR), CHAIR)
    return file


async def vote(file: File, votes: Mapping[str, str], posts: Mapping[str, str] = PANEL) -> None:
    """These vote, the chair last; with a reason where they do not agree."""
    for who in sorted(votes, key=lambda each: each == CHAIR):
        reason = "" if votes[who] == "agree" else "补偿标准偏低"
        say = {"opinion": f"{who}已发言", "reason": reason}
        await file.act("vote", posts[who], who=who, choice=votes[who], **say)


async def minutes_of(file: File) -> str:
    """Digest of the minutes as the matter shows them."""
    return str((await file.status()).detail["minutes"])


async def sign(file: File, *who: str, posts: Mapping[str, str] = PANEL, **said: Any) -> None:
    """These sign the minutes, in this order."""
    digest = await minutes_of(file)
    for each in who:
        await file.act("sign_minutes", posts[each], who=each, minutes=digest, **said)


async def seal_price(file: File, value: str = PRICE, custodians: Sequence[str] = ("1005", "1901")) -> None:
    """The chair's convener seals the reserve price, encrypted before it is sent."""
    sealed = seal_value(file.house.ledger, file.number, "reserve_price", value)
    await file.act("seal", CONVENER_POST, value=sealed.model_dump(), custodians=list(custodians))


async def concluded(file: File, votes: Mapping[str, str] | None = None) -> None:
    """Votes, result and signatures of a meeting that sits."""
    await vote(file, votes or dict.fromkeys(PANEL, "agree"))
    await file.act("close_session", PANEL[CHAIR], who=CHAIR)
    await sign(file, *(each for each in PANEL if each != CHAIR), CHAIR)


async def resolution(case: File, votes: Mapping[str, str] | None = None, matters: Sequence[str] = ()) -> str:
    """The number of a real review about a case that waits for one, held before the case's present.

    The review lives on a time of its own, which has come to the case's when its minutes are signed: so the
    case's own limits stay where the test has put them.
    """
    assert case.item is not None
    now = await case.desk.now("case", case.number)
    matters = matters or PROFILE.reviews.required(case.item.code, "J")
    file = await review(case.house, now - BEFORE, matters=matters, case=case.number)
    await convene(file, now - timedelta(minutes=10))
    await file.pass_time(now - timedelta(minutes=5) - await file.desk.now("review", file.number))
    if "reserve_price" in matters:
        await seal_price(file)
    await attend(file, *(each for each in PANEL if each != CHAIR), CHAIR)
    await concluded(file, votes)
    await told(case, file)
    return file.number


async def told(case: File, file: File) -> None:
    """Wait until the case has heard of the review's minutes."""
    for _ in range(3000):
        heard = [e.data["resolution"]["number"] for e in case.entries("case.resolution_heard")]
        if file.number in heard:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{case.number} was not told of {file.number}")
