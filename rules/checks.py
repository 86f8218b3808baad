"""Is a rule profile fit to govern? Every question that data types alone cannot answer.

A profile is typed by people and then decides, unasked, when officers are late. So it is refused
as a whole unless each limit has its legal basis, stage limits fit into the promise and the
promise into the statute, and each stage has a post whose holders exist and may act (全程闭合).
Limits in different units are never converted: such comparisons are listed as skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import NamedTuple

from rules.card_checks import card_findings
from rules.review_checks import review_findings
from schemas.base import Model
from schemas.clocks import Limit, Unit
from schemas.profile import SEPARATED, Item, Post, Profile, Role, Stage

BLOCKING_FLAGS = frozenset(
    {"title_dispute", "open_violation", "court_seizure", "unpaid_price", "open_petition"}
)
"""What may block a case until cleared: 权属争议、未结违法案件、法院查封、价款未缴清、未结信访."""

REQUIRED_ROLES = (Role.WINDOW, Role.OFFICE, Role.SUPERVISION, Role.HEAD, Role.DISCIPLINE_SECRETARY)
"""Somebody must be able to receive, designate, supervise, extend and be told of red cards."""

UNITS = {
    Unit.WORKING_DAY: "工作日",
    Unit.CALENDAR_DAY: "日",
    Unit.MONTH: "月",
    Unit.YEAR: "年",
    Unit.HOUR: "小时",
}

LENGTHS = {
    "stages": ("各环节时限之和", "sum of the stage limits"),
    "promise": ("承诺时限", "promised limit"),
    "statutory": ("法定时限", "statutory limit"),
}
"""What must fit into the next, in this order."""


class Length(NamedTuple):
    """A length of time that must fit into the next larger one."""

    key: str
    zh: str
    en: str
    limit: Limit


Finding = tuple[str, str]
"""Dotted key and reason."""


class Problem(Model):
    """One thing wrong with a profile: which file, which key, and why."""

    file: str
    """Path inside the profile's folder."""
    key: str
    """Dotted path with codes instead of positions: `items.LX-DJ-01.stages.H.limit`."""
    reason: str
    """Chinese first, English beside it."""

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}" if self.key else f"{self.file}: {self.reason}"


class Skipped(Model):
    """A comparison of limits that was not made, and why."""

    key: str
    reason: str


def check(profile: Profile) -> list[Problem]:
    """Everything wrong with the profile, in the order of its files; empty if it may govern."""
    found = [_problem("profile.yaml", finding) for finding in _general(profile)]
    found += [_problem("organisation.yaml", finding) for finding in _organisation(profile)]
    found += [_problem("cards.yaml", finding) for finding in card_findings(profile)]
    found += [_problem("reviews.yaml", finding) for finding in review_findings(profile)]
    for item in profile.items:
        found += [
            _problem(f"items/{item.code}.yaml", (f"items.{item.code}.{key}", reason))
            for key, reason in _item(item, profile)
        ]
    found += [
        _problem(f"items/{code}.yaml", (f"items.{code}", _twice()))
        for code in _repeated(item.code for item in profile.items)
    ]
    return found


def skipped(profile: Profile) -> list[Skipped]:
    """The comparisons of limits that `check` could not make, item by item."""
    return [
        Skipped(key=f"items.{item.code}.{key}", reason=reason)
        for item in profile.items
        for key, reason in _not_compared(item)
    ]


def _problem(file: str, finding: Finding) -> Problem:
    return Problem(file=file, key=finding[0], reason=finding[1])


def _general(profile: Profile) -> Iterator[Finding]:
    limits = ((name, value) for name, value in profile.thresholds if isinstance(value, Limit))
    for name, limit in limits:
        if not limit.basis.strip():
            yield f"thresholds.{name}", _no_basis()
    for code in _repeated(ground.code for ground in profile.grounds):
        yield f"grounds.{code}", _twice()


def _organisation(profile: Profile) -> Iterator[Finding]:
    posts = {post.code for post in profile.posts}
    for section in profile.sections:
        for field in ("chief_post", "deputy_post"):
            if (post := getattr(section, field)) not in posts:
                yield f"sections.{section.code}.{field}", _no_such("岗位", "post", post)
    yield from _posts(profile)
    held = set(chain.from_iterable(post.roles for post in profile.posts))
    for role in REQUIRED_ROLES:
        if role not in held:
            yield "posts", f"没有岗位承担 {role} / no post holds the role {role}"
    for code in _repeated(section.code for section in profile.sections):
        yield f"sections.{code}", _twice()
    for code in _repeated(post.code for post in profile.posts):
        yield f"posts.{code}", _twice()
    for number in _repeated(officer.staff_no for officer in profile.officers):
        yield f"officers.{number}", _twice()


def _posts(profile: Profile) -> Iterator[Finding]:
    sections = {section.code for section in profile.sections}
    officers = {officer.staff_no for officer in profile.officers}
    on_stages = {stage.post for item in profile.items for stage in item.stages}
    for post in profile.posts:
        if post.section not in sections:
            yield f"posts.{post.code}.section", _no_such("科室", "section", post.section)
        for name, officer in (("a", post.a), ("b", post.b)):
            if officer is not None and officer not in officers:
                yield f"posts.{post.code}.{name}", _no_such("人员", "officer", officer)
        if post.b is None and post.code in on_stages:
            yield f"posts.{post.code}.b", "环节岗位必须有 B 岗 / the post of a stage needs a B officer"
        if post.b == post.a:
            yield f"posts.{post.code}.b", f"A、B 岗是同一人 {post.a} / A and B are the same officer {post.a}"


def _item(item: Item, profile: Profile) -> Iterator[Finding]:
    """What is wrong with one item; keys are relative to it."""
    yield from _bases(item)
    yield from _stages(item, {post.code: post for post in profile.posts})
    yield from _too_long(item)
    grounds = {ground.code for ground in profile.grounds}
    for code in item.suspension_grounds:
        if code not in grounds:
            yield f"suspension_grounds.{code}", _no_such("停表事由", "ground of suspension", code)
    for flag in item.blocking_flags:
        if flag not in BLOCKING_FLAGS:
            yield f"blocking_flags.{flag}", _no_such("限制种类", "blocking flag", flag)
    for code in _repeated(stage.code for stage in item.stages):
        yield f"stages.{code}", _twice()
    for code in _repeated(material.code for material in item.materials):
        yield f"materials.{code}", _twice()


def _bases(item: Item) -> Iterator[Finding]:
    """Every number that binds or charges somebody rests on an article."""
    for key, limit in _limits(item):
        if not limit.basis.strip():
            yield key, _no_basis()
    if item.extension_max and not item.extension_basis.strip():
        yield "extension_max", _no_basis()
    if item.extension_max and item.statutory is None:
        yield "extension_max", "没有法定时限可延长 / there is no statutory limit to extend"
    if item.fee.max_fen is not None and not item.fee.basis.strip():
        yield "fee", _no_basis()


def _limits(item: Item) -> Iterator[tuple[str, Limit]]:
    for name in ("acceptance", "statutory", "promise", "delivery"):
        if (limit := getattr(item, name)) is not None:
            yield name, limit
    for stage in item.stages:
        yield f"stages.{stage.code}.limit", stage.limit


def _stages(item: Item, posts: dict[str, Post]) -> Iterator[Finding]:
    for stage in item.stages:
        if (post := posts.get(stage.post)) is None:
            yield f"stages.{stage.code}.post", _no_such("岗位", "post", stage.post)
        elif stage.role not in post.roles:
            reason = f"岗位 {post.code} 不承担 {stage.role} / post {post.code} does not hold {stage.role}"
            yield f"stages.{stage.code}.post", reason
    yield from _shared(item, posts)
    if item.decision_stage and item.decision_stage not in {stage.code for stage in item.stages}:
        yield "decision_stage", _no_such("环节", "stage", item.decision_stage)


def _shared(item: Item, posts: dict[str, Post]) -> Iterator[Finding]:
    """Separation of duties: one A officer cannot handle, review and approve the same item."""
    first: dict[str, Stage] = {}
    separated = (stage for stage in item.stages if stage.role in SEPARATED and stage.post in posts)
    for stage in separated:
        officer = posts[stage.post].a
        other = first.setdefault(officer, stage)
        if other.role != stage.role:
            yield (
                f"stages.{stage.code}.post",
                f"A 岗 {officer} 已在环节 {other.code} 承担 {other.role} / "
                f"its A officer {officer} is already {other.role} in stage {other.code}",
            )


def _lengths(item: Item) -> list[Length]:
    """What the item says of stages, promise and statute; what it does not say is left out."""
    units = {stage.limit.unit for stage in item.stages}
    days = sum(stage.limit.n for stage in item.stages)
    total = Limit.model_construct(n=days, unit=units.pop()) if len(units) == 1 else None
    limits = {"stages": total, "promise": item.promise, "statutory": item.statutory}
    return [Length(key, *LENGTHS[key], limit) for key, limit in limits.items() if limit is not None]


def _too_long(item: Item) -> Iterator[Finding]:
    for inner, outer in pairwise(_lengths(item)):
        unit = inner.limit.unit
        if unit is outer.limit.unit and inner.limit.n > outer.limit.n:
            yield (
                inner.key,
                f"{inner.zh} {inner.limit.n} {UNITS[unit]}，超过{outer.zh} {outer.limit.n} {UNITS[unit]} / "
                f"the {inner.en} is {inner.limit.n}, more than the {outer.en} of {outer.limit.n} ({unit})",
            )


def _not_compared(item: Item) -> Iterator[Finding]:
    known = _lengths(item)
    for key in [key for key in LENGTHS if key not in {length.key for length in known}]:
        zh, en = LENGTHS[key]
        yield key, f"没有以一种单位表示的{zh} / there is no {en} as a number of one unit"
    for inner, outer in pairwise(known):
        one, other = inner.limit.unit, outer.limit.unit
        if one is not other:
            yield (
                inner.key,
                f"{inner.zh}按{UNITS[one]}，{outer.zh}按{UNITS[other]}，单位不同 / "
                f"the {inner.en} counts {one}, the {outer.en} {other}",
            )


def _repeated(codes: Iterable[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]


def _twice() -> str:
    return "代码重复 / the code is given twice"


def _no_basis() -> str:
    return "没有依据 / has no basis"


def _no_such(zh: str, en: str, code: str) -> str:
    return f"没有{zh} {code} / there is no {en} {code}"
