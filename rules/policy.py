"""Who may act and who may see, in one place.

May somebody act: state, post, role, A/B authority and separation of duties, as one question. `standing`
answers it for every act of every procedure, from the tables of `rules.procedures`. May somebody see:
`may_see` answers it for every kind and state, from the table of `rules.sight_table`. May somebody enter a
place of the desk: `may_enter`, from the table `AREAS`.
Rules: AB 岗 (domain 2.8), separation of handler, reviewer and approver (3.10), role lists (part 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.areas import AREAS, may_enter
from rules.procedures import ActRule, By, Procedure
from rules.refusals import Refusal
from rules.sight import may_see
from schemas.acts import Act
from schemas.grants import Grant
from schemas.matters import Duty
from schemas.profile import SEPARATED, Post, Role, Rules

__all__ = [
    "AREAS",
    "UNKNOWN_POST",
    "Position",
    "Standing",
    "check_barred",
    "check_grant",
    "check_separation",
    "check_state",
    "check_stated",
    "chief_of",
    "deputy_of",
    "may_enter",
    "may_see",
    "others_played",
    "post_of",
    "section_of",
    "standing",
]

UNKNOWN_POST = "unknown"


@dataclass(frozen=True)
class Position:
    """What of a matter decides who may act: its state and who holds what."""

    rules: Rules
    state: str
    duty: Duty | None
    stage_post: str = ""
    stage_role: Role | None = None
    offered_post: str = ""
    roles_played: tuple[tuple[Role, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    """(capacity, staff number) of everybody the matter names."""


@dataclass(frozen=True)
class Standing:
    """In what capacity somebody acts."""

    officer: str
    post: str
    section: str
    role: str
    on_behalf_of: str | None = None
    """The A officer, when the B officer acts (代 A 岗)."""
    auth_ref: str | None = None
    authenticated: bool = False
    """Whether a desk vouches that it is he."""


def post_of(rules: Rules, code: str) -> Post | None:
    """The post as pinned in the matter."""
    return next((post for post in rules.posts if post.code == code), None)


def section_of(rules: Rules, post_code: str) -> str:
    """Section of a post; empty when unknown."""
    post = post_of(rules, post_code)
    return post.section if post else ""


def chief_of(rules: Rules, section: str) -> str:
    """Staff number of the section's chief; empty when the matter's rules do not hold it."""
    return _head_of(rules, section, "chief_post")


def deputy_of(rules: Rules, section: str) -> str:
    """Staff number of the deputy head in charge of the section; empty when unknown."""
    return _head_of(rules, section, "deputy_post")


def _head_of(rules: Rules, section: str, field: str) -> str:
    for each in rules.sections:
        if each.code == section and (post := post_of(rules, getattr(each, field))):
            return post.a
    return ""


def check_state(rule: ActRule, state: str, procedure: Procedure) -> None:
    """Refuse an act the matter's state does not allow."""
    if state in rule.states:
        return
    code = "ended" if state in procedure.ended else "wrong_state"
    raise Refusal(code, state=f"{procedure.states.get(state, state)} ({state})", act=rule.zh)


def check_stated(rule: ActRule, act: Act) -> None:
    """Refuse an act that leaves unsaid what must be said (opinion, reason, remedy)."""
    for need in rule.needs:
        if not any(character.isalnum() for character in getattr(act, need)):
            raise Refusal(f"{need}_required")


def standing(rule: ActRule, act: Act, position: Position, grant: Grant | None = None) -> Standing:
    """In what capacity the officer may do this act; raises `Refusal` when he may not.

    `grant` is one that `check_grant` has found to cover this act.
    """
    post = _post(act, position.rules)
    if act.officer in (post.a, post.b):
        grant = None
    elif grant is None or grant.giver not in (post.a, post.b):
        raise Refusal("not_in_post", officer=act.officer, post=post.code)
    role = _role(rule, act, post, position)
    # Who stands in for somebody may do what neither of the two is barred from.
    for officer in (act.officer, *([grant.giver] if grant else [])):
        check_barred(rule, officer, position)
        if rule.by in (By.STAGE, By.OFFERED) or role in SEPARATED:
            check_separation(officer, role, position.roles_played)
    for_whom, why = _account(act.officer, post, grant)
    return Standing(act.officer, post.code, post.section, role.value, for_whom, why)


def _account(officer: str, post: Post, grant: Grant | None) -> tuple[str | None, str | None]:
    """(for whom he acts, by what authority); his own post's A officer needs neither."""
    if grant:
        return grant.giver, grant.id
    return (post.a, "AB") if officer == post.b else (None, None)


def check_grant(grant: Grant, act: Act, at: datetime, kind: str, item: str, name: str) -> None:
    """Refuse an act under a grant that is somebody else's, over, not begun, or about something else."""
    if grant.taker != act.officer:
        raise Refusal("grant_of_another", grant=grant.id, officer=act.officer)
    if not grant.starts <= at < grant.ends:
        raise Refusal("grant_over", grant=grant.id, ends=grant.ends.isoformat())
    if not grant.scope.covers(kind, item, name):
        raise Refusal("grant_scope", grant=grant.id, act=name)


def check_barred(rule: ActRule, officer: str, position: Position) -> None:
    """Nobody judges where he is himself concerned (回避)."""
    for capacity, who in position.people:
        if who == officer and capacity in rule.barred:
            raise Refusal("barred", officer=officer, capacity=capacity, act=rule.zh)


def check_separation(officer: str, role: Role, played: tuple[tuple[Role, str], ...]) -> None:
    """No one is two of handler, reviewer and approver in one case."""
    if role not in SEPARATED:
        return
    for other in others_played(officer, role, played):
        raise Refusal("four_eyes", officer=officer, played=other.value, role=role.value)


def others_played(officer: str, role: Role, played: tuple[tuple[Role, str], ...]) -> Iterator[Role]:
    """Separated roles, other than `role`, that the officer has already had."""
    return (r for r, who in played if who == officer and r in SEPARATED and r != role)


def _post(act: Act, rules: Rules) -> Post:
    post = post_of(rules, act.post)
    if post is None:
        raise Refusal("unknown_post", post=act.post)
    return post


def _role(rule: ActRule, act: Act, post: Post, position: Position) -> Role:
    match rule.by:
        case By.STAGE:
            return _stage_role(post, position)
        case By.OFFERED:
            if post.code != position.offered_post:
                raise Refusal("not_offered", post=post.code)
            return position.stage_role or post.roles[0]
        case By.DUTY:
            duty = position.duty
            if duty is None or (duty.officer != act.officer and duty.post != post.code):
                raise Refusal("not_on_duty", officer=act.officer, owner=duty.officer if duty else "-")
            return post.roles[0]
        case By.ANYONE:
            return post.roles[0]
        case By.PARTY:
            return _party_role(rule, act, post, position)
        case By.SYSTEM:
            raise Refusal("not_imported")
        case By.ROLE:
            return _listed_role(rule, post)


def _party_role(rule: ActRule, act: Act, post: Post, position: Position) -> Role:
    if not any(who == act.officer and capacity in rule.parties for capacity, who in position.people):
        raise Refusal("not_party", officer=act.officer, parties="、".join(rule.parties), act=rule.zh)
    return post.roles[0]


def _stage_role(post: Post, position: Position) -> Role:
    role = position.stage_role or post.roles[0]
    if post.code == position.stage_post or _stands_in(post, role, position):
        return role
    raise Refusal("not_stage_owner", owner=position.stage_post, post=post.code)


def _stands_in(post: Post, role: Role, position: Position) -> bool:
    """If separation excludes both A and B of the stage's post, the deputy head acts."""
    owner = post_of(position.rules, position.stage_post)
    if owner is None or Role.DEPUTY_HEAD not in post.roles:
        return False
    if deputy_of(position.rules, owner.section) not in (post.a, post.b):
        return False
    holders = [who for who in (owner.a, owner.b) if who]
    return all(any(others_played(who, role, position.roles_played)) for who in holders)


def _listed_role(rule: ActRule, post: Post) -> Role:
    for role in rule.roles:
        if role in post.roles:
            return role
    wanted = "、".join(role.value for role in rule.roles)
    raise Refusal("wrong_role", post=post.code, act=rule.zh, roles=wanted)
