"""Who may see a matter: the ties somebody has to it, held against the table of its kind.

Pure: the same row and the same organisation give the same answer for a list, a search, a report and a bundle.
What may not be seen is answered as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.sight_table import CHAIN, SECRET, SERVED, SIGHT, UNSEEN, SightRule
from schemas.profile import Post, Role, Section
from schemas.sight import HOUSE, Shown, Sight, Tie, Viewer

ROLES = {
    Role.SUPERVISION: Tie.SUPERVISION,
    Role.DISCIPLINE_SECRETARY: Tie.DISCIPLINE,
    Role.HEAD: Tie.HEAD,
    Role.OFFICE: Tie.OFFICE,
}
"""Roles that tie somebody to every matter of the bureau."""

Staff = Mapping[str, frozenset[str]]
"""Sections of each person, by staff number."""


def viewer_of(officer: str, posts: Iterable[Post], sections: Iterable[Section]) -> Viewer:
    """Somebody of the bureau with all posts he holds as A or B officer."""
    held = [post for post in posts if officer in (post.a, post.b)]
    codes = {post.code for post in held}
    roles = {role for post in held for role in post.roles}
    led = (s.code for s in sections if Role.HEAD in roles or codes & {s.chief_post, s.deputy_post})
    return Viewer(
        officer=officer,
        posts=tuple(sorted(codes)),
        roles=tuple(sorted(roles)),
        sections=tuple(sorted({post.section for post in held})),
        over=tuple(sorted(led)),
    )


def staff_of(posts: Iterable[Post]) -> dict[str, frozenset[str]]:
    """The sections of everybody who holds a post."""
    found: dict[str, frozenset[str]] = {}
    for post in posts:
        for who in filter(None, (post.a, post.b)):
            found[who] = found.get(who, frozenset()) | {post.section}
    return found


def chain_of(people: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The decision chain among the people of a matter."""
    return tuple(sorted({who for capacity, who in people if capacity in CHAIN}))


def may_see(viewer: Viewer, shown: Shown, staff: Staff) -> Sight:
    """Whether somebody may see a matter at all, even that it exists."""
    return decided(SIGHT.get(shown.kind, UNSEEN), shown.state, frozenset(ties(viewer, shown, staff)))


def decided(rule: SightRule, state: str, held: frozenset[str]) -> Sight:
    """The answer of one row of the table for somebody with these ties."""
    hiding = held & rule.never
    if state not in rule.told and not held & rule.lifted:
        hiding |= held & rule.until_told
    if hiding:
        return Sight(allowed=False, by=min(hiding))
    showing = held & rule.sees
    return Sight(allowed=bool(showing), by=min(showing, default=""))


def ties(viewer: Viewer, shown: Shown, staff: Staff) -> Iterator[str]:
    """Everything that ties somebody to a matter."""
    if viewer == HOUSE:
        yield Tie.HOUSE
        return
    yield from _everywhere(viewer)
    yield from (capacity for capacity, who in shown.people if who == viewer.officer)
    if viewer.officer == shown.owner or shown.owner_post in viewer.posts:
        yield Tie.DUTY
    if viewer.officer in shown.chain:
        yield Tie.CONCERNED
    yield from _of_sections(viewer, shown, staff)


def _of_sections(viewer: Viewer, shown: Shown, staff: Staff) -> Iterator[str]:
    own = set(viewer.sections)
    answering = {shown.section} | _sections(shown, staff, {"owner"})
    if own & answering:
        yield Tie.SECTION
    if set(viewer.over) & (answering | _sections(shown, staff, SERVED)):
        yield Tie.SUPERIOR
    if own & _sections(shown, staff, {"accused"}) and Role.DISCIPLINE_SECRETARY not in viewer.roles:
        yield Tie.ACCUSED_SECTION
        if Role.SUPERVISION in viewer.roles:
            yield Tie.OWN_OFFICE


def _sections(shown: Shown, staff: Staff, capacities: Iterable[str]) -> set[str]:
    named = (who for capacity, who in shown.people if capacity in capacities)
    return {section for who in named for section in staff.get(who, ())}


def whole(viewer: Viewer, kind: str) -> bool:
    """Whether somebody sees every matter of a kind, whatever it says and whomever it is about."""
    rule = SIGHT.get(kind, UNSEEN)
    return viewer == HOUSE or not (rule.never or rule.until_told) and bool(rule.sees & _everywhere(viewer))


def _everywhere(viewer: Viewer) -> set[str]:
    """The ties he has to every matter."""
    held: set[str] = {ROLES[role] for role in viewer.roles if role in ROLES}
    return held | {Tie.AUDITOR} if viewer.auditor else held


def told_of(matter: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, number) of matters that may be hidden from somebody, of which an entry of `matter` tells."""
    if "lead" in data:
        yield "fault", str(data.get("fault") or f"GC-{matter}")
    because = data.get("because") or {}
    if isinstance(because, dict) and because.get("kind") in SECRET:
        yield str(because["kind"]), str(because["number"])
