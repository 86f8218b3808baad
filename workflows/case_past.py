"""Cases of the past: what is different when a recorded log is the source.

Facts of the past cannot be refused. What the rules would have refused (one person in two
separated roles, an act before its predecessor, an act after the end) becomes a recorded
irregularity that names the people. The matter lives on the log's time and arms no timer.
"""

from __future__ import annotations

from rules.policy import others_played
from rules.procedures import CaseStage
from rules.refusals import Refusal
from schemas.acts import Act, Decide, EndOfLog, SignStage
from schemas.clocks import ClockKind
from schemas.profile import SEPARATED, Role
from workflows.case_stages import CaseStages
from workflows.matter import act


class CasePast(CaseStages):
    """The importer's side of a case."""

    def past_role(self, name: str, message: Act) -> str:
        """A stage act has the stage's role; of the others the log says nothing."""
        stage = self._stage_named(message)
        return stage.value if stage else super().past_role(name, message)

    def past_order(self, name: str, message: Act) -> None:
        """Irregularities of people and order."""
        role = self._stage_named(message)
        if role in SEPARATED and role is not None:
            for played in others_played(message.officer, role, self.state.roles_played):
                self.object("four_eyes", officer=message.officer, played=played, role=role)
                break
        decided = self.state.outcome is not None
        if name == "result_ready" and (self.state.ready_day or not decided):
            self.object("repeated" if self.state.ready_day else "out_of_order")
        elif role is not None and self.state.ready_day:
            self.object("after_end")

    def _stage_named(self, message: Act) -> Role | None:
        if not isinstance(message, SignStage | Decide):
            return None
        return next((stage.role for stage in self.item.stages if stage.code == message.stage), None)

    @act
    def end_of_log(self, message: EndOfLog) -> None:
        """日志结束: limits up to the log's end are applied, then the matter is closed as it stands."""
        if not self.imported:
            raise Refusal("not_imported")
        last = self.state.last_at
        self.stop_clocks(ClockKind.STATUTORY, last)
        self.pass_time(message.until, message.until)
        self.stop_all(message.until)
        self.set(state=CaseStage.CLOSED)
        irregularities = [found.model_dump(mode="json") for found in self.state.irregularities]
        self.write(
            "closed", until=message.until.isoformat(), irregularities=irregularities, figures=self.figures()
        )
