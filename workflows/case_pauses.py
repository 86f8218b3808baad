"""Suspension (停表) and extension (延期): the only lawful ways to more time.

A closed list of grounds, applied for by the stage's owner and approved by a reviewer or above;
an extension once, by the head of the authority, before the limit ends (行政许可法 Art.42, 45).
"""

from __future__ import annotations

from rules.limits import extension_allowed
from rules.procedures import CaseStage
from rules.refusals import Refusal
from schemas.acts import Extend, RequestExtension, RequestSuspension, Resume, Suspend
from schemas.clocks import ClockKind, Limit
from schemas.matters import Extension, Pause
from workflows.case_stages import CaseStages
from workflows.matter import act


class CasePauses(CaseStages):
    """Acts that stop or lengthen the clocks of a case."""

    @act
    def request_suspension(self, message: RequestSuspension) -> None:
        """申请停表: a ground of the item's list, its expected length, the notice to the applicant."""
        if message.ground not in self.item.suspension_grounds:
            raise Refusal("unknown_ground", ground=message.ground)
        if self.state.pause:
            raise Refusal("request_open")
        if not message.notice.strip():
            raise Refusal("notice_required")
        pause = Pause(
            ground=message.ground,
            expected_days=message.expected_days,
            notice=message.notice,
            requested_by=message.officer,
        )
        self.set(pause=pause)
        self.write("suspension_requested", **pause.model_dump(exclude={"running"}))

    @act
    def suspend(self, message: Suspend) -> None:
        """批准停表: statutory, promise and stage clocks stand still; the special clock runs."""
        pause = self.state.pause
        if pause is None:
            raise Refusal("no_request")
        if pause.requested_by == message.officer:
            raise Refusal("own_request")
        day = self.day(self.at)
        self.suspend_clocks(day, pause.ground)
        limit = Limit(n=pause.expected_days, basis=self._basis(pause.ground))
        owner = {"owner": pause.requested_by, "post": self.stage_state.post, "ref": pause.ground}
        self.start_clock(ClockKind.SPECIAL, day, limit, **owner)
        self.set(state=CaseStage.SUSPENDED, pause=pause.model_copy(update={"running": True}))
        self.write("suspended", **pause.model_dump(exclude={"running"}), notify=("applicant",))

    @act
    def resume(self, message: Resume) -> None:
        """恢复计时: the result document has arrived; the next working day counts again."""
        ground = self.state.pause.ground if self.state.pause else ""
        self.resume_clocks(self.day(self.at))
        self.stop_clocks(ClockKind.SPECIAL, self.at)
        self.set(state=CaseStage.IN_STAGE, pause=None)
        self.write("resumed", ground=ground, document=message.document, notify=("applicant",))

    def _basis(self, code: str) -> str:
        return next((ground.basis for ground in self.rules.grounds if ground.code == code), "")

    @act
    def request_extension(self, message: RequestExtension) -> None:
        """申请延期: how many days; the day of the application counts for its lawfulness."""
        if self.item.extension_max == 0:
            raise Refusal("no_extension")
        if message.days > self.item.extension_max:
            raise Refusal("extension_too_long", max=self.item.extension_max)
        if self.state.extension:
            raise Refusal("request_open")
        self._check_still_open(None)
        request = Extension(days=message.days, requested_by=message.officer, requested_at=self.at)
        self.set(extension=request)
        self.write("extension_requested", days=message.days)

    @act
    def extend(self, message: Extend) -> None:
        """批准延期: added to the statutory and the promised limit; never a new start."""
        request = self.state.extension
        if request is None:
            raise Refusal("no_request")
        if request.requested_by == message.officer:
            raise Refusal("own_request")
        self._check_still_open(request)
        for kind in (ClockKind.STATUTORY, ClockKind.PROMISE):
            for clock in tuple(self.running(kind)):
                self.change_clock(clock, extension=request.days, marks=())
        self.set(extension=None, extended=True)
        self.write("extended", days=request.days, **self.promised(), notify=("applicant",))

    def _check_still_open(self, request: Extension | None) -> None:
        """Applied for and approved by 24:00 of the due day of both clocks, and once only."""
        if self.state.extended:
            raise Refusal("extended_before")
        applied = self.day(request.requested_at if request else self.at)
        for kind in (ClockKind.PROMISE, ClockKind.STATUTORY):
            for clock in self.running(kind):
                approved = self.day(self.at)
                late = extension_allowed(clock, self.rules.calendar, applied=applied, approved=approved)
                if late:
                    raise Refusal(late)
