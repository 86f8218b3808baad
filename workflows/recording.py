"""Recording: every step of a matter becomes an entry, and nothing changes without one.

The procedures draft entries while they change the state; `commit` has all drafts recorded in one
activity call and adopts the receipts. What is not recorded is not shown and did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

from rules import triggers
from rules.policy import Standing, section_of
from rules.procedures import TURNED_AWAY
from schemas.acts import Act
from schemas.entries import EntryDraft, Receipt, Receipts, RecordRequest
from schemas.kin import Testimony
from schemas.matters import Duty, MatterInput, TimeSource
from workflows import attributes
from workflows.owing import Owing
from workflows.timed import S

SYSTEM = "system"
RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))
RECORD_TIMEOUT = timedelta(seconds=15)
"""A worker that dies while recording is noticed after this; the retry finds its own entry."""

ERRAND_QUEUE = "errands"
"""Beginning and telling wait for what another matter records: on the matters' own queue a crowd of errands
would hold every place that those records need."""

ERRAND_TIMEOUT = timedelta(seconds=30)
"""Longer than the client that runs errands is patient; a worker that dies meanwhile is noticed after this."""


@dataclass(frozen=True)
class Acting:
    """The act being applied: who, in what capacity, at which trusted instant."""

    name: str
    act: Act
    who: Standing
    at: datetime
    source: TimeSource
    late: bool = False
    told: datetime | None = None
    """When a late entry was made: nobody else could know of it before."""
    testimony: Testimony | None = None
    """The entry of another matter that this follows from."""


class Recording(Owing[S]):
    """A matter's way to the ledger."""

    start: MatterInput

    def __init__(self) -> None:
        """Nothing is drafted and nothing is recorded yet."""
        self.drafts: list[EntryDraft] = []
        self.recorded: S | None = None
        """The state as of the last receipt."""
        self.before: S | None = None
        """The state that the entry before told of."""
        self.wake: datetime | None = None
        """When time will next bring something, seen from the recorded state."""
        self._acting: Acting | None = None
        self._shown: attributes.Shown | None = None

    @property
    def acting(self) -> Acting:
        """The act being applied."""
        if self._acting is None:
            raise RuntimeError("no act is being applied")
        return self._acting

    @property
    def at(self) -> datetime:
        """Trusted instant of the act being applied."""
        return self.acting.at

    @property
    def told_on(self) -> date:
        """The day on which others could know of the act being applied."""
        return self.day(self.acting.told or self.at)

    def view(self) -> dict[str, Any]:
        """Columns of the read model that the procedure sets."""
        return {}

    def people(self) -> list[list[str]]:
        """[capacity, staff number] of everybody the matter names, in a fixed order."""
        return []

    def write(
        self, kind: str, *, notify: tuple[str, ...] = (), business_key: str | None = None, **data: Any
    ) -> None:
        """Draft the entry of the act being applied."""
        acting = self.acting
        draft = EntryDraft(
            type=self._type(kind),
            time=acting.at,
            actor=acting.who.officer,
            role=acting.who.role,
            on_behalf_of=acting.who.on_behalf_of,
            auth_ref=acting.who.auth_ref,
            business_key=business_key,
            notify=_people(notify),
            sealed=self.start.sealed if kind == "registered" else (),
            data={**_said(acting), **self._lateness(acting), **self._context(acting.at), **data},
        )
        self._draft(draft)

    def _lateness(self, acting: Acting) -> dict[str, int]:
        """How many working days after the fact a late entry was made."""
        if not acting.late:
            return {}
        happened, told = self.day(acting.at), self.told_on
        return {triggers.LATE_DAYS: triggers.late_days(self.rules.calendar, happened, told)}

    def write_system(
        self, kind: str, at: datetime, on_account_of: str, *, notify: tuple[str, ...] = (), **data: Any
    ) -> None:
        """Draft an entry the engine makes on a named person's account."""
        source = TimeSource.ENGINE if self.start.source is TimeSource.INTAKE else self.start.source
        because = _because(self._acting)
        draft = EntryDraft(
            type=self._type(kind),
            time=at,
            actor=SYSTEM,
            role=SYSTEM,
            on_behalf_of=on_account_of if on_account_of not in ("", SYSTEM) else None,
            notify=_people(notify),
            data={"timesource": source.value, **because, **self._context(at), **data},
        )
        self._draft(draft)

    def _draft(self, draft: EntryDraft) -> None:
        self.drafts.append(draft)
        self.before = self.state

    def _type(self, kind: str) -> str:
        return kind if "." in kind else f"{self.kind}.{kind}"

    def _context(self, at: datetime) -> dict[str, Any]:
        """Common fields of every entry: rules, calendar, state before and after, duty, clocks."""
        calendar, before = self.rules.calendar, self.before
        context: dict[str, Any] = {
            "channel": self.start.channel.value,
            "ruleprofile": f"{self.rules.profile}@{self.rules.profile_version}",
            "rulehash": self.rules.profile_sha256,
            "calendar": f"{calendar.jurisdiction}@{calendar.version}",
            "calendarhash": calendar.sha256,
            "before": before.state if before else "",
            "after": self.state.state,
            "lamp": self.lamp(at).value,
            "view": {
                "kind": self.kind,
                "state": self.state.state,
                **self._duty_view(self.duty),
                **self._people_view(before),
                **self.view(),
            },
        }
        state = self.state
        if before is None or before.clocks is not state.clocks or before.rules is not state.rules:
            context["clocks"] = self.clock_rows()
        return context

    def _people_view(self, before: S | None) -> dict[str, list[list[str]]]:
        """The people, where they are not the ones that the entry before told of."""
        people, now = self.people(), self.state
        if before is not None and before is not now:
            self.state = before
            known, self.state = self.people(), now
            return {} if people == known else {"people": people}
        return {"people": people} if before is None else {}

    def _duty_view(self, duty: Duty | None) -> dict[str, str]:
        if duty is None:
            return {}
        section = section_of(self.rules, duty.post) or duty.post
        return {"owner": duty.officer, "owner_post": duty.post, "section": section}

    def _tell_clocks(self) -> None:
        """What changed of the clocks after the last entry was drafted stands in it."""
        if self.before is not None and self.before.clocks is not self.state.clocks:
            last = self.drafts[-1]
            told = {**last.data, "clocks": self.clock_rows()}
            self.drafts[-1] = last.model_copy(update={"data": told})

    async def commit(self) -> tuple[Receipt, ...]:
        """Have all drafts recorded in one call; the state is then the recorded one.

        Raises:
            ActivityError: the recorder refused for good (a ledger conflict, a wrong clock). While
                the database is away the call is retried without end and the act stays pending.
        """
        self._propose_cards()
        self._tell_clocks()
        entries, self.drafts = tuple(self.drafts), []
        request = RecordRequest(
            matter=self.id,
            now=workflow.now(),
            history_length=workflow.info().get_current_history_length(),
            entries=entries,
        )
        answer: Receipts = await workflow.execute_activity(
            "record",
            request,
            result_type=Receipts,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RETRY,
            summary=", ".join(entry.type for entry in entries)[:200],
        )
        self.set(entries=answer.receipts[-1].caseseq, errands=self.errands_on_record(answer.receipts))
        self._acting = None
        self.adopt()
        return answer.receipts

    @property
    def next_seq(self) -> int:
        """Place in the matter's chain of the next entry to be drafted."""
        return self.state.entries + len(self.drafts) + 1

    def _propose_cards(self) -> None:
        """What the drafted entries show besides lateness: a card a trigger and person, to be confirmed.

        Of the past nobody is accused today, and a submission that was turned away is no matter.
        """
        if self.imported or self.state.state == TURNED_AWAY:
            return
        for n, draft in enumerate(tuple(self.drafts)):
            for trigger in triggers.matching(self.rules.cards, draft.type, draft.data):
                person = triggers.concerned(trigger, draft, self.rules)
                if person and (trigger.code, person) not in self.state.proposals:
                    self.propose_card(trigger, person, draft, len(self.drafts) - n)

    def adopt(self) -> None:
        """The present state is what is recorded: show it, and look when time brings the next thing."""
        self.recorded = self.before = self.state
        self.wake = None if self.imported else self.next_instant()
        shown = attributes.attributes_of(self.kind, self.state)
        attributes.show(self._shown, shown)
        self._shown = shown
        if self.duty:
            workflow.set_current_details(f"{self.state.state}: {self.duty.officer} ({self.duty.post})")


def _people(staff: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(who for who in staff if who))


def _because(acting: Acting | None) -> dict[str, Any]:
    """The entry of another matter that this one follows from."""
    return {"because": acting.testimony.entry.model_dump()} if acting and acting.testimony else {}


def _vouching(acting: Acting) -> str:
    """What vouches that it was he: another entry, a desk's signature (kept whole), or nothing."""
    if acting.testimony:
        return "ledger"
    return acting.act.assertion if acting.who.authenticated else "unauthenticated"


def _said(acting: Acting) -> dict[str, Any]:
    """What the act itself states; empty statements are left out."""
    act, who = acting.act, acting.who
    said: dict[str, Any] = {
        "act": acting.name,
        "actid": act.id,
        "post": who.post,
        "section": who.section,
        "opinion": act.opinion,
        "reason": act.reason,
        "basis": list(act.basis),
        "attachments": [attachment.model_dump() for attachment in act.attachments],
        "assertion": _vouching(acting),
        **({"authenticated": True} if who.authenticated else {}),
        "timesource": acting.source.value,
        "lateentry": act.late_reason if acting.late else "",
        "seenat": act.seen_at.isoformat() if act.seen_at else "",
        **_because(acting),
    }
    return {key: value for key, value in said.items() if value not in ("", [])}
