"""Where somebody can go from every page: data, by role. Labels are Chinese, translated where shown."""

from __future__ import annotations

from dataclasses import dataclass

from starter.identity.visitor import Visitor, WebRole

STAFF = frozenset(
    {WebRole.COUNTER, WebRole.HANDLER, WebRole.CHIEF, WebRole.PANEL, WebRole.LEADER, WebRole.SUPERVISOR}
)
EVERYBODY = frozenset(WebRole)


@dataclass(frozen=True)
class Place:
    """An entry of the menu, for those who have one of its roles."""

    href: str
    label: str
    roles: frozenset[WebRole]


MENU = (
    Place("/items", "办事指南", EVERYBODY),
    Place("/lookup", "查询办件", EVERYBODY),
    Place("/counter", "窗口收件", frozenset({WebRole.COUNTER})),
    Place("/account", "我的办件", frozenset({WebRole.APPLICANT})),
    Place("/inbox", "待办", STAFF),
    Place("/cards", "督办牌", STAFF),
    Place("/reviews", "会审", STAFF),
    Place(
        "/supervision",
        "督查",
        frozenset({WebRole.SUPERVISOR, WebRole.LEADER, WebRole.CHIEF, WebRole.AUDITOR}),
    ),
    Place(
        "/faults", "责任追究", frozenset({WebRole.SUPERVISOR, WebRole.LEADER, WebRole.AUDITOR, WebRole.PANEL})
    ),
    Place(
        "/reports", "报表", frozenset({WebRole.SUPERVISOR, WebRole.LEADER, WebRole.CHIEF, WebRole.AUDITOR})
    ),
    Place("/audit", "审计", frozenset({WebRole.AUDITOR})),
    Place("/admin", "管理", frozenset({WebRole.ADMIN})),
    Place("/system", "系统", frozenset({WebRole.ADMIN, WebRole.AUDITOR})),
)


def menu(visitor: Visitor) -> tuple[Place, ...]:
    """The places this visitor can go."""
    return tuple(place for place in MENU if place.roles & visitor.roles)
