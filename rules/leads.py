"""Leads (问题线索): who handles one, who may look into it, and when it is too old.

Nobody screens, investigates or decides his own lead: one about the supervision office goes to the discipline
secretary, one about him or the head is sent up. All of it is data (`faults.yaml`), asked here.
Sources: domain 3.2, 3.3; 政务处分法 Art.42, 47; 公务员法 Art.76; 行政过错责任追究办法 Art.40-44.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rules.course import corresponding_day
from rules.refusals import Refusal
from schemas.clocks import Unit
from schemas.fault import Lead
from schemas.fault_acts import NotAcceptedGround, NotAcceptLead
from schemas.fault_rules import FaultCode, FaultRules, LeadRoute, LeadSource
from schemas.profile import Post, Role

CHAIN = frozenset(
    {
        Role.WINDOW.value,
        Role.HANDLER.value,
        Role.REVIEWER.value,
        Role.APPROVER.value,
        Role.REGISTRAR.value,
        Role.JOINT_REVIEW.value,
        Role.CITY_GOVERNMENT.value,
        Role.TOWNSHIP.value,
        Role.DEPUTY_HEAD.value,
        Role.HEAD.value,
        "member",
        "chair",
    }
)
"""Capacities in which somebody belongs to a decision chain; supervising a matter is none."""

NEAR = ("accused", "chain", "related", "witness")
"""Capacities that keep a person out of a team, in the order in which they are told."""


@dataclass(frozen=True)
class Routed:
    """Where a lead goes."""

    route: str
    post: Post
    officer: str
    outside: bool
    """It is only sent up: nobody here screens it."""


def route(accused: Iterable[str], posts: Iterable[Post], rules: FaultRules) -> Routed:
    """Who handles a lead about these people. Raises Refusal where no post is free of them."""
    concerned, known = set(accused), tuple(posts)
    for each in rules.routes:
        if _is_about(each, concerned, known):
            return _handled_by(each, concerned, known)
    raise Refusal("no_route")


def _is_about(each: LeadRoute, concerned: set[str], posts: tuple[Post, ...]) -> bool:
    if not each.about:
        return True
    meant = (post for post in posts if set(post.roles) & set(each.about))
    return any(post.a in concerned or (each.b_too and post.b in concerned) for post in meant)


def _handled_by(each: LeadRoute, concerned: set[str], posts: tuple[Post, ...]) -> Routed:
    for role in each.to:
        for post in posts:
            if role not in post.roles:
                continue
            for officer in (post.a, post.b):
                if officer and officer not in concerned:
                    return Routed(each.code, post, officer, each.outside)
    raise Refusal("no_route")


def source_of(lead: Lead, rules: FaultRules) -> LeadSource:
    """The channel of a lead. Raises Refusal for one the profile does not know."""
    found = next((each for each in rules.sources if each.code == lead.source), None)
    if found is None:
        raise Refusal("unknown_source", source=lead.source)
    return found


def code_of(code: str, rules: FaultRules) -> FaultCode:
    """The kind of fault. Raises Refusal for one the profile does not know."""
    found = next((each for each in rules.codes if each.code == code), None)
    if found is None:
        raise Refusal("unknown_fault", fault=code)
    return found


def check_lead(lead: Lead, rules: FaultRules) -> None:
    """Refuse a lead that names no channel, or no fault, that the rules know."""
    source_of(lead, rules)
    for code in lead.codes:
        code_of(code, rules)


def time_barred(lead: Lead, found_on: date, rules: FaultRules) -> bool:
    """Whether all of it lies too far back: never what goes on still, nor the gravest faults.

    What happened on an unknown day is not too old. The limit runs strictly, from the day it happened.
    """
    bar = rules.limits.get("time_bar")
    if bar is None or lead.occurred_on is None or lead.ongoing:
        return False
    if not lead.codes or any(code_of(code, rules).never_barred for code in lead.codes):
        return False
    months = bar.limit.n * (12 if bar.limit.unit is Unit.YEAR else 1)
    return found_on > corresponding_day(lead.occurred_on, months)


def check_not_accepted(lead: Lead, act: NotAcceptLead, found_on: date, rules: FaultRules) -> None:
    """Refuse to drop a lead that must be screened, and to leave a named reporter without word."""
    barred = time_barred(_dated(lead, act), found_on, rules)
    if act.ground is NotAcceptedGround.TIME_BARRED and not barred:
        raise Refusal("not_barred")
    if source_of(lead, rules).must_screen and act.ground is not NotAcceptedGround.TIME_BARRED:
        raise Refusal("must_screen", source=source_of(lead, rules).name)
    if lead.named and not act.notified.strip():
        raise Refusal("reporter_untold")


def _dated(lead: Lead, act: NotAcceptLead) -> Lead:
    return lead.model_copy(update={"occurred_on": act.occurred_on or lead.occurred_on})


def chain_of(acted: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Staff numbers of a decision chain, from (capacity, staff number) of whoever acted in the matter."""
    return tuple(dict.fromkeys(who for capacity, who in acted if capacity in CHAIN))


def too_near(who: str, people: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The capacities that keep somebody out of a team."""
    held = {capacity for capacity, officer in people if officer == who}
    return (capacity for capacity in NEAR if capacity in held)


def check_team(
    team: tuple[str, ...], people: Iterable[tuple[str, str]], staff: set[str], rules: FaultRules
) -> None:
    """Refuse a team that is too small, has strangers in it, or anybody too near to the matter."""
    known = tuple(people)
    if len(set(team)) < rules.investigators:
        raise Refusal("team_too_small", least=rules.investigators, named=len(set(team)))
    for who in team:
        if who not in staff:
            raise Refusal("no_officer", officer=who)
        for capacity in too_near(who, known):
            raise Refusal("too_near", officer=who, capacity=capacity)
