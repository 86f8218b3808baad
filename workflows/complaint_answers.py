"""Handling a complaint and answering it: finding, reply, call-back, and what is shown (结果透明)."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from rules.complaints import check_named
from rules.limits import extension_allowed
from rules.procedures.complaint import ComplaintStage
from rules.refusals import Refusal
from schemas.clocks import ClockKind
from schemas.complaint import (
    CallBack,
    CloseComplaint,
    ExplainDelay,
    ExtendComplaint,
    HandleComplaint,
    Merit,
    ReadSealed,
    ReopenComplaint,
    ReplyToComplaint,
)
from workflows.complaint_people import FINISH
from workflows.complaint_remedies import CALLBACK, CLOSING, RECHECK, REVIEW, Remedies
from workflows.matter import act

OBJECTION = "objection"
ASSIGNMENT = "assignment"
CONTENT = "topic"
"""The sealed field that says what is complained of; all others say who complains."""


class Answers(Remedies):
    """From the section's finding to the archive."""

    @act
    def handle(self, message: HandleComplaint) -> None:
        """办理: what was found; where it is justified, a lead is opened, whoever it is about."""
        check_named(self.rules, message.responsible, ())
        self.stop_clocks(ClockKind.WINDOW, self.at, OBJECTION)
        accused = tuple(dict.fromkeys((*self.state.accused, *message.responsible)))
        self.set(state=ComplaintStage.HANDLED, merit=message.merit, accused=accused)
        if not self.fits(self.known_post(self.state.duties[-1].post)):
            self.to_desk("concerned")  # found to be about the very section: others answer it
        found: dict[str, Any] = {"responsible": list(message.responsible), "faults": list(message.faults)}
        self.write("handled", merit=message.merit.value, **found)
        if message.merit is not Merit.UNJUSTIFIED and not self.state.lead:
            text = f"投诉查证属实 / a complaint was found justified: {message.opinion}"
            self.open_own_lead(message.faults or self.complaint_type.faults, text)

    @act
    def extend(self, message: ExtendComplaint) -> None:
        """延期: by the head, once, before the limit ends, and told to the complainant."""
        longest = self.complaint_type.extension_max
        clock = self.clock(ClockKind.STEP, FINISH)
        if not longest or clock is None:
            raise Refusal("no_limit")
        if message.days > longest:
            raise Refusal("extension_too_long", max=longest)
        today = self.day(self.at)
        if code := extension_allowed(clock, self.rules.calendar, applied=today, approved=today):
            raise Refusal(code)
        old, new = self.clock_rows(), self.change_clock(clock, extension=message.days, marks=())
        self.write("extended", days=new.extension, document=message.notice, old=old, notify=("applicant",))

    @act
    def explain_delay(self, message: ExplainDelay) -> None:
        """说明: why it cannot be done in time, and by which plan; the limit stays what it is."""
        self.write("delay_explained", plan=message.plan, notify=("applicant",))

    @act
    def reply(self, message: ReplyToComplaint) -> None:
        """答复: keeps or misses the time to finish; from now on others see whether it helped."""
        if self.complaint_type.document and not message.document.strip():
            raise Refusal("document_required")
        self.stop_clocks(ClockKind.STEP, self.at, FINISH)
        self.set(state=ComplaintStage.REPLIED)
        self.to_desk("replied")
        self.answered(REVIEW, self.complaint_type.review)
        said = {"document": message.document, "notified": message.notified}
        self.write("replied", **said, notify=("applicant", self.state.duties[-1].officer))

    @act
    def call_back(self, message: CallBack) -> None:
        """回访: by somebody who did not handle it."""
        if message.reached and message.satisfaction is None:
            raise Refusal("satisfaction_required")
        self.stop_clocks(ClockKind.STEP, self.at, CALLBACK)
        final = self.state.state == ComplaintStage.FINAL
        if not final:
            self.set(state=ComplaintStage.CALLED_BACK)
        if final or not self.window_open(REVIEW, RECHECK):
            self.start_step(CLOSING, self.limits.closing)
        self.set(called_back=True, satisfaction=message.satisfaction)
        self.write("called_back", reached=message.reached, satisfaction=message.satisfaction)

    @act
    def reopen(self, message: ReopenComplaint) -> None:
        """重新办理: he was not helped; a petitioner has other ways."""
        most = self.limits.max_reopenings
        if self.complaint_type.review is not None:
            raise Refusal("use_review")
        if self.state.reopenings >= most:
            raise Refusal("reopened_before", max=most)
        self.stop_clocks(ClockKind.STEP, self.at, CLOSING)
        self.set(state=ComplaintStage.REOPENED, reopenings=self.state.reopenings + 1, designated=False)
        self.start_step(ASSIGNMENT, self.limits.assignment)
        self.start_step(FINISH, self.complaint_type.finish)
        self.write("reopened", notify=("applicant",))

    @act
    def read_identity(self, message: ReadSealed) -> None:
        """查阅身份: who complains; that somebody knows is itself on record."""
        names = sorted(field.name for field in self.start.sealed if field.name != CONTENT)
        self.write("identity_read", fields=names)

    @act
    def read_content(self, message: ReadSealed) -> None:
        """查阅内容: what is complained of, by whoever handles it; never who complains."""
        self.write("content_read", fields=[CONTENT])

    @act
    def close(self, message: CloseComplaint) -> None:
        """办结归档: answered, called back, nothing open to him any more; then the result is shown."""
        if self.window_open(REVIEW, RECHECK):
            raise Refusal("review_open")
        if not self.state.called_back:
            raise Refusal("not_called_back")
        self.stop_all(self.at)
        self.set(state=ComplaintStage.CLOSED)
        self.write("closed", figures=self.figures(), notify=("applicant",))
        if self.complaint_type.published:
            self.write("result_published", public=self._public())

    def _public(self) -> dict[str, JsonValue]:
        """What the public sees: the fields of the allow-list, none of which names anybody."""
        shown = {
            **self.figures(),
            "received_day": self.state.received_day.isoformat(),
            "closed_day": self.day(self.at).isoformat(),
        }
        return {name: shown[name] for name in self.limits.public_fields if name in shown}

    def figures(self) -> dict[str, Any]:
        """What it came to."""
        state = self.state
        return {
            "type": state.type,
            "merit": state.merit.value if state.merit else None,
            "satisfaction": state.satisfaction,
            "reopenings": state.reopenings,
            "remedies": state.remedies,
            "lead": state.lead,
        }

    def facts(self) -> dict[str, Any]:
        """What a signer has to have seen."""
        return {**self.figures(), "accused": list(self.state.accused), "answers": self.state.called_back}
