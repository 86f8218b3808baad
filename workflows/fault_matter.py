"""What all parts of a fault case share: its rules, its people, its limits, and who may discuss it."""

from __future__ import annotations

from datetime import date

from rules.calendar import local_day
from rules.confirming import liable
from rules.leads import route, too_near
from rules.policy import Position, post_of
from rules.procedures.fault import UNFIT, FaultStage
from rules.refusals import Refusal
from schemas.clocks import ClockKind, Unit
from schemas.fault import FaultState
from schemas.fault_rules import FaultRules
from schemas.profile import Role
from schemas.review import Member
from schemas.review_rules import SessionRules
from workflows.collective import Collective

ACCUSED, NOTIFIED, INVESTIGATOR = "accused", "notified", "investigator"

SENT_UP = "sent_up"
"""The transfer of a lead that nobody here may handle."""


class FaultMatter(Collective[FaultState]):
    """The ground of a fault case."""

    @property
    def faults(self) -> FaultRules:
        """The profile's rules of accountability."""
        return self.rules.faults or FaultRules()

    # -- people ---------------------------------------------------------------------------

    @property
    def accused(self) -> tuple[str, ...]:
        """Whom the lead names, and whoever answers by the report."""
        return tuple(dict.fromkeys((*self.state.lead.accused, *liable(self.state.rows))))

    @property
    def concerned(self) -> tuple[tuple[str, str], ...]:
        """(capacity, staff number) of everybody the case names."""
        state = self.state
        told = (*(measure.officer for measure in state.noticed), *state.served)
        return (
            *((ACCUSED, who) for who in self.accused),
            *(("chain", who) for who in state.chain),
            *(("related", who) for who in state.related),
            *(("witness", who) for who in state.witnesses),
            *((INVESTIGATOR, who) for who in state.team),
            *((NOTIFIED, who) for who in dict.fromkeys(told)),
            *(("desk", who) for who in self.desk),
            *self.session_people(),
        )

    @property
    def desk(self) -> tuple[str, ...]:
        """A and B officer of the post that handles the case."""
        post = post_of(self.rules, self.duty.post) if self.duty else None
        return tuple(who for who in (post.a, post.b) if who) if post else ()

    @property
    def staff(self) -> set[str]:
        """Staff numbers of everybody who holds a post."""
        return {who for post in self.rules.posts for who in (post.a, post.b) if who}

    def position(self) -> Position:
        """Who may act: by duty, by role, or by what the case names them as."""
        return Position(rules=self.rules, state=self.state.state, duty=self.duty, people=self.concerned)

    def holder_of(self, role: Role) -> tuple[str, str]:
        """(staff number, post) of the first post with a role; empty where there is none."""
        found = next((post for post in self.rules.posts if role in post.roles), None)
        return (found.a, found.code) if found else ("", "")

    def post_of_officer(self, officer: str) -> str:
        """The first post somebody holds."""
        return next((p.code for p in self.rules.posts if officer in (p.a, p.b)), "")

    def reroute(self) -> None:
        """Whom the case is about has changed: it goes to whoever is free of all of them."""
        found = route(self.accused, self.rules.posts, self.faults)
        if found.route != self.state.route:
            self.set(route=found.route, outside=found.outside)
            self.take_duty(found.officer, found.post.code, "rerouted")

    def check_inside(self) -> None:
        """Refuse to go on here with what can only be sent up."""
        if self.state.outside:
            raise Refusal("must_send_up")

    # -- limits ---------------------------------------------------------------------------

    def start_step(
        self, name: str, *, ref: str = "", owner: tuple[str, str] = ("", ""), since: date | None = None
    ) -> None:
        """Start the limit of a step against its owner, by default whoever handles the case."""
        step = self.faults.limits.get(name)
        if step is None:
            return
        who, post = owner if owner[0] else (self.duty.officer, self.duty.post) if self.duty else ("", "")
        facts = {"started_at": self.at} if step.limit.unit is Unit.HOUR else {}
        day = since or local_day(self.rules.calendar, self.at)
        self.start_clock(ClockKind.STEP, day, step.limit, ref=ref or name, owner=who, post=post, **facts)

    def stop_step(self, ref: str) -> None:
        """The step is done."""
        self.stop_clocks(ClockKind.STEP, self.at, ref)

    def running_window(self, ref: str) -> bool:
        """Whether somebody's right of this reference still runs."""
        return any(clock.ref == ref for clock in self.running(ClockKind.WINDOW))

    # -- collective discussion ------------------------------------------------------------

    def session_rules(self) -> SessionRules:
        """Leading members discuss collectively, by the quorum of the profile."""
        return self.faults.session

    def may_sit(self, member: Member) -> None:
        """Nobody discusses who is concerned, or who investigated."""
        people = self.concerned
        near = [*too_near(member.officer, people), *(c for c, who in people if who == member.officer)]
        for capacity in near:
            if capacity in UNFIT:
                raise Refusal("may_not_sit", officer=member.officer, capacity=capacity)

    def subject(self) -> tuple[str, ...]:
        """What the minutes say is decided upon."""
        measures = (
            f"{each.officer}: {'、'.join((*each.handling, each.sanction)) or '-'}"
            for each in self.state.proposed
        )
        return (f"{self.id} {'、'.join(self.state.lead.codes)}", *measures)

    def resolved(self, outcome: str) -> None:
        """A passed resolution opens the way to the decision; any other one leaves the case where it is."""
        if outcome == "passed":
            self.set(state=FaultStage.DISCUSSED)
