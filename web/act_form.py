"""The form of one act of one matter: what it is bound to, what was typed, what came of sending it.

It carries the digest of the facts that were shown, so that what is signed is what was seen, and an id of its
own, so that sending it twice is one act.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import FormData

from rules.procedures import ActRule
from schemas.entries import Receipt
from schemas.errors import NotFoundError, PendingError, UnavailableError, YangguangError
from schemas.profile import Role
from starter.acting import do_act
from starter.desk import Desk
from starter.identity.errors import SignInNeededError
from starter.identity.visitor import Visitor
from web import form_words as words
from web.acting import errors_of, new_act_id, options_of, rule_of
from web.casefile import CaseFile
from web.form_reading import Filled, filled, typed_of
from web.forms import Field, Typed, Widget, fields_of
from web.names import Words
from web.timeline import Line

LATE = Field(
    "late_reason", words.LABELS["late_reason"], words.HINTS["late_reason"], Widget.TEXT, required=False
)
HAPPENED = Field(
    "received_at", Words("发生的时间", "When it happened"), Words("", ""), Widget.MOMENT, required=False
)

STALE = frozenset({"stale", "out_of_order"})
OVER = frozenset({"already_decided", "wrong_state", "ended", "repeated", "after_end"})
"""Refusals that somebody else may have been the reason of."""


@dataclass(frozen=True)
class ActForm:
    """What a page about an act shows."""

    rule: ActRule
    fields: tuple[Field, ...]
    posts: tuple[str, ...]
    why_not: str
    id: str = ""
    facts: str = ""
    seen: int = 0
    stage: str = ""
    post: str = ""
    typed: Typed = field(default_factory=dict)
    errors: dict[str, Words] = field(default_factory=dict)
    changed: tuple[Line, ...] = ()
    """Entries since the facts were shown."""
    away: bool = False
    refused: str = ""
    """Code of the kernel's refusal."""

    happened = HAPPENED
    late = LATE

    @property
    def by_name(self) -> dict[str, Field]:
        """The fields by name, for the summary of errors."""
        return {each.name: each for each in (*self.fields, HAPPENED, LATE)}

    @property
    def said(self) -> tuple[tuple[Words, Words], ...]:
        """What was typed, as it is shown before it is signed."""
        return tuple(
            (each.label, _shown(each, self.typed[each.name]))
            for each in self.fields
            if any(self.typed.get(each.name, []))
        )

    @property
    def consequences(self) -> tuple[Words, ...]:
        """What follows from sending it."""
        outcome = (self.typed.get("outcome") or [""])[-1]
        return (*_FOLLOWS.get(outcome, ()), *_ALWAYS)


_ALWAYS = (
    Words(
        "记录后不能修改或者删除，只能另行更正。",
        "Once recorded it is never changed or deleted, only corrected.",
    ),
    Words("您对这一决定负责；申请人会得到通知。", "You answer for it; the applicant is told."),
)
_FOLLOWS: dict[str, tuple[Words, ...]] = {
    "granted": (
        Words("法定时限停止，送达时限开始。", "The statutory limit stops, the delivery limit starts."),
    ),
    "refused": (
        Words("法定时限停止，送达时限开始。", "The statutory limit stops, the delivery limit starts."),
        Words(
            "申请人有权申请行政复议或者提起行政诉讼。",
            "The applicant may ask for reconsideration or go to court.",
        ),
    ),
    "reported_up": (
        Words("本机关的时限停止，等待上级批复。", "This bureau's limits stop; the upper level answers."),
    ),
}


def new_form(file: CaseFile, name: str, facts: str) -> ActForm:
    """An empty form over the file as it is shown now. Raises NotFoundError for what is no act."""
    rule = rule_of(file.row.kind or "", name)
    posts = file.offers.posts_for(name)
    barred = next((each.why_not for each in file.offers.barred if each.name == name), "")
    return ActForm(
        rule=rule,
        fields=fields_of(rule, options_of(file, name), _senseless(file)),
        posts=posts,
        why_not=barred,
        id=new_act_id(),
        facts=facts,
        seen=file.row.last_seq,
        stage=file.row.stage or "",
        post=posts[0] if posts else "",
    )


def _senseless(file: CaseFile) -> frozenset[str]:
    """Only a joint-review stage is signed with a resolution."""
    item = file.rules.item if file.rules else None
    stages = item.stages if item else ()
    role = next((stage.role for stage in stages if stage.code == file.row.stage), None)
    return frozenset() if role is Role.JOINT_REVIEW else frozenset({"resolution"})


def sent_form(file: CaseFile, name: str, form: FormData) -> ActForm:
    """The form as somebody sent it: bound to what he was shown, whatever the file says now."""
    typed = typed_of(form)
    blank = new_form(file, name, "")
    seen = _one(typed, "_seen")
    return replace(
        blank,
        id=_one(typed, "_id") or blank.id,
        facts=_one(typed, "_facts"),
        seen=int(seen) if seen.isdecimal() else 0,
        stage=_one(typed, "_stage"),
        post=_one(typed, "_post") or blank.post,
        typed={name: values for name, values in typed.items() if not name.startswith("_")},
    )


def read(form: ActForm, officer: str) -> Filled:
    """What was typed as fields of the message."""
    control: dict[str, Any] = {"id": form.id, "officer": officer, "post": form.post or "-"}
    if form.facts:
        control["facts"] = form.facts
    if form.stage and "stage" in form.rule.payload.model_fields:
        control["stage"] = form.stage
    return filled(form.rule, (*form.fields, HAPPENED, LATE), form.typed, control)


async def send(desk: Desk, visitor: Visitor, file: CaseFile, name: str, form: ActForm) -> Receipt | ActForm:
    """Send it; what comes back is the receipt, or the form with what is wrong."""
    what = read(form, visitor.id)
    if what.errors:
        return replace(form, errors=what.errors)
    try:
        return await do_act(desk, visitor, file.row.kind or "", file.row.case_id, name, what.values)
    except (UnavailableError, PendingError) as away:
        return replace(form, errors=errors_of(away, set()), away=True)
    except (NotFoundError, SignInNeededError):
        raise
    except YangguangError as error:
        # The refusal is on record under this id: said differently it is another act.
        wrong = errors_of(error, set(form.by_name))
        return replace(form, id=new_act_id(), errors=wrong, refused=error.code)


def since_seen(file: CaseFile, form: ActForm, visitor: Visitor) -> tuple[Line, ...]:
    """What happened since the form was shown, without the refusals of its own sender."""
    own = {visitor.id, file.names.person(visitor.id)}
    fresh = (line for line in file.lines if line.seq > form.seen)
    return tuple(line for line in fresh if not (line.refused and line.who.zh in own))


def _shown(each: Field, given: list[str]) -> Words:
    names = dict(each.options)
    shown = [names.get(value, Words(value, value)) for value in given]
    return Words("、".join(w.zh for w in shown), ", ".join(w.en for w in shown))


def _one(typed: Typed, name: str) -> str:
    return typed.get(name, [""])[-1].strip()
