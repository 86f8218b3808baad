"""Chasing (三色督查单): blue reminds, orange follows a missed blue, red a missed orange.

The engine issues the first sheet when the limit of the work has passed, and the next when one was missed; the
supervision office may issue the first one earlier. A sheet stops no limit. What a missed red sheet shows is
looked into as a lead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules.moments import deadline_of
from rules.policy import chief_of, post_of, section_of
from rules.refusals import Refusal
from rules.supervision import next_level, sheet_of, supervision_rules, type_of
from rules.watch import lead
from schemas.clocks import Clock, ClockKind, Limit
from schemas.profile import Post
from schemas.supervision import Chase, SupervisionState
from schemas.supervision_rules import Level, SupervisionRules, SupervisionType
from workflows.matter import act
from workflows.watching import Watched

FINISH = "finish"
REWORK = "rework"
WORK = (FINISH, REWORK)
SHEET = "chase."
"""Reference of a sheet's clock: `chase.blue`."""


class Chased(Watched[SupervisionState]):
    """A supervision matter and its sheets."""

    @property
    def matter_type(self) -> SupervisionType:
        """What kind of matter it is, as the rules have it."""
        return type_of(self.rules, self.state.type)

    @property
    def limits(self) -> SupervisionRules:
        """Limits that all supervision matters share."""
        return supervision_rules(self.rules)

    def owner_post(self) -> Post:
        """The post that has to do the work. Raises Refusal where none was named."""
        post = post_of(self.rules, self.state.owner_post)
        if post is None:
            raise Refusal("unknown_post", post=self.state.owner_post)
        return post

    def start_step(self, ref: str, limit: Limit | None) -> None:
        """A step of the person on duty begins."""
        duty = self.state.duties[-1]
        self.start_clock(ClockKind.STEP, self.told_on, limit, ref=ref, owner=duty.officer, post=duty.post)

    @act
    def chase(self, message: Chase) -> None:
        """催办: earlier than the engine would; from the level at which such a matter may begin."""
        if not self.limits.chase:
            raise Refusal("no_sheets")
        if self.state.sheet:
            raise Refusal("sheet_open", level=self.state.sheet.value)
        allowed = self.matter_type.chase_from
        if message.level not in allowed:
            levels = "、".join(level.value for level in allowed)
            raise Refusal("sheet_level", type=self.matter_type.name, levels=levels)
        facts = self._issue_sheet(message.level, self.at)
        self.write("chase_issued", notify=self._chased(), **facts)

    def expired(self, clock: Clock, at: datetime) -> None:
        """催办升级: a missed limit brings the first sheet, a missed sheet the next one."""
        if not self.state.owner_post:
            return  # nobody to chase yet: the delay is the supervision office's own
        if clock.ref in WORK and not self.state.sheet:
            self._send_sheet(next_level(self.rules, self.matter_type, None), at)
        elif clock.ref.startswith(SHEET):
            level = Level(clock.ref.removeprefix(SHEET))
            self.write_system("chase_missed", at, clock.owner, level=level.value, notify=self._chased())
            if level is Level.RED:
                self._red_missed(clock, at)
            self._send_sheet(next_level(self.rules, self.matter_type, level), at)

    def _send_sheet(self, level: Level | None, at: datetime) -> None:
        if level is not None:
            facts = self._issue_sheet(level, at)
            self.write_system("chase_issued", at, str(facts["to"]), notify=self._chased(), **facts)

    def _issue_sheet(self, level: Level, at: datetime) -> dict[str, Any]:
        """The sheet's own limit starts; what its entry says of it."""
        post, sheet = self.owner_post(), sheet_of(self.rules, level)
        to = self.state.duties[-1].officer if self.state.duties[-1].post == post.code else post.a
        clock = Clock(
            kind=ClockKind.STEP,
            ref=f"{SHEET}{level.value}",
            start=self.day(at),
            limit=sheet.limit,
            owner=to,
            post=post.code,
        )
        self.set(clocks=(*self.state.clocks, clock), sheet=level, sheets=self.state.sheets + 1)
        due = deadline_of(clock, self.rules).due
        return {
            "level": level.value,
            "to": to,
            "due": due.isoformat() if due else None,
            "n": self.state.sheets,
        }

    def _chased(self) -> tuple[str, ...]:
        """Who is told of a sheet: the owner and his chief."""
        post = self.owner_post()
        return post.a, chief_of(self.rules, section_of(self.rules, post.code))

    def _red_missed(self, clock: Clock, at: datetime) -> None:
        faults = self.limits.red_missed_faults
        if faults:
            self.set(leads=self.state.leads + 1)
            text = f"红色督查单逾期未办 / a red chase sheet was missed: {self.id}"
            evidence = ((self.kind, self.id, self.next_seq - 1),)
            about: tuple[str, str] = (self.kind, self.id)
            found = lead("supervision_check", faults, about, (clock.owner,), text, evidence)
            self.open_lead(found, f"GC-{self.id}-{self.next_seq - 1}", at, clock.owner)

    def stop_chasing(self) -> None:
        """The report is there: no limit of the work and no sheet runs on."""
        for clock in tuple(self.running(ClockKind.STEP)):
            if clock.ref in WORK or clock.ref.startswith(SHEET):
                self.stop_clocks(ClockKind.STEP, self.at, clock.ref)
        self.set(sheet=None)

    def work_goes_to(self, officer: str, post: str) -> None:
        """The running limits of the work, and its sheets, run against who has it now."""
        for clock in tuple(self.running(ClockKind.STEP)):
            ours = clock.ref in WORK or clock.ref.startswith(SHEET)
            if ours and not clock.breached:
                self.change_clock(clock, owner=officer, post=post)

    def sheet_view(self) -> dict[str, Any]:
        """How far it has been chased."""
        return {"sheet": self.state.sheet.value if self.state.sheet else None, "sheets": self.state.sheets}
