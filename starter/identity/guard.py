"""The guard at the door of every route: who may look, who may do, and how recently he proved who he is.

A route stands in one `Area`; the table `rules.policy.AREAS` says whose it is. Reading methods are seeing, all
others are doing. What a signed-in person is refused is on record, counted by person, route and hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request

from rules.policy import may_enter
from schemas.areas import Area
from schemas.errors import NotPermittedError
from starter.desk import Desk
from starter.identity.errors import SignInNeededError
from starter.identity.proof import check_proof
from starter.identity.visitor import Visitor, VisitorKind, visitor_of
from starter.sight import record_denial

__all__ = ["Area", "DeniedError", "allow", "area_of", "require_recent"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class DeniedError(NotPermittedError):
    """This place is not his."""

    default_code = "denied"


class Guard:
    """A dependency of a route; the test of all routes reads its `area`."""

    def __init__(self, area: Area) -> None:
        """`area` is the place the route stands in."""
        self.area = area

    async def __call__(self, request: Request) -> None:
        """Let the visitor in, or raise SignInNeededError or DeniedError."""
        visitor = visitor_of(request)
        if may_enter(visitor.roles, self.area, doing=request.method not in SAFE):
            return
        if not visitor.id:
            raise SignInNeededError("请先登录 / sign in first")
        if visitor.kind is not VisitorKind.APPLICANT:  # the digest he is known by is in no leaf
            await asyncio.to_thread(_record, request, visitor)
        raise DeniedError("您无权进行此项操作 / this is not yours to do")


def allow(area: Area) -> Callable[[Request], Awaitable[None]]:
    """What guards a route: `dependencies=[Depends(allow(Area.INBOX))]`."""
    return Guard(area)


def area_of(dependency: object) -> Area | None:
    """The place a dependency guards, if it guards one."""
    return dependency.area if isinstance(dependency, Guard) else None


def require_recent(request: Request) -> Visitor:
    """The visitor, who has proven of late who he is. Raises ProofNeededError (step-up).

    Used by routes of decisions. What was typed into the form survives: see `web.routes.sign_in`.
    """
    visitor = visitor_of(request)
    check_proof(_desk(request), visitor)
    return visitor


def _record(request: Request, visitor: Visitor) -> None:
    route = request.scope.get("route")
    path = getattr(route, "path", request.url.path)
    record_denial(_desk(request).ledger, visitor.id, f"{request.method} {path}", "")


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
