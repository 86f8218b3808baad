"""Papers handed in with an earlier matter: linked items ask for each of them once (M25)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.read import entries
from schemas.profile import Item
from web.public.application import Typed


@dataclass(frozen=True)
class Known:
    """A paper that was handed in with another matter."""

    code: str
    pages: int
    sha256: str


def reused(item: Item, other: Item | None, known: list[Known], number: str, typed: Typed) -> Typed:
    """The answers with every paper ticked that was handed in before (M25: each material once).

    The same paper has the same code and the same name on both lists: an application for one item is not
    that for another.
    """
    names = {(m.code, m.name) for m in other.materials} if other else set()
    asked = {m.code for m in item.materials if (m.code, m.name) in names}
    more: Typed = {}
    for paper in known:
        if paper.code in asked and not typed.get(f"has.{paper.code}"):
            more |= {
                f"has.{paper.code}": "on",
                f"pages.{paper.code}": str(max(1, paper.pages)),
                f"sha.{paper.code}": paper.sha256,
                f"file.{paper.code}": "",
                f"from.{paper.code}": number,
            }
    return typed | more


def known_papers(connection: Connection, number: str) -> list[Known]:
    """The papers that a matter holds, the latest of each kind, as its entries tell."""
    found: dict[str, Known] = {}
    for entry in entries(connection, number):
        for piece in entry.data.get("materials") or ():
            if isinstance(piece, dict) and piece.get("code"):
                code = str(piece["code"])
                found[code] = Known(code, int(piece.get("pages") or 1), str(piece.get("sha256") or ""))
    return list(found.values())
