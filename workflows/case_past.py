"""Cases of the past: what is different when a recorded log is the source.

Facts of the past cannot be refused. What the rules would have refused (one person in two
separated roles, an act before its predecessor, an act after the end) becomes a recorded
irregularity that names the people. The matter lives on the log's time and arms no timer.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from rules.policy import UNKNOWN_POST, others_played
from rules.procedures import CaseStage, state_name
from rules.refusals import Refusal
from schemas.acts import Act, Decide, EndOfLog, PastActs, SignStage
from schemas.clocks import ClockKind
from schemas.entries import Receipt, Receipts
from schemas.matters import CaseInput
from schemas.profile import SEPARATED, Role
from workflows.case_stages import CaseStages
from workflows.matter import act


class CasePast(CaseStages):
    """The importer's side of a case."""

    def __init__(self, start: CaseInput) -> None:
        """Nothing has come yet."""
        super().__init__(start)
        self.came_with_start: list[tuple[str, Act]] = []
        """Acts of a recorded log that are there before the case is registered."""

    @workflow.update(name="past_acts", description="历史操作: acts of a recorded log, several in one call")
    async def past_acts(self, message: PastActs) -> Receipts:
        """Decide each act as if it had come alone; acts already done are not done again.

        Those that come with the start of the case are recorded together with its registration.
        """
        acts = self._read_past(message)
        if self.state.registration is None:
            self.came_with_start += acts
        await self.registered()
        async with self.lock:
            done = {each.id for each in self.state.acts}
            new = [(name, each) for name, each in acts if each.id not in done]
            if new:
                await self.handle_all(new)
            receipts = {each.id: each.receipt for each in self.state.acts}
        return Receipts(receipts=tuple(found for _, each in acts if (found := receipts[each.id])))

    @past_acts.validator
    def _past_acts_fit(self, message: PastActs) -> None:
        """Rejects what belongs to another submission, and what would fail half-way."""
        if not self.imported:
            raise _rejected(Refusal("not_imported"))
        if message.digest != self.start.digest:
            raise _rejected(Refusal("import_conflict", number=self.id))
        acts = self._read_past(message)
        if len({each.id for _, each in acts}) < len(acts):
            raise ValueError("an act id is given twice")

    async def record_opening(self) -> Receipt:
        """Have the registration recorded, and the acts that came with it."""
        if not self.came_with_start:
            return await super().record_opening()
        done: dict[str, tuple[str, Act]] = {}
        for name, message in self.came_with_start:
            done.setdefault(message.id, (name, message))
        return (await self.handle_all(list(done.values())))[0]

    def _read_past(self, message: PastActs) -> list[tuple[str, Act]]:
        return [
            (each.name, self.table[each.name].payload.model_validate(each.message)) for each in message.acts
        ]

    def past_role(self, name: str, message: Act) -> str:
        """A stage act has the stage's role; of the others the log says nothing."""
        stage = self._stage_named(message)
        return stage.value if stage else super().past_role(name, message)

    def past_order(self, name: str, message: Act) -> None:
        """Irregularities of people and order. Only the end of the log itself is final."""
        if self.over_in(self.state.state):
            state = self.state.state
            raise Refusal("ended", state=f"{state_name(self.kind, state)} ({state})", act=self.table[name].zh)
        role = self._stage_named(message)
        if role in SEPARATED and role is not None and message.officer != UNKNOWN_POST:
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

    def write(
        self, kind: str, *, notify: tuple[str, ...] = (), business_key: str | None = None, **data: Any
    ) -> None:
        """Besides what is always written: what the rules would have refused in this act."""
        if self.imported:
            act_id = self.acting.act.id
            found = [each for each in self.state.irregularities if each.act == act_id]
            data |= {"irregularities": [each.model_dump(mode="json") for each in found]} if found else {}
            notify = ()  # nobody is to be told today of what happened then
        super().write(kind, notify=notify, business_key=business_key, **data)

    def write_system(
        self, kind: str, at: datetime, on_account_of: str, *, notify: tuple[str, ...] = (), **data: Any
    ) -> None:
        """Nor is anybody told today of a limit that passed then."""
        super().write_system(kind, at, on_account_of, notify=() if self.imported else notify, **data)

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
        ready = self.state.ready_day
        self.write(
            "closed",
            clocks=self.clock_rows(),
            until=message.until.isoformat(),
            last_act=last.isoformat(),
            ready_day=ready.isoformat() if ready else None,
            irregularities=self._irregularities(),
            figures=self.figures() if ready else {},
        )

    def _irregularities(self) -> list[JsonValue]:
        """Each kind with the people concerned and how often: bounded by people, not by acts."""
        times = Counter((found.code, found.people) for found in self.state.irregularities)
        return [{"code": code, "people": list(people), "times": n} for (code, people), n in times.items()]


def _rejected(refusal: Refusal) -> ApplicationError:
    return ApplicationError(refusal.message, type=refusal.code, non_retryable=True)
