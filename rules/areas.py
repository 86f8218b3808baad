"""Who may enter which place of the desk, for seeing and for doing, as one table.

This is the outer door: what somebody may see of a single matter is asked of `rules.sight` behind it, and what
he may do in it of `rules.policy.standing`. No role both decides and edits the rules: the admin's has no right
in a matter, and whoever has one cannot be admin (`starter.identity.roles`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.areas import Area, WebRole

R = WebRole

STAFF = frozenset({R.COUNTER, R.HANDLER, R.CHIEF, R.PANEL, R.LEADER, R.SUPERVISOR})
HOUSE = STAFF | {R.AUDITOR, R.ADMIN}
EVERYBODY = frozenset(WebRole)
NOBODY: frozenset[WebRole] = frozenset()
OVERSEERS = frozenset({R.SUPERVISOR, R.LEADER, R.CHIEF})


@dataclass(frozen=True)
class Access:
    """Roles that may look at a place, and those that may do something there."""

    see: frozenset[WebRole]
    do: frozenset[WebRole]


def _same(roles: frozenset[WebRole]) -> Access:
    return Access(roles, roles)


_READ_ALL = STAFF | {R.AUDITOR}

AREAS: Mapping[Area, Access] = {
    Area.PUBLIC: _same(EVERYBODY),
    Area.ACCOUNT: _same(frozenset({R.APPLICANT})),
    Area.COUNTER: _same(frozenset({R.COUNTER, R.HANDLER, R.CHIEF})),
    Area.INBOX: Access(STAFF, STAFF),
    Area.CASE: Access(_READ_ALL, STAFF),
    Area.DECISION: Access(STAFF, STAFF),
    Area.CARDS: Access(_READ_ALL, STAFF),
    # Anybody may be the person concerned: which case he sees is a matter of sight.
    Area.FAULTS: Access(_READ_ALL, STAFF),
    Area.REVIEWS: Access(_READ_ALL, STAFF),
    Area.COMPLAINTS: Access(_READ_ALL, STAFF),
    Area.SUPERVISION: Access(OVERSEERS | {R.AUDITOR}, OVERSEERS),
    Area.REPORTS: Access(OVERSEERS | {R.AUDITOR}, OVERSEERS),
    Area.LEAVE: _same(STAFF),
    Area.SEARCH: _same(_READ_ALL),
    # Looking for something, replaying and bundling are asked for by forms; nothing is written by them.
    Area.AUDIT: _same(frozenset({R.AUDITOR})),
    Area.ADMIN: _same(frozenset({R.ADMIN})),
    Area.SYSTEM: Access(frozenset({R.ADMIN, R.AUDITOR}), frozenset({R.ADMIN})),
    Area.PROFILE: _same(HOUSE),
    Area.API_PUBLIC: _same(EVERYBODY),
    Area.API_INTAKE: _same(frozenset({R.SYSTEM, R.COUNTER, R.HANDLER, R.CHIEF})),
    Area.API_CASES: Access(_READ_ALL | {R.SYSTEM}, NOBODY),
    Area.API_ACTS: _same(STAFF),
    Area.API_EVENTS: Access(_READ_ALL | {R.SYSTEM}, NOBODY),
    Area.API_WEBHOOKS: Access(frozenset({R.ADMIN, R.AUDITOR}), frozenset({R.ADMIN})),
    Area.API_REPORTS: Access(OVERSEERS | {R.AUDITOR, R.SYSTEM}, NOBODY),
    Area.API_LEDGER: Access(EVERYBODY, NOBODY),
}


def may_enter(roles: frozenset[WebRole], area: Area, *, doing: bool) -> bool:
    """Whether somebody of these roles may look at a place, or do something there."""
    access = AREAS[area]
    return bool(roles & (access.do if doing else access.see))
