"""The file of one matter as its page needs it: read from the ledger and the read model alone.

No engine is asked, so a page is fast, and reading goes on while the engine is away. What somebody may not see
is left out here, before anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from ledger.entry import Entry
from ledger.keys import find_key
from ledger.openings import decrypt_opening
from ledger.read import entries
from ledger.redact import redaction_of
from ledger.tables import ledger_disclosure, ledger_entry
from readmodel.query import CardRow, MatterRow, cards
from rules.procedures import PROCEDURES
from rules.terms import masked as masked_name
from schemas.errors import UsageError, VerificationError
from schemas.profile import Profile, Rules
from starter.desk import Desk
from starter.files import files_of
from starter.identity.eyes import eyes_for
from starter.identity.grants import grants_in_force
from starter.identity.visitor import Visitor
from starter.rulebook import load_profile, rules_for
from starter.sight import UnseenError, look, record_denial, visible
from web.clocks import ShownClock, matter_lamp, nearest, shown_clocks
from web.names import Names, Words, names_of
from web.standing import Actor, Offers, offers
from web.strip import Span, Strip, duty_chain, strip
from web.timeline import Line, lines

OPEN_KINDS = ("case", "inquiry")
"""Kinds whose applicant the handling officers see; who complains is read by an act of its own."""

PERSONAL = {
    "name": Words("姓名或者名称", "name"),
    "id_number": Words("证件号", "identity number"),
    "phone": Words("电话", "phone"),
    "address": Words("地址", "address"),
    "topic": Words("咨询内容", "question"),
}
MASKED_TAIL = {"id_number": 4, "phone": 4}
"""How many last characters of a masked field are left."""


@dataclass(frozen=True)
class CaseFile:
    """One matter, as far as the visitor may see it."""

    row: MatterRow
    entries: tuple[Entry, ...]
    complete: bool
    """Nothing of its course is hidden from him."""
    redacted: str
    """When it was redacted; empty where it was not."""
    rules: Rules | None
    rules_version: str
    rules_installed: bool
    """The rules named by its latest entry are those of this installation."""
    names: Names
    lines: tuple[Line, ...]
    clocks: tuple[ShownClock, ...]
    cards: tuple[CardRow, ...]
    spans: tuple[Span, ...]
    strip: Strip | None
    offers: Offers
    applicant: tuple[tuple[Words, str], ...]
    masked: bool
    stored: frozenset[str]
    """Digests of the files whose bytes are kept here."""
    as_of: int

    @property
    def lamp(self) -> str:
        """The matter's lamp; a closed one has none left."""
        return "done" if self.row.closed else matter_lamp(self.clocks)

    @property
    def nearest(self) -> ShownClock | None:
        """The limit that ends first."""
        return nearest(self.clocks)

    @property
    def bounces(self) -> int:
        """How often a hand-over was returned."""
        return sum(entry.type == "duty.declined" for entry in self.entries)

    @property
    def opinions(self) -> tuple[Line, ...]:
        """Signatures, votes and decisions, oldest first."""
        return tuple(line for line in self.lines if "votes" in line.groups and not line.refused)

    @property
    def dissents(self) -> int:
        """How many spoke against."""
        return sum(line.dissent for line in self.lines)


def read_file(desk: Desk, visitor: Visitor, kind: str, number: str) -> CaseFile:
    """The file of a matter. Raises NotFoundError, in the same words where it may not be seen."""
    try:
        with desk.reading() as connection:
            return _read(connection, desk, visitor, kind, number)
    except UnseenError:
        record_denial(desk.ledger, visitor.id, f"{kind} show", number)
        raise


def _read(connection: Connection, desk: Desk, visitor: Visitor, kind: str, number: str) -> CaseFile:
    eyes = eyes_for(connection, desk, visitor)
    row = look(connection, eyes, kind, number)
    whole = entries(connection, number)
    seen = tuple(visible(connection, eyes, whole))
    redaction, names = redaction_of(connection, number), names_of(desk.profile)
    rules, version, installed = rules_of(whole, row, desk.profile)
    profile = load_profile(rules.profile) if rules else desk.profile
    clocks = shown_clocks(seen, rules, profile, names, desk.today())
    spans = duty_chain(seen, names, closed=row.closed)
    masked = not _holds(visitor, row)
    return CaseFile(
        row=row,
        entries=seen,
        complete=len(seen) == len(whole),
        redacted=redaction.recorded if redaction else "",
        rules=rules,
        rules_version=version,
        rules_installed=installed,
        names=names,
        lines=lines(kind, seen, names),
        clocks=clocks,
        cards=tuple(cards(connection, number)),
        spans=spans,
        strip=strip(spans, seen, _whole_limit(clocks), desk.now(), closed=row.closed),
        offers=offers(row, seen, rules, _actor(connection, desk, visitor)),
        applicant=() if redaction else tuple(_applicant(connection, kind, whole[0], masked=masked)),
        masked=masked,
        stored=frozenset(each.sha256 for each in files_of(connection, number)),
        as_of=position(connection),
    )


def _actor(connection: Connection, desk: Desk, visitor: Visitor) -> Actor:
    grants = grants_in_force(connection, visitor.id, desk.now())
    return Actor(visitor.id, visitor.posts, tuple(grants))


def rules_of(timeline: Sequence[Entry], row: MatterRow, profile: Profile) -> tuple[Rules | None, str, bool]:
    """The rules a matter is under, as installed here; whether they are the very ones it names."""
    named = next((entry.data for entry in reversed(timeline) if "ruleprofile" in entry.data), {})
    version = str(named.get("ruleprofile", ""))
    first_day = row.received_day or date.fromisoformat(timeline[0].event["time"][:10])
    sections = PROCEDURES[row.kind].sections if row.kind in PROCEDURES else ()
    item = row.item if row.kind == "case" and row.item else None  # a review lists what it decides there
    for name in (version.rpartition("@")[0], profile.id):
        with suppress(UsageError):
            found = load_profile(name)
            rules = rules_for(found, item, first_day, sections=sections)
            return rules, version, found.sha256 == named.get("rulehash")
    return None, version, False


def position(connection: Connection) -> int:
    """The ledger position a page is as of."""
    return int(connection.scalar(select(func.max(ledger_entry.c.pos))) or 0)


def mask(name: str, value: str) -> str:
    """A personal datum as those see it who do not handle the matter."""
    if name in MASKED_TAIL:
        return f"***{value[-MASKED_TAIL[name] :]}"
    return masked_name(value) if name == "name" else "***"


def _whole_limit(clocks: Sequence[ShownClock]) -> ShownClock | None:
    """The limit that the whole matter is measured by: promised, else statutory, else the nearest."""
    for kind in ("promise", "statutory"):
        if found := next((each for each in clocks if each.kind == kind and each.due), None):
            return found
    return nearest(clocks) or next((each for each in clocks if each.due), None)


def _holds(visitor: Visitor, row: MatterRow) -> bool:
    """Whether the matter is in his hands or those of his post."""
    return visitor.id == row.owner or row.owner_post in visitor.posts


def _applicant(
    connection: Connection, kind: str, registration: Entry, *, masked: bool
) -> Iterator[tuple[Words, str]]:
    """The applicant's own fields, in a fixed order; what cannot be opened is left out."""
    key = find_key(connection, registration.case_id) if kind in OPEN_KINDS else None
    if key is None:
        return
    columns = ledger_disclosure.c
    stored = select(columns.digest, columns.ciphertext).where(columns.entry_id == registration.id)
    found: dict[str, str] = {}
    for row in connection.execute(stored):
        with suppress(VerificationError):
            opening = decrypt_opening(key, row.digest, row.ciphertext)
            found[opening.name] = opening.value
    for name, words in PERSONAL.items():
        if found.get(name):
            yield words, mask(name, found[name]) if masked else found[name]


def materials_of(file: CaseFile) -> list[dict[str, Any]]:
    """Papers on record: those of the item's list as handed in, and attachments of acts, by entry."""
    listed: list[dict[str, Any]] = []
    item = file.names.items.get(file.row.item or "")
    known = {each.code: Words(each.name, each.name_en) for each in item.materials} if item else {}
    for entry in file.entries:
        for piece in entry.data.get("materials") or ():
            if isinstance(piece, dict):
                code = str(piece.get("code", ""))
                listed.append({"words": known.get(code, Words(code, code)), "seq": entry.seq, **piece})
        for paper in entry.data.get("attachments") or ():
            name = str(paper.get("name", ""))
            listed.append({"words": Words(name, name), "seq": entry.seq, **paper})
    return listed
