"""Where acts and silence lead: the arrows between the states of the two procedures.

`rules.procedures` says in which states an act is possible; here stands what it may come to. The effects
themselves are in the workflow files; a test holds every recorded step against these arrows.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.procedures import UNDECIDED, CaseStage, InquiryStage

C, Q = CaseStage, InquiryStage

LEADS_TO: dict[str, dict[str, tuple[str, ...]]] = {
    "case": {
        "accept": (C.IN_STAGE,),
        "refuse": (C.NOT_REQUIRED, C.NOT_OURS),
        "notify_correction": (C.CORRECTION_PENDING,),
        "resubmit": (C.IN_STAGE,),
        "decide": (C.GRANTED, C.REFUSED, C.REPORTED_UP, C.CLOSED),
        "upper_result": (C.GRANTED, C.REFUSED),
        "suspend": (C.SUSPENDED,),
        "resume": (C.IN_STAGE,),
        "result_ready": (C.RESULT_READY,),
        "deliver": (C.CLOSED,),
        "withdraw": (C.WITHDRAWN,),
        "end_of_log": (C.CLOSED,),
    },
    "inquiry": {
        "answer": (Q.ANSWERED,),
        "guide": (Q.ANSWERED,),
        "hand_over": (Q.HANDED_OVER,),
        "take_over": (Q.ACCEPTED,),
        "return_item": (Q.OPEN,),
        "escalate": (Q.OPEN,),
        "designate": (Q.HANDED_OVER,),
        "close": (Q.CLOSED,),
    },
}
"""States an act may lead to; any act may also leave the matter in the state it was in."""


@dataclass(frozen=True)
class Silence:
    """What time alone brings to a matter: from which states, to which."""

    zh: str
    en: str
    states: frozenset[str]
    to: tuple[str, ...]


SILENCES: dict[str, Silence] = {
    "case.deemed_accepted": Silence(
        "视为受理", "deemed accepted", frozenset({C.RECEIVED, C.CORRECTION_PENDING}), (C.IN_STAGE,)
    ),
    "case.deemed_acceptance_withdrawn": Silence(
        "视为受理撤销",
        "an answer in time, told late: nothing was deemed",
        frozenset({C.IN_STAGE}),
        (C.RECEIVED, C.CORRECTION_PENDING),
    ),
    "case.lapsed": Silence(
        "逾期未补正失效", "lapsed without correction", frozenset({C.CORRECTION_PENDING}), (C.LAPSED,)
    ),
    "case.terminated": Silence(
        "容缺承诺未兑现终止",
        "terminated, deferred papers never came",
        frozenset({C.IN_STAGE}),
        (C.TERMINATED,),
    ),
    "case.deemed_renewed": Silence("视为准予延续", "deemed renewed", UNDECIDED, (C.GRANTED,)),
}
"""By the type of the entry. All other limits bring lamps and cards and change no state."""
