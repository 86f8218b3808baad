"""A bureau on a real engine: what the tests of the procedures act through.

Every matter has a clock of its own, so tests that wait for limits can all run at once. Matters begin in
2037, whose days fall on the weekdays of 2026: the calendar is the published one of 2026, moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from ledger.db import Ledger, OriginKind
from ledger.entry import Entry
from ledger.read import entries
from rules.procedures import PROCEDURES
from schemas.acts import Act
from schemas.clocks import Calendar, ClockKind
from schemas.entries import Receipt
from schemas.errors import NotPermittedError
from schemas.intake import CaseRequest, InquiryRequest, IntakeReceipt
from schemas.matters import Card, ClockView, MatterInput, Registration, Status
from schemas.profile import Item, ItemType, Rules
from starter.client import YangguangClient
from starter.rulebook import load_profile
from starter.simulation import SimulatedClient
from tests.rules.calendars import china

ZONE = ZoneInfo("Asia/Shanghai")
YEARS = 11
"""From 2026 to the next year that begins on the same weekday and is no leap year either."""

PROFILE = load_profile("current")
POSTS = {post.code: post for post in PROFILE.posts}
ITEMS = {item.code: item for item in PROFILE.items}
QUESTION: dict[str, Any] = {
    "officer": "1101",
    "post": "window-clerk",
    "topic": "抵押登记怎么办",
    "applicant": {"name": "宋问路", "phone": "13800000000"},
}
_keys = count(1)


def new_key() -> str:
    """A business key nobody has used yet."""
    return f"key-{next(_keys)}"


def at(text: str) -> datetime:
    """`06-15 09:00`, local time of 2037; `2038-01-04 09:00` for another year."""
    full = text if text[:2] == "20" else f"2037-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=ZONE)


def day(text: str) -> date:
    """`06-15` as a day of 2037."""
    return at(f"{text} 00:00").date()


def moved_calendar(**changes: Any) -> Calendar:
    """The calendar of 2026 and 2027 in 2037 and 2038; `changes` replace fields."""
    known = china(2026, 2027)
    return known.model_copy(
        update={
            "first_day": date(2037, 1, 1),
            "last_day": date(2038, 12, 31),
            "days_off": _later(known.days_off),
            "makeup_workdays": _later(known.makeup_workdays),
            "provisional_years": (2038,),
            **changes,
        }
    )


def _later(days: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(each.replace(year=each.year + YEARS) for each in days)


CALENDAR = moved_calendar()


class Changed(YangguangClient):
    """A client whose matters start under rules, and with inputs, that a test may change."""

    changed: Callable[[Rules], Rules]
    start: dict[str, Any]

    def _rules(self, request: Any, item: str | None, kind: str) -> Rules:
        return self.changed(super()._rules(request, item, kind))

    def rules_of(self, item: str) -> Rules:
        """The rules an application for `item` would carry."""
        return self._rules(application(ITEMS[item]), item, "case")

    async def _register(self, kind: str, start: MatterInput) -> Registration:
        return await super()._register(kind, start.model_copy(update=self.start))


class Desk(Changed, SimulatedClient):
    """On simulated time."""

    def _rules(self, request: Any, item: str | None, kind: str) -> Rules:
        rules = SimulatedClient._rules(self, request, item, kind)
        return self.changed(rules.model_copy(update={"calendar": CALENDAR}))


@dataclass(frozen=True)
class House:
    """An engine, a ledger and a worker between them."""

    client: Client
    ledger: Ledger
    patience: timedelta = timedelta(seconds=60)

    def desk(
        self, rules: Callable[[Rules], Rules] = lambda rules: rules, start: dict[str, Any] | None = None
    ) -> Changed:
        """A client for one matter, on the kind of time that the ledger keeps."""
        simulated = self.ledger.origin.kind is OriginKind.SIMULATION
        desk = (Desk if simulated else Changed)(self.client, self.ledger, patience=self.patience)
        desk.changed, desk.start = rules, start or {}
        return desk

    async def case(
        self,
        item: str = "LX-LS-01",
        begin: str = "06-15 09:00",
        *,
        rules: Callable[[Rules], Rules] = lambda rules: rules,
        start: dict[str, Any] | None = None,
        **said: Any,
    ) -> File:
        """Register an application with all its materials at the post of the first stage."""
        desk = self.desk(rules, start)
        request = application(ITEMS[item], **{"received_at": at(begin), **said})
        return File(self, desk, "case", await desk.start_case(request), ITEMS[item])

    async def inquiry(
        self,
        begin: str = "06-15 09:00",
        *,
        rules: Callable[[Rules], Rules] = lambda rules: rules,
        start: dict[str, Any] | None = None,
        **said: Any,
    ) -> File:
        """Register an inquiry at the window."""
        desk = self.desk(rules, start)
        request = InquiryRequest.model_validate(
            {**QUESTION, "received_at": at(begin), "business_key": new_key(), **said}
        )
        receipt = await desk.start_inquiry(request)
        return File(self, desk, "inquiry", receipt, None)

    def entries(self, number: str) -> list[Entry]:
        """The chain of a matter."""
        with self.ledger.engine.connect() as connection:
            return entries(connection, number)


def application(item: Item, **said: Any) -> CaseRequest:
    """A complete application for an item, taken in at the post of its first stage."""
    post = POSTS[item.stages[0].post]
    about = {
        "business_key": new_key(),
        "item": item.code,
        "officer": post.a,
        "post": post.code,
        "channel": "internal" if item.type is ItemType.INTERNAL else "window",
        "materials": [{"code": material.code} for material in item.materials],
    }
    return CaseRequest.model_validate({**about, **said})


@dataclass
class File:
    """One matter in the hands of a test."""

    house: House
    desk: Changed
    kind: str
    intake: IntakeReceipt
    item: Item | None
    sent: dict[str, str] = field(default_factory=dict)
    """Acts that took effect: id to name."""

    @property
    def number(self) -> str:
        """Number of the matter."""
        return self.intake.number

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """Temporal's handle."""
        return self.desk.handle(self.kind, self.number)

    def message(self, name: str, post: str, who: str = "", **said: Any) -> Act:
        """An act by the A officer of a post, unless `who` names another."""
        known = POSTS.get(post)
        about = {"id": f"{name}-{len(self.sent)}-{next(_keys)}", "officer": who or (known.a if known else "")}
        return PROCEDURES[self.kind].table[name].payload.model_validate({**about, "post": post, **said})

    async def act(self, name: str, post: str, who: str = "", **said: Any) -> Receipt:
        """Do an act: it must be permitted, and its receipt must be its entry's."""
        message = self.message(name, post, who, **said)
        receipt = await self.desk.act(self.kind, self.number, name, message)
        entry = self.entries()[receipt.caseseq - 1]
        assert (entry.id, entry.leaf_hash) == (receipt.id, receipt.leaf_hash)
        assert entry.data["actid"] == message.id
        assert entry.type != "act.refused"
        self.sent[message.id] = name
        return receipt

    async def refused(self, code: str, name: str, post: str, who: str = "", **said: Any) -> Entry:
        """Try an act: it must be refused with `code`, and the refusal must be the latest entry."""
        message = self.message(name, post, who, **said)
        return await self.refuse(code, name, message)

    async def refuse(self, code: str, name: str, message: Act) -> Entry:
        """Send a ready act that must be refused; returns the recorded refusal."""
        before = await self.status()
        with pytest.raises(NotPermittedError) as refusal:
            await self.desk.act(self.kind, self.number, name, message)
        told = refusal.value.message
        assert refusal.value.code == code, told
        entry = self.entries("act.refused")[-1]
        assert (entry.data["actid"], entry.data["refused"], entry.data["told"]) == (message.id, code, told)
        after = await self.status()
        assert (after.officer, after.facts) == (before.officer, before.facts)
        return entry

    async def until(self, when: str) -> None:
        """Let the matter's time run to `when`, with everything that time brings."""
        await self.pass_time(at(when) - await self.desk.now(self.kind, self.number))

    async def pass_time(self, span: timedelta) -> None:
        """Let `span` pass on the matter's clock and wait until it is at rest."""
        skipper = TimeSkipper(self.house.client, config=TimeSkippingConfig(enabled=False))
        await skipper.fast_forward(self.handle, span)
        for _ in range(3000):
            described = (await self.handle.describe()).raw_description
            busy = described.pending_activities or described.HasField("pending_workflow_task")
            if not busy and not await self._overdue():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.number} does not come to rest")

    async def _overdue(self) -> bool:
        """Whether a moment lies behind it: a skip may end before the timers on its way have fired."""
        status = await self.status()
        return status.next_look is not None and status.next_look <= status.now

    # -- what is on record ----------------------------------------------------------------

    def entries(self, *types: str) -> list[Entry]:
        """Entries of the matter, or those of the given types."""
        return [each for each in self.house.entries(self.number) if not types or each.type in types]

    def types(self, *prefixes: str) -> list[str]:
        """Types of the matter's entries in their order, or of those that begin with a prefix."""
        return [each.type for each in self.entries() if not prefixes or each.type.startswith(prefixes)]

    async def status(self) -> Status:
        """What the matter says of itself."""
        return await self.desk.status(self.kind, self.number)

    async def clock(self, kind: ClockKind, ref: str = "") -> ClockView:
        """The latest clock of a kind."""
        shown = (await self.status()).clocks
        return [each for each in shown if each.kind is kind and ref in ("", each.ref)][-1]

    async def cards(self) -> dict[str, Card]:
        """Cards by code; a code may come once only."""
        found = (await self.status()).cards
        assert len({card.code for card in found}) == len(found)
        return {card.code: card for card in found}

    # -- the usual course -----------------------------------------------------------------

    async def sign_through(self, *stages: str) -> None:
        """The owners of these stages take over and sign."""
        assert self.item is not None
        for stage in self.item.stages:
            if stage.code in stages:
                if (await self.status()).post != stage.post:
                    await self.act("take_over", stage.post)
                more = {"resolution": await self._reviewed()} if stage.code == "J" else {}
                await self.act("sign_stage", stage.post, opinion="同意", **more)

    async def _reviewed(self) -> str:
        """Number of a real joint review that has passed the case."""
        from tests.workflows.review_desk import resolution  # noqa: PLC0415  # it stands on this module

        return await resolution(self)

    async def finish(self, outcome: str = "granted") -> None:
        """From the decision to the archive."""
        assert self.item is not None
        deciding = self.item.decision_stage or self.item.stages[-1].code
        stage = next(each for each in self.item.stages if each.code == deciding)
        if (await self.status()).post != stage.post:
            await self.act("take_over", stage.post)
        await self.act(
            "decide", stage.post, opinion="同意", outcome=outcome, reason="条件不符", remedy="复议"
        )
        await self.deliver()

    async def deliver(self) -> None:
        """Result at the window, signed for."""
        await self.act("result_ready", "window-clerk", document="莱国土资〔2037〕1号", notified="sms")
        await self.act("deliver", "window-clerk")
