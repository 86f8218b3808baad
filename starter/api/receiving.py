"""Who receives what comes in over HTTP, and by which channel.

The public comes online and is received by the A officer of the first window; complaints go to the supervision
office, and never to whom they are about. A registered system may name channel, officer and post, an officer
at the counter channel and post.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.errors import NotPermittedError, UsageError
from schemas.matters import Channel
from schemas.profile import Profile, Role
from starter.acting import post_for
from starter.api.bodies import SYSTEMS_ONLY, Intake
from starter.identity.visitor import Visitor, VisitorKind

WINDOW = (Role.WINDOW,)
COMPLAINTS = (Role.SUPERVISION, Role.DISCIPLINE_SECRETARY, Role.OFFICE)


def received(
    profile: Profile, visitor: Visitor, body: Intake, roles: tuple[Role, ...], barred: Iterable[str] = ()
) -> dict[str, Any]:
    """Channel, officer, post and the other fields that not everybody may name, for the client's request.

    Raises NotPermittedError (`systems_only`) for the public naming them.
    """
    given = {name: value for name in SYSTEMS_ONLY if (value := getattr(body, name)) is not None}
    officer, post = receiver(profile, roles, barred)
    if visitor.kind is VisitorKind.OFFICER:
        own = {"officer": visitor.id, "post": post_for(profile, visitor.id, str(given.get("post") or ""))}
        return {"channel": Channel.WINDOW} | given | own
    if visitor.kind is VisitorKind.SYSTEM:
        return {"channel": Channel.ONLINE} | _named(profile, given, officer, post) | _rest(given)
    if given:
        raise NotPermittedError(
            f"{', '.join(given)}: 只能由已登记的系统注明 / only a registered system may name this",
            code="systems_only",
        )
    return {"channel": Channel.ONLINE, "officer": officer, "post": post}


def receiver(profile: Profile, roles: tuple[Role, ...], barred: Iterable[str] = ()) -> tuple[str, str]:
    """(officer, post) of the first post with the first of these roles whose holder is not barred."""
    excluded = set(barred)
    for role in roles:
        for post in (each for each in profile.posts if role in each.roles):
            for officer in (post.a, post.b):
                if officer and officer not in excluded:
                    return officer, post.code
    raise UsageError("没有可以收件的岗位 / no post can receive this", code="no_receiver")


def _named(profile: Profile, given: dict[str, Any], officer: str, post: str) -> dict[str, str]:
    if "officer" not in given:
        return {"officer": officer, "post": post}
    named = str(given["officer"])
    return {"officer": named, "post": post_for(profile, named, str(given.get("post") or ""))}


def _rest(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in ("officer", "post")}
