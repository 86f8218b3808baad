"""What a visitor sees: by his own posts, by the grants he has, or all of it as auditor.

A grant shows what its giver sees within its scope, but nothing of complaints and fault cases: those may be
about whoever stands in. Nobody who is not signed in has eyes at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from readmodel.query import MatterRow
from rules.sight import viewer_of
from schemas.areas import WebRole
from schemas.grants import Scope
from schemas.sight import Viewer
from starter.desk import Desk
from starter.identity.errors import SignInNeededError
from starter.identity.grants import grants_in_force
from starter.identity.visitor import Visitor
from starter.sight import Eyes

SHOWN_BY_GRANT = ("case", "inquiry", "card", "review")


@dataclass(frozen=True)
class GrantedEyes(Eyes):
    """Eyes of somebody who stands in for others besides."""

    others: tuple[tuple[Scope, Eyes], ...] = ()

    def seen(self, connection: Connection, rows: Sequence[MatterRow]) -> list[bool]:
        """For each row whether he may see it himself, or in somebody's place."""
        seen = super().seen(connection, rows)
        for scope, eyes in self.others:
            hidden = [
                n
                for n, row in enumerate(rows)
                if not seen[n] and _within(scope, row.kind or "", row.item or "")
            ]
            found = eyes.seen(connection, [rows[n] for n in hidden]) if hidden else []
            for n, shown in zip(hidden, found, strict=True):
                seen[n] = shown
        return seen


def eyes_for(connection: Connection, desk: Desk, visitor: Visitor) -> Eyes:
    """The eyes of a visitor. Raises SignInNeededError for the public."""
    if not visitor.id:
        raise SignInNeededError("请先登录 / sign in first")
    profile = desk.profile
    if WebRole.AUDITOR in visitor.roles:
        return Eyes(Viewer(officer=visitor.id, auditor=True), profile)
    own = viewer_of(visitor.id, profile.posts, profile.sections)
    others = tuple(
        (grant.scope, Eyes(viewer_of(grant.giver, profile.posts, profile.sections), profile))
        for grant in grants_in_force(connection, visitor.id, desk.now())
    )
    return GrantedEyes(own, profile, others) if others else Eyes(own, profile)


def _within(scope: Scope, kind: str, item: str) -> bool:
    listed = (not scope.kinds or kind in scope.kinds) and (not scope.items or item in scope.items)
    return listed and kind in SHOWN_BY_GRANT
