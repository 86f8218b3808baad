"""Recording: every step of a matter becomes an entry, and nothing changes without one.

The procedures draft entries while they change the state; `commit` has all drafts recorded in one
activity call and adopts the receipts. What is not recorded is not shown and did not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from rules.policy import Standing, section_of
from schemas.acts import Act
from schemas.entries import EntryDraft, Receipt, Receipts, RecordRequest
from schemas.kin import EntryRef, Errand, Testimony
from schemas.matters import Duty, MatterInput, TimeSource
from workflows import attributes
from workflows.timed import S, Timed

SYSTEM = "system"
RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))
RECORD_TIMEOUT = timedelta(seconds=15)
"""A worker that dies while recording is noticed after this; the retry finds its own entry."""

ERRAND_TIMEOUT = timedelta(seconds=60)
"""Beginning or telling another matter waits for that matter's own record."""


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


class Recording(Timed[S]):
    """A matter's way to the ledger."""

    kind: ClassVar[str]
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
            data={**_said(acting), **self._context(acting.at), **data},
        )
        self._draft(draft)

    def write_system(
        self, kind: str, at: datetime, on_account_of: str, *, notify: tuple[str, ...] = (), **data: Any
    ) -> None:
        """Draft an entry the engine makes on a named person's account."""
        source = TimeSource.ENGINE if self.start.source is TimeSource.INTAKE else self.start.source
        draft = EntryDraft(
            type=self._type(kind),
            time=at,
            actor=SYSTEM,
            role=SYSTEM,
            on_behalf_of=on_account_of if on_account_of not in ("", SYSTEM) else None,
            notify=_people(notify),
            data={"timesource": source.value, **self._context(at), **data},
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
                **self.view(),
            },
        }
        state = self.state
        if before is None or before.clocks is not state.clocks or before.rules is not state.rules:
            context["clocks"] = self.clock_rows()
        return context

    def _duty_view(self, duty: Duty | None) -> dict[str, str]:
        if duty is None:
            return {}
        section = section_of(self.rules, duty.post) or duty.post
        return {"owner": duty.officer, "owner_post": duty.post, "section": section}

    async def commit(self) -> tuple[Receipt, ...]:
        """Have all drafts recorded in one call; the state is then the recorded one.

        Raises:
            ActivityError: the recorder refused for good (a ledger conflict, a wrong clock). While
                the database is away the call is retried without end and the act stays pending.
        """
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
        self.set(entries=answer.receipts[-1].caseseq, errands=self._errands_on_record(answer.receipts))
        self._acting = None
        self.adopt()
        return answer.receipts

    # -- other matters --------------------------------------------------------------------

    def begin(self, kind: str, number: str) -> None:
        """Because of the entry just drafted, another matter is to be begun."""
        self._owe(kind, number, begins=True)

    def tell(self, kind: str, number: str) -> None:
        """Another matter is to learn of the entry just drafted."""
        self._owe(kind, number, begins=False)

    def _owe(self, kind: str, number: str, *, begins: bool) -> None:
        if not self.imported:  # of the past nobody is told today, and nothing begins
            last = len(self.drafts) - 1
            errand = Errand(kind=kind, number=number, begins=begins, at=self.drafts[last].time, draft=last)
            self.set(errands=(*self.state.errands, errand))

    def _errands_on_record(self, receipts: Sequence[Receipt]) -> tuple[Errand, ...]:
        return tuple(
            errand if errand.draft < 0 else self._on_record(errand, receipts[errand.draft])
            for errand in self.state.errands
        )

    def _on_record(self, errand: Errand, receipt: Receipt) -> Errand:
        entry = EntryRef(kind=self.kind, number=self.id, seq=receipt.caseseq, leaf_hash=receipt.leaf_hash)
        return errand.model_copy(update={"draft": -1, "entry": entry})

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
        "assertion": "ledger" if acting.testimony else "unauthenticated",
        "timesource": acting.source.value,
        "lateentry": act.late_reason if acting.late else "",
        "because": acting.testimony.entry.model_dump() if acting.testimony else "",
    }
    return {key: value for key, value in said.items() if value not in ("", [])}
