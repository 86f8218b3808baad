"""What codes are called on a page: people, posts, items, stages, states and roles, in both languages.

An entry holds codes, because names change; a page says both, so that nobody has to know the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rules.procedures import PROCEDURES, state_name
from schemas.profile import Item, Post, Profile, Role


class Words(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str


ROLES: dict[str, Words] = {
    Role.WINDOW: Words("窗口", "window"),
    Role.HANDLER: Words("承办", "handler"),
    Role.REVIEWER: Words("审核", "reviewer"),
    Role.APPROVER: Words("批准", "approver"),
    Role.REGISTRAR: Words("登簿", "registrar"),
    Role.CITY_GOVERNMENT: Words("市政府", "city government"),
    Role.JOINT_REVIEW: Words("会审召集", "joint review"),
    Role.TOWNSHIP: Words("镇政府", "township"),
    Role.CHIEF: Words("负责人", "chief"),
    Role.DEPUTY_HEAD: Words("分管副局长", "deputy head"),
    Role.HEAD: Words("局长", "head of the bureau"),
    Role.OFFICE: Words("办公室", "general office"),
    Role.SUPERVISION: Words("督查室", "supervision office"),
    Role.DISCIPLINE_SECRETARY: Words("纪委书记", "discipline secretary"),
    Role.SYSTEM: Words("系统", "system"),
    "unverified": Words("未核实", "unverified"),
}

CHANNELS: dict[str, Words] = {
    "window": Words("窗口", "window"),
    "visit": Words("来访", "visit"),
    "phone": Words("电话", "phone"),
    "letter": Words("来信", "letter"),
    "online": Words("网上", "online"),
    "on_site": Words("现场", "on site"),
    "internal": Words("依职权", "by the bureau itself"),
}

CARD_STATES: dict[str, Words] = {
    "proposed": Words("待确认", "proposed"),
    "dismissed": Words("不予确认", "dismissed"),
    "due": Words("待签发", "due"),
    "open": Words("整改中", "open"),
    "escalated": Words("逾期未整改", "not rectified"),
    "rectified": Words("整改完成", "rectified"),
    "absorbed": Words("已被吸收", "absorbed"),
    "revoked": Words("已撤销", "revoked"),
}

SYSTEM = Words("系统", "the system")


@dataclass(frozen=True)
class Names:
    """Names of one organisation."""

    people: dict[str, str]
    posts: dict[str, Post]
    sections: dict[str, Words]
    items: dict[str, Item]
    grounds: dict[str, Words]
    """Grounds that stop a clock."""

    def person(self, staff_no: str | None) -> str:
        """`王迎春 1101`; a number without a person as it is."""
        if not staff_no:
            return ""
        name = self.people.get(staff_no)
        return f"{name} {staff_no}" if name else staff_no

    def who(self, actor: str) -> Words:
        """Somebody who acted; the system is called so."""
        return SYSTEM if actor == "system" else Words(self.person(actor), self.person(actor))

    def post(self, code: str | None) -> Words:
        """A post; an unknown code as it is."""
        found = self.posts.get(code or "")
        return Words(found.name, found.name_en) if found else Words(code or "", code or "")

    def section(self, code: str | None) -> Words:
        """A section; an unknown code as it is."""
        return self.sections.get(code or "", Words(code or "", code or ""))

    def item(self, code: str | None) -> Words:
        """A service item; matters without one have no words."""
        found = self.items.get(code or "")
        return Words(found.name, found.name_en) if found else Words(code or "", code or "")

    def stage(self, item: str | None, stage: str | None) -> Words:
        """A stage of an item."""
        stages = self.items[item].stages if item in self.items else ()
        found = next((each for each in stages if each.code == stage), None)
        return Words(found.name, found.name_en) if found else Words(stage or "", stage or "")


_KNOWN: dict[str, Names] = {}
"""By the digest of the profile: it is the same for every page until the rules change."""


def names_of(profile: Profile) -> Names:
    """The names of a profile, put together once for all pages."""
    if profile.sha256 not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[profile.sha256] = _names(profile)
    return _KNOWN[profile.sha256]


def _names(profile: Profile) -> Names:
    return Names(
        people={each.staff_no: each.name for each in profile.officers},
        posts={each.code: each for each in profile.posts},
        sections={each.code: Words(each.name, each.name_en) for each in profile.sections},
        items={each.code: each for each in profile.items},
        grounds={each.code: Words(each.name, each.name_en) for each in profile.grounds},
    )


def kind_name(kind: str) -> Words:
    """A kind of matter."""
    known = PROCEDURES.get(kind)
    return Words(known.zh, known.en) if known else Words(kind, kind)


def state_words(kind: str, state: str | None) -> Words:
    """A state; in English it is told by its code."""
    code = state or ""
    return Words(state_name(kind, code), code.replace("_", " "))


def act_words(kind: str, name: str) -> Words:
    """An act of a kind's table; `register` is the intake."""
    procedure = PROCEDURES.get(kind)
    if procedure is None:
        return Words(name, name)
    rule = procedure.intake if name == "register" else procedure.table.get(name)
    return Words(rule.zh, rule.en) if rule else Words(name, name.replace("_", " "))
