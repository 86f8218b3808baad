"""The typed client: the only way in for programs. Command line, API and pages all use it.

Starts are idempotent by business key: the number is given first, the workflow's id is made of it,
and `register` is an update-with-start. Acts are Updates whose id is the act's id. Lists come from the
read model, never from the engine's visibility.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ledger.db import Ledger, OriginKind
from ledger.keys import CaseKey, case_key
from ledger.openings import lookup_digest
from ledger.redact import redaction_of
from readmodel.numbers import number_for
from rules.facts import digest_of, said_in
from rules.procedures import PROCEDURES
from schemas.acts import Act
from schemas.entries import Receipt, Receipts
from schemas.errors import (
    ConflictError,
    NotFoundError,
    UsageError,
)
from schemas.intake import CaseRequest, InquiryRequest, IntakeReceipt, IntakeRequest
from schemas.kin import EntryRef
from schemas.matters import CaseInput, Channel, InquiryInput, MatterInput, Registration, Status, TimeSource
from schemas.profile import Rules
from starter.answering import PATIENCE, Answering
from starter.rulebook import completed, load_profile, rules_for
from starter.sealing import lookup_code, seal
from starter.turns import Turns
from workflows import TASK_QUEUE

T = TypeVar("T")
AGAIN_ONLY_IF_TURNED_AWAY = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
"""A submission that was turned away may come again, corrected, under its number; no other may."""
SHOWN_AT_MOST = 10_000
"""Facts given out whose time is remembered, so that signing seconds after seeing can be told."""


class Vouching(Protocol):
    """A desk that vouches for whoever is signed in at it (`starter.identity.vouching`)."""

    def act(self, kind: str, number: str, name: str, message: Act) -> Act:
        """The act with the desk's assertion."""
        ...

    def start(self, kind: str, start: MatterInput) -> MatterInput:
        """The submission with the desk's assertion."""
        ...


class YangguangClient(Answering):
    """Starts matters, sends acts, asks for status."""

    source = TimeSource.INTAKE
    desk_keys: tuple[str, ...] = ()
    """Public keys of the desks whose word counts in matters that begin here."""
    voucher: Vouching | None = None
    """Who vouches for what is sent; nobody for a bare client."""

    def __init__(self, client: Client, ledger: Ledger, *, patience: timedelta = PATIENCE) -> None:
        """`ledger` gives numbers and sealing keys and holds the read model."""
        super().__init__(client, ledger, patience)
        self._turns = Turns()
        # Under an id that can be known beforehand somebody else's message could be answered for it.
        self._voice = token_hex(8)
        self._shown: dict[tuple[str, str, str], datetime] = {}

    # -- starting -------------------------------------------------------------------------

    async def start_case(self, request: CaseRequest) -> IntakeReceipt:
        """Register an application; the same business key again gives the same receipt.

        Raises UsageError for an unknown item or profile, ConflictError when the business key already
        stands for another content, PendingError and UnavailableError when engine or database are away.
        """
        rules = self._rules(request, request.item, "case")
        _check_materials(request, rules)
        if request.number:
            number = request.number
        else:
            number = await self._number("case", request)
        key = await self._key(number)
        start = CaseInput(
            **self._common(request, number, key, rules, request.applicant.model_dump()),
            materials=request.materials,
            flags=request.flags,
            expires_on=request.expires_on,
        )
        return self._receipt(await self.register("case", start), key)

    async def start_inquiry(self, request: InquiryRequest) -> IntakeReceipt:
        """Register an inquiry; an anonymous one too. Raises like `start_case`."""
        personal = {**request.applicant.model_dump(), "topic": request.topic}
        return await self.start_matter("inquiry", request, InquiryInput, personal)

    async def start_matter(
        self,
        kind: str,
        request: IntakeRequest,
        start: type[MatterInput],
        personal: dict[str, str],
        *,
        number: str = "",
        **facts: Any,
    ) -> IntakeReceipt:
        """Register a matter of no service item. `personal` is sealed, `facts` are fields of its input.

        `number` is for kinds that number their matters themselves.
        """
        rules = self._rules(request, None, kind)
        number = number or await self._number(kind, request)
        key = await self._key(number)
        begun = start(**self._common(request, number, key, rules, personal), **facts)
        return self._receipt(await self.register(kind, begun), key)

    async def register(self, kind: str, start: MatterInput) -> Registration:
        """Start the matter's workflow, or meet the one that is there, and wait for its registration."""
        matter, update_id = f"{kind}/{start.id}", registration_id(start)
        if start.origin:
            sections = PROCEDURES[kind].sections
            profile = await asyncio.to_thread(load_profile, start.rules.profile)  # it may have to be read
            start = start.model_copy(update={"rules": completed(start.rules, profile, sections)})
        elif self.voucher:
            start = self.voucher.start(kind, start)
        registration = await self._told(self._register(kind, start), matter, update_id=update_id)
        if registration.digest != start.digest:
            raise ConflictError(
                f"业务号 {start.business_key} 已用于另一份申请（{start.id}） / "
                f"business key {start.business_key} already stands for another submission ({start.id})",
                code="business_key_conflict",
            )
        return registration

    async def _register(self, kind: str, start: MatterInput) -> Registration:
        try:
            update_id = registration_id(start)
            return await self.begin(kind, start, "register", update_id=update_id, answer=Registration)
        except WorkflowAlreadyStartedError:
            return await self._earlier_registration(kind, start)

    async def begin(
        self, kind: str, start: MatterInput, update: str, *messages: object, update_id: str, answer: type[T]
    ) -> T:
        """Start a matter, or meet the one that is there, and send it an Update in the same call.

        Raises WorkflowAlreadyStartedError for a matter that has ended, and what `_told` translates.
        """
        operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            PROCEDURES[kind].workflow,
            start,
            id=f"{kind}/{start.id}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=AGAIN_ONLY_IF_TURNED_AWAY,
            static_summary=f"{kind} {start.id}",
        )
        try:
            told: T = await self.temporal.execute_update_with_start_workflow(
                update,
                args=messages,
                id=update_id,
                start_workflow_operation=operation,
                result_type=answer,
                rpc_timeout=self.patience,
            )
        finally:
            # The operation keeps the outcome of the start in a future of its own; nobody else looks.
            with suppress(Exception):
                await asyncio.wait_for(operation.workflow_handle(), timeout=1)
        return told

    async def _earlier_registration(self, kind: str, start: MatterInput) -> Registration:
        """Of a matter that is there already, open or ended: the answer its first registration got."""
        handle = self.handle(kind, start.id)
        try:
            answer: Registration = await handle.execute_update(
                "register", id=registration_id(start), result_type=Registration, rpc_timeout=self.patience
            )
        except RPCError as problem:
            if problem.status is not RPCStatusCode.NOT_FOUND or "completed" not in problem.message:
                raise
            answer = await handle.query(
                "get_registration", result_type=Registration, rpc_timeout=self.patience
            )
        return answer

    # -- acting ---------------------------------------------------------------------------

    async def act(self, kind: str, number: str, name: str, message: Act) -> Receipt:
        """Send an act; returns the receipt of its entry.

        Raises NotPermittedError with the recorded reason, NotFoundError for an unknown matter,
        PendingError when the engine holds the act but the ledger is away, UnavailableError when
        nobody took it (sending it again with the same id is safe in every case).
        """
        if name not in PROCEDURES[kind].table:
            known = ", ".join(sorted(PROCEDURES[kind].table))
            raise UsageError(
                f"没有“{name}”这种操作 / there is no act {name}; there are: {known}", code="unknown_act"
            )
        stamped = self._seen(kind, number, message)
        if message.received_at is None:
            stamped = stamped.model_copy(update={"received_at": await self.now(kind, number)})
        if self.voucher:
            stamped = await asyncio.to_thread(self.voucher.act, kind, number, name, stamped)
        return await self._told(self._act(kind, number, name, stamped), f"{kind}/{number}", act=stamped)

    async def _act(self, kind: str, number: str, name: str, message: Act) -> Receipt:
        handle = self.handle(kind, number)

        async def send() -> Receipt:
            receipt: Receipt = await handle.execute_update(
                name, message, id=message.id, result_type=Receipt, rpc_timeout=self.patience
            )
            return receipt

        try:
            async with self._turns.at(f"{kind}/{number}", self.patience):
                receipt = await self._in_turn(send)
            said = receipt.said
        except WorkflowUpdateFailedError as problem:
            said = _said_by(problem)
            if said in ("", said_in(name, message)):
                raise
        if said not in ("", said_in(name, message)):
            raise ConflictError(
                f"操作编号 {message.id} 已用于另一项操作 / act id {message.id} stands for another act",
                code="act_id_conflict",
            )
        return receipt

    async def status(self, kind: str, number: str) -> Status:
        """What is recorded of a matter, with its clocks as of now. Raises NotFoundError."""
        handle = self.handle(kind, number)
        now = await self.now(kind, number)

        async def ask() -> Status:
            answer: Status = await handle.query(
                "get_status", now, result_type=Status, rpc_timeout=self.patience
            )
            return answer

        status = await self._told(self._in_turn(ask), f"{kind}/{number}")
        self._show(kind, number, status.facts, now)
        return status

    def _show(self, kind: str, number: str, facts: str, now: datetime) -> None:
        """Keep when these facts were given out first; of very many the oldest are forgotten."""
        self._shown.setdefault((kind, number, facts), now)
        if len(self._shown) > SHOWN_AT_MOST:
            del self._shown[next(iter(self._shown))]

    def _seen(self, kind: str, number: str, message: Act) -> Act:
        """The act, saying when the facts it is made on were given out here."""
        shown = self._shown.get((kind, number, message.facts))
        if shown is None or message.seen_at:
            return message
        return message.model_copy(update={"seen_at": shown})

    async def tell(self, kind: str, number: str, entry: EntryRef) -> None:
        """Point a matter to an entry of another; it reads the entry itself.

        One that has ended, or never was, needs no telling. Raises like `act`.
        """
        update_id = f"told/{digest_of(entry.model_dump())[:32]}/{self._voice}"

        async def send() -> None:
            await self.handle(kind, number).execute_update(
                "told", entry, id=update_id, result_type=Receipts, rpc_timeout=self.patience
            )

        with suppress(NotFoundError, _EndedError):
            await self._told(self._in_turn(_unless_ended(send)), f"{kind}/{number}", update_id=update_id)

    def handle(self, kind: str, number: str) -> WorkflowHandle[Any, Any]:
        """Temporal's handle of a matter's workflow."""
        return self.temporal.get_workflow_handle(f"{kind}/{number}")

    async def now(self, kind: str, number: str) -> datetime:
        """The trusted time of receipt for an act on a matter: here and now."""
        return datetime.now(UTC)

    # -- making a start -------------------------------------------------------------------

    def _rules(self, request: IntakeRequest, item: str | None, kind: str) -> Rules:
        sections = PROCEDURES[kind].sections
        rules = rules_for(load_profile(request.profile), item, _local_day(request), sections=sections)
        real = self.ledger.origin.kind is OriginKind.REAL
        bare = rules.unauthenticated_acts and not real  # where people are real, nobody is taken at his word
        return rules.model_copy(update={"unauthenticated_acts": bare, "desk_keys": self.desk_keys})

    async def _number(self, kind: str, request: IntakeRequest) -> str:
        year = _local_day(request).year

        def give() -> str:
            with self.ledger.engine.begin() as connection:
                return number_for(connection, kind, request.business_key, year)

        return await self._stored(give)

    async def _key(self, number: str) -> CaseKey:
        def give() -> CaseKey:
            with self.ledger.engine.begin() as connection:
                if redaction_of(connection, number):
                    raise ConflictError(
                        f"{number} 已依法遮蔽，不能再登记 / {number} is redacted and not registered again",
                        code="redacted",
                    )
                return case_key(connection, number)

        return await self._stored(give)

    def _common(
        self, request: IntakeRequest, number: str, key: CaseKey, rules: Rules, personal: dict[str, str]
    ) -> dict[str, Any]:
        sealed = seal(key, personal)
        said = request.model_dump(mode="json", exclude={"applicant", "topic", "received_at", "late_reason"})
        return {
            "id": number,
            "business_key": request.business_key,
            "digest": digest_of([said, [field.digest for field in sealed]]),
            "rules": rules,
            "channel": Channel(request.channel),
            "officer": request.officer,
            "post": request.post,
            "received_at": request.received_at,
            "late_reason": request.late_reason,
            "source": self.source,
            "sealed": sealed,
            "lookup_digest": lookup_digest(number, lookup_code(key)),
            "attachments": request.attachments,
        }

    def _receipt(self, registration: Registration, key: CaseKey) -> IntakeReceipt:
        return IntakeReceipt(
            number=registration.id,
            lookup_code=lookup_code(key),
            received_at=registration.received_at,
            received_day=registration.received_day,
            promised_day=registration.promised_day,
            provisional=registration.provisional,
            receipt=registration.receipt,
        )


class _EndedError(Exception):
    """The matter has ended and takes no more messages."""


def _unless_ended(send: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def tell() -> None:
        try:
            await send()
        except RPCError as problem:
            if problem.status is RPCStatusCode.NOT_FOUND and "completed" in problem.message:
                raise _EndedError from problem
            raise

    return tell


def _check_materials(request: CaseRequest, rules: Rules) -> None:
    known = {material.code for material in rules.item.materials} if rules.item else set()
    strange = sorted({piece.code for piece in request.materials} - known)
    if strange:
        raise UsageError(
            f"{request.item} 的材料清单中没有 {', '.join(strange)} / "
            f"{request.item} lists no material {', '.join(strange)}; it lists: {', '.join(sorted(known))}",
            code="unknown_material",
        )


def _local_day(request: IntakeRequest) -> date:
    """The day of receipt where the profile's calendar lives, whatever offset the stamp has."""
    received = request.received_at or datetime.now(UTC)
    return received.astimezone(ZoneInfo(load_profile(request.profile).timezone)).date()


def registration_id(start: MatterInput) -> str:
    """Id of the update that registers a submission: corrected after it was turned away, it is another one."""
    stamp = start.received_at.isoformat() if start.received_at else ""
    return f"register/{digest_of([start.digest, stamp, start.late_reason])[:32]}"


def _said_by(problem: WorkflowUpdateFailedError) -> str:
    """Digest of the act that was refused under this id; empty where it was no act."""
    cause = problem.cause
    details = cause.details if isinstance(cause, ApplicationError) else ()
    return str(details[0]) if details else ""
