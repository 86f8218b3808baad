"""Who asks: the public, an applicant, somebody of the bureau, or a system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from starlette.requests import HTTPConnection

from schemas.areas import WebRole

__all__ = ["PUBLIC", "Visitor", "VisitorKind", "WebRole", "visitor_of"]


class VisitorKind(StrEnum):
    """How somebody is known."""

    PUBLIC = "public"
    APPLICANT = "applicant"
    OFFICER = "officer"
    SYSTEM = "system"


@dataclass(frozen=True)
class Visitor:
    """Whoever sent a request, as sign-in found him; groups are resolved there, once a session."""

    kind: VisitorKind = VisitorKind.PUBLIC
    id: str = ""
    """Staff number, applicant's account or system's client id."""
    name: str = ""
    roles: frozenset[WebRole] = frozenset({WebRole.PUBLIC})
    posts: tuple[str, ...] = ()
    """Posts he holds as A or B officer."""
    session: str = ""
    """Handle of the session; acts name it, it opens nothing."""
    signed_in_at: datetime | None = None
    proven_at: datetime | None = None
    """When he last proved who he is: a decision wants it recent."""
    how: str = ""
    """How he signed in: `sample`, `oidc`, `client_credentials`."""


PUBLIC = Visitor()


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Who sent this request; the public where nobody signed in."""
    found: Visitor = getattr(connection.state, "visitor", PUBLIC)
    return found
