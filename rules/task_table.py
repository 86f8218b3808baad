"""What has to be done in which state, as data: the act by which whoever has the duty goes on.

Each is an act of the procedure's table, from which it has its name and its rules; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemas.clocks import ClockKind

OWNER: Mapping[str, Mapping[str, str]] = {
    "case": {
        "received": "accept",
        "correction_pending": "resubmit",
        "in_stage": "sign_stage",
        "suspended": "resume",
        "reported_up": "upper_result",
        "granted": "result_ready",
        "refused": "result_ready",
        "result_ready": "deliver",
    },
    "inquiry": {"open": "answer", "handed_over": "answer", "accepted": "answer", "answered": "close"},
    "card": {"proposed": "confirm", "objected": "rule"},
    "review": {"requested": "convene", "minutes_signed": "execute"},
    "complaint": {
        "registered": "accept",
        "accepted": "assign",
        "assigned": "handle",
        "disputed": "designate",
        "handled": "reply",
        "replied": "call_back",
        "called_back": "close",
        "reopened": "assign",
        "review": "answer_review",
        "reviewed": "call_back",
        "recheck": "answer_recheck",
        "final": "close",
    },
    "fault": {
        "lead": "screen",
        "screening": "accept",
        "investigating": "appoint",
        "reported": "notify_facts",
        "verified": "convene",
        "discussed": "decide",
        "decided": "serve",
        "served": "execute_measure",
        "review": "answer_remedy",
        "complaint": "answer_remedy",
        "effective": "file",
        "suspended_for_court": "resume",
    },
    "supervision": {
        "proposed": "enter",
        "registered": "assign",
        "assigned": "chase",
        "in_progress": "report",
        "reported": "verify",
        "verified": "close",
        "reopened": "assign",
    },
    "report": {"generated": "review", "reviewed": "sign", "signed": "distribute"},
}
"""What whoever has the duty has to do, by kind and state."""

OF_THE_POST = frozenset({"report"})
"""Kinds whose work two people of the post share: who reviews a report does not sign it."""

BY_NAME = ("offer", "taking")
"""Clocks of offers whose entry names the post."""

UNANSWERED = {"case": "escalate", "inquiry": "escalate", "supervision": "chase"}
"""What the sender has to do once an offer was not answered in time."""

STEPS = {
    "recusal": "rule_recusal",
    "ruling": "rule_transfer",
    "sending": "send_transfer",
    "answer": "transfer_result",
    "items": "hand_items",
    "reconsideration": "reconsider_transfer",
}
"""Steps of a fault case that run beside its states, by the first or last part of their clock's reference."""

WORKED = frozenset(
    {
        "owner",
        "handler",
        "reviewer",
        "approver",
        "co_owner",
        "verifier",
        "investigator",
        "member",
        "chair",
        "convener",
        "judge",
    }
)
"""Capacities of those who have a part in a matter's work."""

MEETING = ("meeting", "minutes")
"""Clocks of a meeting run against its chair."""

WHOLE = frozenset(
    {
        ClockKind.ACCEPTANCE,
        ClockKind.STATUTORY,
        ClockKind.PROMISE,
        ClockKind.STAGE,
        ClockKind.DELIVERY,
        ClockKind.SPECIAL,
        ClockKind.STEP,
    }
)
"""Clocks that run against whoever has the duty, but for the steps of others."""
