"""Two kinds of matters that only tests know: one points others to its entries, one is begun and told.

They are registered for as long as `known` lasts; no profile, no page and no table of the house tells of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from temporalio import workflow

import workflows
from rules.procedures import PROCEDURES, TURNED_AWAY, ActRule, By, Procedure
from rules.refusals import Refusal
from schemas.acts import Act, Close, Note
from schemas.kin import Testimony
from schemas.matters import MatterInput, MatterResult, MatterState
from workflows.matter import act, day_of_receipt
from workflows.messages import Messages

OPEN, CLOSED = "open", "closed"
STATES = {OPEN: "开", CLOSED: "结", TURNED_AWAY: "未予登记"}
ENDED = frozenset({CLOSED, TURNED_AWAY})


class Point(Act):
    """Writes an entry that begins and tells others, named as workflow ids."""

    begins: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    aside: bool = False
    """As an entry of a type that nobody begins or hears because of."""


class PairState(MatterState):
    """Of both kinds."""

    heard_of: tuple[str, ...] = ()


class PairInput(MatterInput):
    """Of both kinds."""

    resumed: PairState | None = None


def procedure(kind: str, prefix: str, intake: By) -> Procedure:
    """Both kinds have the same acts."""
    alive = frozenset({OPEN})
    table = {
        "note": ActRule("批注", "note", Note, alive, By.ANYONE),
        "point": ActRule("指引", "point", Point, alive, By.ANYONE),
        "close": ActRule("结", "close", Close, alive, By.ANYONE),
    }
    begun = ActRule("登记", "register", Note, alive, intake)
    name = f"{kind.capitalize()}Workflow"
    return Procedure(kind, kind, name, prefix, STATES, ENDED, table, {"close": (CLOSED,)}, intake=begun)


SENDER, PUPIL = procedure("sender", "FA", By.ANYONE), procedure("pupil", "SH", By.SYSTEM)
LATER = procedure("later", "HL", By.SYSTEM)
KINDS = {"sender": SENDER, "pupil": PUPIL, "later": LATER}


class Pair(Messages[PairState]):
    """What both do."""

    def opening(self) -> None:
        """Says because of what."""
        about = self.testimony
        if about is not None and about.data.get("opinion") == "refuse me":
            self.write("noted")
            self.tell("sender", about.entry.number)
            raise Refusal("unauthenticated")
        self.take_duty(self.start.officer, self.start.post, "")
        self.write("registered", business_key="registered", saw=about.type if about else "")

    @act
    def note(self, message: Note) -> None:
        """批注: a fact for the file."""
        self.write("noted")

    @act
    def point(self, message: Point) -> None:
        """指引: begins and tells."""
        self.write("noted" if message.aside else "pointed")
        for each in message.begins:
            self.begin(*each.split("/", 1))
        for each in message.tells:
            self.tell(*each.split("/", 1))

    @act
    def close(self, message: Close) -> None:
        """结: over."""
        self.set(state=CLOSED)
        self.write("closed")

    def hear(self, testimony: Testimony) -> None:
        """As its opinion asks: object, stay silent, answer the sender, or simply write."""
        said = testimony.data.get("opinion")
        if said == "silence":
            return
        self.set(heard_of=(*self.state.heard_of, testimony.id))
        self.write_system("heard", testimony.time, testimony.account, said=said)
        if said == "answer me":
            self.tell(testimony.entry.kind, testimony.entry.number)
        if said == "object":
            raise Refusal("unauthenticated")


def opened(start: PairInput, at: Any) -> PairState:
    """A new matter."""
    return PairState(state=OPEN, rules=start.rules, received_day=day_of_receipt(start, at), last_at=at)


@workflow.defn(name="SenderWorkflow")
class SenderWorkflow(Pair):
    """Points others to its entries, and hears their answers."""

    kind = "sender"
    procedure = SENDER
    hears = frozenset({"pupil.heard"})

    @workflow.init
    def __init__(self, start: PairInput) -> None:
        """New, or resumed."""
        super().__init__(start)
        self.state = start.resumed or opened(start, start.received_at or workflow.now())
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: PairInput) -> MatterResult:
        """Its whole life."""
        return await self.live()


@workflow.defn(name="PupilWorkflow")
class PupilWorkflow(Pair):
    """Is begun because of an entry, and told of others."""

    kind = "pupil"
    procedure = PUPIL
    origins = frozenset({"sender.pointed"})
    hears = frozenset({"sender.pointed"})

    @workflow.init
    def __init__(self, start: PairInput) -> None:
        """New, or resumed."""
        super().__init__(start)
        self.state = start.resumed or opened(start, start.received_at or workflow.now())
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: PairInput) -> MatterResult:
        """Its whole life."""
        return await self.live()


@workflow.defn(name="LaterWorkflow")
class LaterWorkflow(Pair):
    """Like a pupil; a kind that a test may take away for a while."""

    kind = "later"
    procedure = LATER
    origins = frozenset({"sender.pointed"})
    hears = frozenset({"sender.pointed"})

    @workflow.init
    def __init__(self, start: PairInput) -> None:
        """New, or resumed."""
        super().__init__(start)
        self.state = start.resumed or opened(start, start.received_at or workflow.now())
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: PairInput) -> MatterResult:
        """Its whole life."""
        return await self.live()


ALL: list[type] = [SenderWorkflow, PupilWorkflow, LaterWorkflow]


@contextmanager
def known() -> Iterator[None]:
    """These kinds are known to clients and workers."""
    PROCEDURES.update(KINDS)
    workflows.ALL.extend(ALL)
    try:
        yield
    finally:
        for kind in KINDS:
            del PROCEDURES[kind]
        for each in ALL:
            workflows.ALL.remove(each)
