"""Joint review (联席会审) and the acts of any collective decision: the tables."""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import SUPERIORS, TURNED_AWAY, ActRule, By, Procedure, common
from schemas import acts, review
from schemas.acts import Act
from schemas.profile import Role

SEATED = ("member",)
CHAIR = ("chair",)


def collective(
    calling: frozenset[str],
    called: frozenset[str],
    sitting: frozenset[str],
    closed: frozenset[str],
    *,
    conveners: tuple[Role, ...],
    barred: tuple[str, ...] = (),
) -> dict[str, ActRule]:
    """Rows of the acts of a session (`workflows.collective`).

    The states: in which a meeting may be called, has been called, sits, and has closed with minutes to sign.
    They may be the same ones: whether a meeting is open says the session itself. `barred` are capacities in
    which nobody decides.
    """

    def seated(zh: str, en: str, payload: type[Act], states: frozenset[str], *needs: str) -> ActRule:
        return ActRule(zh, en, payload, states, By.PARTY, needs=needs, parties=SEATED, barred=barred)

    return {
        "convene": ActRule("召集", "convene", review.Convene, calling, roles=conveners, barred=barred),
        "attend": seated("签到", "attend, or ask for leave", review.Attend, called | sitting),
        "recuse": seated("回避", "recuse", review.Recuse, called | sitting, "reason"),
        "vote": seated("表决", "vote", review.Vote, sitting, "opinion"),
        "close_session": ActRule(
            "宣布结果",
            "close the session",
            review.CloseSession,
            sitting,
            By.PARTY,
            parties=CHAIR,
            barred=barred,
        ),
        "sign_minutes": seated("签署纪要", "sign the minutes", review.SignMinutes, closed),
    }


class ReviewStage(StrEnum):
    """States of a joint review (domain M19)."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    IN_SESSION = "in_session"
    RESOLVED = "resolved"
    MINUTES_SIGNED = "minutes_signed"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"


V = ReviewStage
ALIVE = frozenset({V.REQUESTED, V.SCHEDULED, V.IN_SESSION, V.RESOLVED, V.MINUTES_SIGNED})
BEFORE = frozenset({V.REQUESTED, V.SCHEDULED})
CONVENERS = (Role.JOINT_REVIEW, Role.CITY_GOVERNMENT, Role.OFFICE)
KEEPERS = (Role.HANDLER, Role.REVIEWER, *CONVENERS)

_TABLE: dict[str, ActRule] = {
    **common(ALIVE),
    **collective(
        BEFORE,
        frozenset({V.SCHEDULED}),
        frozenset({V.IN_SESSION}),
        frozenset({V.RESOLVED}),
        conveners=CONVENERS,
    ),
    "override": ActRule(
        "主持人另行决定",
        "decide against the majority",
        review.Override,
        frozenset({V.RESOLVED}),
        By.PARTY,
        needs=("reason",),
        parties=CHAIR,
    ),
    "seal": ActRule(
        "密封",
        "seal a value",
        review.Seal,
        BEFORE | {V.IN_SESSION},
        By.PARTY,
        parties=("chair", "convener"),
    ),
    "end_sale": ActRule(
        "交易结束", "record the end of the sale", review.EndSale, frozenset({V.MINUTES_SIGNED}), roles=KEEPERS
    ),
    "unseal": ActRule("启封", "unseal a value", review.Unseal, ALIVE, By.PARTY, parties=("custodian",)),
    "execute": ActRule(
        "执行",
        "record what was done",
        review.Execute,
        frozenset({V.MINUTES_SIGNED}),
        roles=KEEPERS,
    ),
    "withdraw": ActRule(
        "撤回议题", "withdraw the question", acts.Withdraw, BEFORE, roles=CONVENERS, needs=("reason",)
    ),
}

_STATES: dict[str, str] = {
    V.REQUESTED: "已提请",
    V.SCHEDULED: "已召集",
    V.IN_SESSION: "会议中",
    V.RESOLVED: "已决议",
    V.MINUTES_SIGNED: "纪要已签",
    V.EXECUTED: "已执行",
    V.WITHDRAWN: "已撤回",
    TURNED_AWAY: "未予登记",
}

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "convene": (V.SCHEDULED,),
    "attend": (V.IN_SESSION, V.REQUESTED),
    "recuse": (V.REQUESTED,),
    "close_session": (V.RESOLVED,),
    "sign_minutes": (V.MINUTES_SIGNED, V.REQUESTED),
    "execute": (V.EXECUTED,),
    "withdraw": (V.WITHDRAWN,),
}

REVIEW = Procedure(
    "联席会审",
    "joint review",
    "ReviewWorkflow",
    "HS",
    _STATES,
    frozenset({V.EXECUTED, V.WITHDRAWN, TURNED_AWAY}),
    _TABLE,
    _LEADS_TO,
    intake=ActRule(
        "提请会审",
        "ask for a joint review",
        acts.Note,
        frozenset({V.REQUESTED}),
        roles=(Role.JOINT_REVIEW, Role.OFFICE, Role.HANDLER, *SUPERIORS),
    ),
    sections=("reviews",),
)
