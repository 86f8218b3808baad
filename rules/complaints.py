"""Whom a complaint is about, who therefore may not touch it, and who takes care of it instead.

A complaint never comes to the accused, to a post of his section, or to one whose superior he is: that is
checked against the A and the B officer of every post (domain M09; 信访工作条例 Art.30, 回避 and 保密).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rules.policy import post_of
from rules.refusals import Refusal
from schemas.complaint_rules import ComplaintRules, ComplaintType, NotAccepted
from schemas.profile import Post, Role, Rules

DESK = (Role.SUPERVISION, Role.DISCIPLINE_SECRETARY, Role.OFFICE, Role.HEAD)
"""Who takes care of a complaint, the first that it does not concern."""

SENT_UP = frozenset({Role.HEAD, Role.DISCIPLINE_SECRETARY})
"""A complaint about the A officer of these is not handled here: nobody below him could."""


def complaint_rules(rules: Rules) -> ComplaintRules:
    """The section of the profile; an empty one where there is none."""
    return rules.complaints or ComplaintRules()


def type_of(rules: Rules, code: str) -> ComplaintType:
    """The type of that code. Raises Refusal (`unknown_type`)."""
    for each in complaint_rules(rules).types:
        if each.code == code:
            return each
    raise Refusal("unknown_type", type=code)


def ground_of(rules: Rules, type_: ComplaintType, code: str) -> NotAccepted:
    """The ground of not accepting, if this type of complaint knows it. Raises Refusal (`no_such_ground`)."""
    for each in complaint_rules(rules).grounds:
        if each.code == code and (not type_.grounds or code in type_.grounds):
            return each
    raise Refusal("no_such_ground", ground=code, type=type_.name)


def check_named(rules: Rules, accused: Collection[str], sections: Collection[str]) -> None:
    """Refuse people and sections that the bureau does not have: nobody could be kept from them."""
    staff = {who for post in rules.posts for who in (post.a, post.b)}
    known = {section.code for section in rules.sections}
    for who in accused:
        if who not in staff:
            raise Refusal("unknown_accused", who=who)
    for code in sections:
        if code not in known:
            raise Refusal("unknown_accused", who=code)


def concerned(rules: Rules, accused: Collection[str], sections: Collection[str]) -> frozenset[str]:
    """Sections a complaint concerns: those named, and those in which an accused holds a post."""
    own = {post.section for post in rules.posts if {post.a, post.b}.intersection(accused)}
    return frozenset({*sections, *own})


def colleagues(rules: Rules, accused: Collection[str], sections: Collection[str]) -> Iterator[str]:
    """Holders of the posts of those sections; the discipline secretary is nobody's colleague."""
    where = concerned(rules, accused, sections)
    for post in rules.posts:
        if post.section in where and Role.DISCIPLINE_SECRETARY not in post.roles:
            yield from (who for who in (post.a, post.b) if who)


def goes_up(rules: Rules, accused: Collection[str]) -> bool:
    """Whether it is about the head or the discipline secretary, so that only a body above may handle it."""
    return any(post.a in accused and SENT_UP.intersection(post.roles) for post in rules.posts)


def check_owner(rules: Rules, post: Post, accused: Collection[str], sections: Collection[str]) -> None:
    """Refuse a post that the accused holds, that is of his section, or that he is above.

    Raises Refusal (`accused_post`, `accused_section`, `accused_superior`).
    """
    if {post.a, post.b}.intersection(accused):
        raise Refusal("accused_post", post=post.code)
    alone = Role.DISCIPLINE_SECRETARY in post.roles
    if post.section in concerned(rules, accused, sections) and not alone:
        raise Refusal("accused_section", post=post.code, section=post.section)
    if any(who in accused for who in _superiors(rules, post.section)) and not alone:
        raise Refusal("accused_superior", post=post.code)


def _superiors(rules: Rules, section: str) -> Iterator[str]:
    """A and B officer of the chief's post, and the deputy head in charge."""
    for each in rules.sections:
        if each.code == section:
            chief, deputy = post_of(rules, each.chief_post), post_of(rules, each.deputy_post)
            yield from (who for who in ((chief.a, chief.b) if chief else ()) if who)
            yield from ((deputy.a,) if deputy else ())


def desk_post(
    rules: Rules, accused: Collection[str], sections: Collection[str], handlers: Collection[str] = ()
) -> Post:
    """Who takes care of it: the supervision office, unless it is about that office or was its work.

    The last of the list takes it where it concerns all of them; such a complaint is then sent up.
    """
    where = concerned(rules, accused, sections)
    found = [post for role in DESK for post in rules.posts if role in post.roles]
    for post in found:
        theirs = post.section in where and Role.DISCIPLINE_SECRETARY not in post.roles
        if not theirs and not {post.a, post.b}.intersection({*accused, *handlers}):
            return post
    return found[-1]
