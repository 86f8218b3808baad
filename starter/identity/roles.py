"""What somebody is at the desk: from the posts he holds, or appointed by the settings of the home.

Auditors and admins are no members of the bureau's chain: whoever holds a post cannot be one, so that no
account both decides and edits the rules, or checks what it did itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.db import OriginKind
from readmodel.applicants import applicant_key_of
from schemas.areas import WebRole
from schemas.errors import NotPermittedError, UsageError
from schemas.profile import Profile, Role
from starter.home import Home

ROLES: Mapping[Role, tuple[WebRole, ...]] = {
    Role.WINDOW: (WebRole.COUNTER,),
    Role.HANDLER: (WebRole.HANDLER,),
    Role.REVIEWER: (WebRole.CHIEF, WebRole.PANEL),
    Role.APPROVER: (WebRole.LEADER, WebRole.PANEL),
    Role.REGISTRAR: (WebRole.HANDLER,),
    Role.CITY_GOVERNMENT: (WebRole.HANDLER,),
    Role.JOINT_REVIEW: (WebRole.PANEL, WebRole.HANDLER),
    Role.TOWNSHIP: (WebRole.HANDLER,),
    Role.CHIEF: (WebRole.CHIEF,),
    Role.DEPUTY_HEAD: (WebRole.LEADER, WebRole.PANEL),
    Role.HEAD: (WebRole.LEADER, WebRole.PANEL),
    Role.OFFICE: (WebRole.HANDLER,),
    Role.SUPERVISION: (WebRole.SUPERVISOR,),
    Role.DISCIPLINE_SECRETARY: (WebRole.SUPERVISOR, WebRole.PANEL),
}
"""What a post's role makes of its holder."""

SAMPLE_APPOINTED: Mapping[str, tuple[WebRole, str]] = {
    "8001": (WebRole.AUDITOR, "闻求是"),
    "8002": (WebRole.ADMIN, "管有序"),
    "8003": (WebRole.ADMIN, "司有章"),
}
"""Invented people of sample and simulation homes, outside the bureau's posts."""


@dataclass(frozen=True)
class Person:
    """Somebody of this house as sign-in finds him."""

    id: str
    name: str
    roles: frozenset[WebRole]
    posts: tuple[str, ...]


def person_of(home: Home, profile: Profile, staff_no: str) -> Person:
    """Who has this staff number. Raises NotPermittedError (`unknown_officer`) for a stranger."""
    posts = tuple(post for post in profile.posts if staff_no in (post.a, post.b))
    appointed = appointed_in(home).get(staff_no)
    if not posts and appointed is None:
        raise NotPermittedError(
            f"工号 {staff_no:.20} 没有岗位 / officer {staff_no:.20} holds no post", code="unknown_officer"
        )
    if posts and appointed is not None:
        raise UsageError(
            f"{staff_no} 有岗位，不能兼任 {appointed} / {staff_no} holds a post and cannot be {appointed}",
            code="separated_roles",
        )
    held = {web for post in posts for role in post.roles for web in ROLES.get(role, ())}
    roles = frozenset(held | {appointed} if appointed else held)
    return Person(staff_no, name_of(home, profile, staff_no), roles, tuple(post.code for post in posts))


def applicant_of(connection: Connection, id_number: str) -> Person:
    """An applicant by his identity number, known here by its keyed digest alone. Raises UsageError."""
    key = applicant_key_of(connection, id_number)
    if key is None:
        raise UsageError("证件号码为空 / the identity number is empty", code="no_id_number")
    return Person(key, "", frozenset({WebRole.APPLICANT}), ())


def appointed_in(home: Home) -> dict[str, WebRole]:
    """Auditors and admins of a home."""
    named = {who: WebRole.AUDITOR for who in home.auditors}
    named |= {who: WebRole.ADMIN for who in home.admins}
    if home.kind is not OriginKind.REAL:
        named = {who: role for who, (role, _) in SAMPLE_APPOINTED.items()} | named
    return named


def name_of(home: Home, profile: Profile, staff_no: str) -> str:
    """The name of somebody of this house; empty where it is not known."""
    if home.kind is not OriginKind.REAL and staff_no in SAMPLE_APPOINTED:
        return SAMPLE_APPOINTED[staff_no][1]
    return next((each.name for each in profile.officers if each.staff_no == staff_no), "")


def sample_people(home: Home, profile: Profile) -> list[Person]:
    """Everybody who can sign in without a password, in the order of staff numbers; none in a real home."""
    if home.kind is OriginKind.REAL:
        return []
    known = {each.staff_no for each in profile.officers} | set(appointed_in(home))
    return [person_of(home, profile, staff_no) for staff_no in sorted(known)]
