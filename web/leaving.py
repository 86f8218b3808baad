"""Going on leave: every open matter of somebody is handed to the other officer of its post, on record.

Of a post with A and B officer the B officer has A's powers anyway; what the rules ask of whoever leaves is
that he hands over and records it (AB 岗). Each matter gets an entry of its own, whose id follows from who
leaves when: doing it again changes nothing. No clock stops for it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from readmodel.query import MAX_PAGE, Filters, MatterRow, list_matters
from rules.policy import others_played
from rules.procedures import PROCEDURES
from schemas.errors import PendingError, UnavailableError, YangguangError
from schemas.profile import SEPARATED, Profile, Role
from starter.acting import do_act
from starter.desk import Desk
from starter.identity.visitor import Visitor
from web.names import Words

AT_ONCE = 8
"""How many matters are told at the same time."""


@dataclass(frozen=True)
class Leave:
    """Who is away from when to when, and what the other should know."""

    officer: str
    since: date
    until: date
    note: str = ""

    def words(self, other: str) -> str:
        """What stands in the file of each matter."""
        said = f"{self.since} 至 {self.until} 不在岗，本件移交同岗 {other} 办理。"
        return f"{said}{self.note}"

    def act_id(self, number: str) -> str:
        """The same leave of the same person is one act a matter."""
        text = f"{self.officer}/{number}/{self.since}/{self.until}/{self.note}"
        return f"leave-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class Held:
    """A matter somebody answers for, and who takes it on."""

    row: MatterRow
    other: str
    """Staff number of the post's other officer; empty where it has none."""
    caution: Words | None
    """Why the other may not sign in it."""


@dataclass(frozen=True)
class Handed:
    """What came of one matter."""

    held: Held
    seq: int | None
    why_not: str = ""


def held_by(desk: Desk, officer: str) -> list[Held]:
    """All open matters that somebody answers for."""
    held: list[Held] = []
    filters = Filters(owner=officer, open_only=True, limit=MAX_PAGE)
    with desk.reading() as connection:
        while True:
            page = list_matters(connection, filters)
            held += (_held(row, officer, desk.profile) for row in page.rows)
            if page.next is None:
                return held
            filters = filters.model_copy(update={"after": page.next})


async def hand_all(desk: Desk, visitor: Visitor, leave: Leave, held: Sequence[Held]) -> list[Handed]:
    """Hand every matter over; once the engine is found away, the rest is not tried."""
    came: list[Handed] = []
    for start in range(0, len(held), AT_ONCE):
        portion = held[start : start + AT_ONCE]
        told = await asyncio.gather(*(_hand(desk, visitor, leave, each) for each in portion))
        came += (each for each, _ in told)
        if any(away for _, away in told):
            rest = held[start + AT_ONCE :]
            return [*came, *(Handed(each, None, told[-1][0].why_not) for each in rest)]
    return came


async def _hand(desk: Desk, visitor: Visitor, leave: Leave, held: Held) -> tuple[Handed, bool]:
    if not held.other:
        return Handed(held, None, "本岗位没有另一名人员 / the post has no other officer"), False
    number, kind = held.row.case_id, held.row.kind or ""
    fields = {"id": leave.act_id(number), "post": held.row.owner_post, "opinion": leave.words(held.other)}
    try:
        receipt = await do_act(desk, visitor, kind, number, "note", fields)
    except (UnavailableError, PendingError) as away:
        return Handed(held, None, away.message), True
    except YangguangError as refused:
        return Handed(held, None, refused.message), False
    return Handed(held, receipt.caseseq), False


def _held(row: MatterRow, officer: str, profile: Profile) -> Held:
    post = next((each for each in profile.posts if each.code == row.owner_post), None)
    others = [who for who in (post.a, post.b) if who and who != officer] if post else []
    other = others[0] if others and "note" in PROCEDURES[row.kind or ""].table else ""
    return Held(row, other, _caution(row, other))


def _caution(row: MatterRow, other: str) -> Words | None:
    """Nobody is two of handler, reviewer and approver in one case: then the deputy head acts."""
    played = tuple((Role(what), who) for what, who in row.people or () if what in set(SEPARATED))
    if other and any(others_played(other, Role.WINDOW, played)):
        return Words(
            "同岗人员已在本件中签署过，须由分管副局长办理",
            "the other officer has already signed in it: the deputy head acts",
        )
    return None
