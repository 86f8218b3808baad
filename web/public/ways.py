"""The two ways an application comes in: over the net by anybody, or at a window by any clerk (M23).

Both are one form and one numbering; they differ in who received it, and by which channel.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.errors import NotPermittedError, UsageError
from schemas.matters import Channel
from schemas.profile import Post, Profile, Role
from starter.desk import Desk
from starter.identity.visitor import PUBLIC, Visitor, VisitorKind
from starter.identity.vouching import vouched
from web.public.application import CHANNELS, Typed
from web.public.catalogue import window_of


@dataclass(frozen=True)
class Way:
    """One of them."""

    prefix: str
    key: str
    """First part of the business key."""
    counter: bool


ONLINE = Way("/apply", "web", counter=False)
COUNTER = Way("/counter", "counter", counter=True)


@dataclass(frozen=True)
class Received:
    """Who took an application in, and how."""

    officer: str
    post: str
    channel: Channel


def received(way: Way, profile: Profile, visitor: Visitor, typed: Typed) -> Received:
    """The receiving officer. Raises NotPermittedError for a clerk who serves no window."""
    if not way.counter:
        window, _ = window_of(profile)
        return Received(window.a, window.code, Channel.ONLINE)
    post = window_post(profile, visitor.id)
    return Received(visitor.id, post.code, channel_of(typed))


def for_all(desk: Desk, visitor: Visitor) -> Desk:
    """The desk as the public uses it: a member of staff is nobody else there than any citizen."""
    return vouched(desk, PUBLIC if visitor.kind is VisitorKind.OFFICER else visitor)


def window_post(profile: Profile, officer: str) -> Post:
    """The window that somebody serves as A or B officer."""
    for post in profile.posts:
        if Role.WINDOW in post.roles and officer in (post.a, post.b):
            return post
    raise NotPermittedError(
        "收件须由窗口岗位办理 / applications are taken in by those who serve a window", code="not_a_window"
    )


def channel_of(typed: Typed) -> Channel:
    """The channel a clerk named. Raises UsageError for one that leads to no counter."""
    given = typed.get("channel") or Channel.WINDOW
    if given not in CHANNELS:
        raise UsageError(f"没有渠道 {given:.20} / there is no channel {given:.20}", code="channel")
    return Channel(given)
