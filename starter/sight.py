"""Who sees what in this home: the rows of the read model held against the rules of sight.

Every list, search, report and bundle asks here. A matter that may not be seen is answered like one that does
not exist; that somebody asked for it is on record, once a person, route and hour: nobody floods the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from ledger.append import append
from ledger.db import Ledger
from ledger.entry import Entry, stream_entry_id
from ledger.read import entries, find
from readmodel.query import Filters, MatterRow, Page, get_matter, get_matters, list_matters
from rules.policy import may_see
from rules.sight import chain_of, staff_of, told_of, viewer_of, whole
from rules.sight_table import SIGHT
from schemas.entries import EntryDraft, RecordRequest
from schemas.errors import NotFoundError, UsageError
from schemas.profile import Profile
from schemas.sight import HOUSE, Shown, Viewer

STREAM = "denials"
HOPS = 3
"""A fault is about a card, the card about a case: so far the decision chain is looked for."""


class UnseenError(NotFoundError):
    """There is such a matter; whoever asked is told that there is none."""


@dataclass(frozen=True)
class Eyes:
    """Somebody who looks, in an organisation."""

    viewer: Viewer
    profile: Profile

    def seen(self, connection: Connection, rows: Sequence[MatterRow]) -> list[bool]:
        """For each row whether he may see it."""
        if self.viewer == HOUSE:
            return [True] * len(rows)
        staff = staff_of(self.profile.posts)
        shown = _shown(connection, rows)
        return [may_see(self.viewer, each, staff).allowed for each in shown]

    def sees(self, connection: Connection, number: str) -> bool:
        """Whether there is a matter of this number that he may see."""
        return all(self.seen(connection, rows := get_matters(connection, [number]))) and bool(rows)

    def partly(self) -> tuple[str, ...]:
        """Kinds of which something may be hidden from him; the same whether there is such a thing or not."""
        return tuple(sorted(kind for kind in SIGHT if not whole(self.viewer, kind)))


def eyes_of(officer: str, profile: Profile) -> Eyes:
    """The eyes of a person of the bureau; of the house itself where `officer` is empty.

    Raises UsageError (`unknown_officer`) for somebody who holds no post.
    """
    if not officer:
        return Eyes(HOUSE, profile)
    viewer = viewer_of(officer, profile.posts, profile.sections)
    if not viewer.posts:
        raise UsageError(f"工号 {officer} 没有岗位 / officer {officer} holds no post", code="unknown_officer")
    return Eyes(viewer, profile)


def look(connection: Connection, eyes: Eyes, kind: str, number: str) -> MatterRow:
    """The row of a matter of this kind. Raises NotFoundError, in the same words if it may not be seen."""
    missing = f"没有 {number} / there is no {kind} {number}"
    row = get_matter(connection, number)
    if row is None or row.kind != kind:
        raise NotFoundError(missing)
    if not eyes.seen(connection, [row])[0]:
        raise UnseenError(missing)
    return row


def seen_page(connection: Connection, eyes: Eyes, filters: Filters) -> Page:
    """A page of what he may see of a list, as full as if there were nothing else."""
    if eyes.viewer == HOUSE:
        return list_matters(connection, filters)
    return list_matters(connection, filters, keep=lambda rows: eyes.seen(connection, rows))


def visible(connection: Connection, eyes: Eyes, timeline: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of a matter without those that tell of another which he may not see."""
    for entry in timeline:
        others = {number for _, number in told_of(entry.case_id, entry.data)}
        if eyes.viewer == HOUSE or all(eyes.sees(connection, number) for number in others):
            yield entry


def seen_until(connection: Connection, eyes: Eyes, number: str) -> int | None:
    """The last entry before the first that he may not see; None where he may see all of a matter."""
    whole = entries(connection, number)
    shown = [entry.seq for entry in visible(connection, eyes, whole)]
    if len(shown) == len(whole):
        return None
    return next(n for n, entry in enumerate(whole) if n == len(shown) or shown[n] != entry.seq)


def record_denial(ledger: Ledger, officer: str, route: str, number: str) -> None:
    """Put on record that somebody asked for what he may not see: one entry a person, route and hour."""
    now = datetime.now(UTC)
    key = f"{officer}/{route}/{now:%Y-%m-%dT%H}"
    draft = EntryDraft(
        type="sight.denied",
        time=now,
        actor=officer,
        role="unverified",
        business_key=key,
        data={"route": route, "asked": number},
    )
    with ledger.engine.begin() as connection:
        if find(connection, stream_entry_id(STREAM, draft.type, key)) is None:
            append(ledger, connection, RecordRequest(matter=STREAM, now=now, entries=(draft,)))


def _shown(connection: Connection, rows: Sequence[MatterRow]) -> list[Shown]:
    known = {row.case_id: row for row in rows}
    for _ in range(HOPS):
        wanting = {row.about for row in known.values() if row.about} - set(known)
        known |= {row.case_id: row for row in get_matters(connection, sorted(wanting))}
    return [_shown_of(row, known) for row in rows]


def _shown_of(row: MatterRow, known: dict[str, MatterRow]) -> Shown:
    people: list[tuple[str, str]] = []
    about = row
    for _ in range(HOPS):
        if about.about not in known:
            break
        about = known[about.about]
        people += about.people or ()
    return Shown(
        kind=row.kind or "",
        state=row.state or "",
        owner=row.owner or "",
        owner_post=row.owner_post or "",
        section=row.section or "",
        people=row.people or (),
        chain=chain_of(people),
    )
