"""Joint review of a case (联席会审): no approval without a resolution that the case itself was told of.

A number somebody writes down proves nothing. The review tells the case of its signed minutes, the case reads
them in the ledger, and only what it read there counts; of several reviews of one question the latest.
"""

from __future__ import annotations

from rules.quorum import PASSED
from rules.refusals import Refusal
from schemas.kin import Testimony
from schemas.profile import Role
from schemas.resolution import Resolution
from schemas.review_rules import ReviewRules
from workflows.case_stages import CaseStages


class CaseReview(CaseStages):
    """What a case knows of the reviews that decide about it."""

    hears = frozenset({"review.minutes_signed"})

    def hear(self, testimony: Testimony) -> None:
        """会审决议: kept as the review's minutes say it."""
        said = testimony.data.get("resolution")
        if not isinstance(said, dict) or said.get("case") != self.id:
            return
        found = Resolution.model_validate({**said, "at": testimony.time})
        self.set(resolutions=(*self.state.resolutions, found))
        self.write("resolution_heard", resolution=found.model_dump(mode="json"), notify=(self.stage_owner,))

    def check_resolution(self, stage: str, number: str | None, *, agrees: bool) -> None:
        """Refuse to sign a stage that waits for a review on any other number than that of its resolution.

        Whoever does not agree needs the resolution too, but not a passed one.
        """
        wanted = self._required(stage)
        if wanted is None:
            return
        if self.imported:
            if not number:
                self.object("resolution_required")
            return
        if not number:
            raise Refusal("resolution_required")
        named = [each for each in self.state.resolutions if each.number == number]
        fits = any(not wanted or set(each.matters) & set(wanted) for each in named)
        if not fits or (agrees and named[-1].outcome != PASSED):
            raise Refusal("resolution_invalid", number=number, known=self._known())
        if agrees:
            self._check_passed(wanted)

    def check_resolutions(self) -> None:
        """Refuse an approval while a question that must be decided together is not decided so."""
        for stage in () if self.imported else self.item.stages:
            wanted = self._required(stage.code)
            if wanted is not None:
                self._check_passed(wanted)

    def _required(self, stage: str) -> tuple[str, ...] | None:
        """Types of matter that block a stage; empty: any review will do; None: it waits for none."""
        wanted = (self.rules.reviews or ReviewRules()).required(self.item.code, stage)
        role = next(each.role for each in self.item.stages if each.code == stage)
        return wanted or (() if role is Role.JOINT_REVIEW else None)

    def _check_passed(self, wanted: tuple[str, ...]) -> None:
        latest = {code: each.outcome for each in self.state.resolutions for code in each.matters}
        missing = [code for code in wanted if latest.get(code) != PASSED]
        any_passed = any(outcome == PASSED for outcome in latest.values())
        if missing or not (wanted or any_passed):
            raise Refusal("resolution_missing", matters="、".join(missing) or "-", known=self._known())

    def _known(self) -> str:
        told = (f"{each.number} {'+'.join(each.matters)} {each.outcome}" for each in self.state.resolutions)
        return "；".join(told) or "-"
