"""Evidence from outside the database: notes that somebody kept, and the tokens of time-stamp authorities.

A note from outside is where trust begins. It is held against the policy first, then against the tree
that the entries make: a log that is smaller, or makes another root, is not the one that was seen then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import Certificate

from ledger.anchors.timestamps import TokenError, verify_token
from ledger.notes import NoteError, parse_checkpoint, parse_note
from ledger.report import Findings
from ledger.verifier.source import Row, Source
from ledger.verifier.tree import Tree
from ledger.verifier.trust import Bound, Judged, Trust

_TOKENS = "SELECT size, authority, note, token, stamped FROM ledger_token ORDER BY size, authority"


@dataclass(frozen=True, slots=True)
class Told:
    """A root that somebody outside holds the log to."""

    check: str
    """`note` or `token`."""
    judged: Judged
    stamped: datetime | None = None
    """When an authority says the note was there."""


@dataclass(frozen=True, slots=True)
class Outside:
    """All that came from outside and holds in itself."""

    told: tuple[Told, ...] = ()
    unchecked: int = 0
    """Tokens without a trusted root to check them with."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes at which the tree's root is wanted."""
        return tuple(sorted({each.judged.size for each in self.told}))

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """What it says of recorded times."""
        notes = (Bound(e.judged.size, e.judged.time) for e in self.told if e.judged.time is not None)
        tokens = (Bound(e.judged.size, e.stamped, floor=False) for e in self.told if e.stamped is not None)
        return (*notes, *tokens)

    def count(self, check: str) -> int:
        """How many notes or tokens there are."""
        return sum(each.check == check for each in self.told)


def gather(
    source: Source, trust: Trust, notes: Sequence[bytes], roots: Sequence[Certificate], findings: Findings
) -> Outside:
    """Notes as given and tokens as stored, judged; what does not hold in itself is told and left out."""
    told = [each for n, raw in enumerate(notes, 1) if (each := _note(trust, n, raw, findings)) is not None]
    unchecked = 0
    for row in source.rows(_TOKENS):
        if not roots:
            unchecked += 1
        elif (each := _token(trust, row, roots, findings)) is not None:
            told.append(each)
    return Outside(tuple(told), unchecked)


def compare(outside: Outside, tree: Tree, findings: Findings) -> list[Told]:
    """What agrees with the tree; the rest is told."""
    agreed = []
    for each in outside.told:
        size = each.judged.size
        root = tree.root_at(size)
        if root is None:
            said = f"总账变小 / the log has {tree.size} entries, {size} were seen: cut short or rolled back"
            findings.add(each.check, said, size=size)
        elif root != each.judged.root:
            said = "总账被改 / the log's entries do not make the root that was seen at this size"
            findings.add(each.check, said, size=size)
        else:
            agreed.append(each)
    return agreed


def _note(trust: Trust, number: int, raw: bytes, findings: Findings) -> Told | None:
    size = None
    try:
        note = parse_note(raw)
        size = parse_checkpoint(note.text).size
        return Told("note", trust.judge(note))
    except NoteError as error:
        findings.add("note", f"第 {number} 份 / note {number}: {error.message}", size=size)
        return None


def _token(trust: Trust, row: Row, roots: Sequence[Certificate], findings: Findings) -> Told | None:
    size, authority, note, token, stamped = row
    try:
        at = verify_token(bytes(token), note.encode(), roots)
        judged = trust.judge(parse_note(note.encode()))
        if judged.size != size or datetime.fromisoformat(stamped) != at:
            raise TokenError("列与时间戳不符 / its columns are not what the token says")
        return Told("token", judged, at)
    except (NoteError, TokenError) as error:
        findings.add("token", f"{authority}: {error.message}", size=size)
    except (ValueError, TypeError, AttributeError) as error:
        findings.add("token", f"{authority}: 无法读取 / cannot be read: {error}", size=size)
    return None
