"""How a matter of the story is told: by acts of named people, at the matter's own simulated time.

A teller knows the bureau's posts, so that the story can say who acts by post alone, and keeps
what the story needs to be checked afterwards.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ledger.db import snapshot
from ledger.entry import Entry
from ledger.read import entries
from rules.procedures import PROCEDURES
from schemas.acts import Piece
from schemas.errors import NotPermittedError, PendingError
from schemas.intake import Applicant, CaseRequest, InquiryRequest
from schemas.matters import Channel, Status
from starter.rulebook import item_of
from starter.simulation import SimulatedClient
from starter.stock import Ran, StockTool
from starter.story_setting import PROFILE, Setting

PATIENCE_SECONDS = 30.0
_LOOK = 0.05


@dataclass(frozen=True)
class ToldMatter:
    """A matter as it stands when its chapter has been told."""

    kind: str
    number: str
    status: Status
    entries: list[Entry]
    commands: tuple[Ran, ...] = ()
    """Stock commands run on the way."""
    kin: tuple[ToldMatter, ...] = ()
    """Matters that came of it, and that the story goes on to tell."""

    def come_of(self, kind: str) -> ToldMatter:
        """The last matter of a kind that came of this one."""
        return [each for each in self.kin if each.kind == kind][-1]

    def all(self, entry_type: str, **data: object) -> list[Entry]:
        """Entries of a type whose data say this."""
        return [
            entry
            for entry in self.entries
            if entry.type == entry_type and all(entry.data.get(k) == v for k, v in data.items())
        ]

    def first(self, entry_type: str, **data: object) -> Entry | None:
        """The first such entry, if there is one."""
        return next(iter(self.all(entry_type, **data)), None)


@dataclass
class Teller:
    """Tells one matter. Posts act through their A officer, unless `who` names the B officer."""

    client: SimulatedClient
    setting: Setting
    tool: StockTool
    key: str
    """Business key of the matter; also the beginning of its acts' ids."""
    kind: str = "case"
    number: str = ""
    commands: list[Ran] = field(default_factory=list)
    kin: list[Teller] = field(default_factory=list)
    _acts: int = 0

    async def is_asked(self, topic: str, name: str, *, post: str) -> None:
        """Somebody asks at a post: the inquiry is registered on day 0, at opening time."""
        self.kind = "inquiry"
        request = InquiryRequest(**self._intake(post, name), channel=Channel.VISIT, topic=topic)
        self.number = (await self.client.start_inquiry(request)).number

    async def receives(
        self,
        item: str,
        name: str,
        *,
        post: str,
        channel: Channel = Channel.WINDOW,
        brought: list[str] | None = None,
    ) -> None:
        """An application is received on day 0, at opening time; with all papers unless said otherwise."""
        required = [material.code for material in item_of(self.setting.profile, item).materials]
        papers = tuple(Piece(code=code) for code in (required if brought is None else brought))
        request = CaseRequest(**self._intake(post, name), item=item, channel=channel, materials=papers)
        self.number = (await self.client.start_case(request)).number

    async def follow(self, kind: str, number: str) -> Teller:
        """Go on with a matter that this one has begun, as soon as it is there."""
        other = Teller(
            self.client, self.setting, self.tool, f"{self.key}-{kind}{len(self.kin)}", kind, number
        )
        self.kin.append(other)
        await other.wait(bool)
        return other

    async def wait(self, there: Callable[[list[Entry]], bool]) -> None:
        """Wait until something is on record that the engine does by itself. Raises PendingError."""
        for _ in range(int(PATIENCE_SECONDS / _LOOK)):
            if there(await self.read()):
                return
            await asyncio.sleep(_LOOK)
        raise PendingError(f"{self.number} 没有等到 / waited in vain for {self.number}")

    async def at(self, day: int, clock: str) -> None:
        """Time passes until `clock` (`HH:MM`) of the `day`-th working day."""
        await self.client.advance(self.kind, self.number, self.setting.at(day, clock))

    async def act(self, name: str, post: str, **fields: Any) -> None:
        """The post's A officer does an act."""
        message = PROCEDURES[self.kind].table[name].payload.model_validate(self._message(name, post, fields))
        await self.client.act(self.kind, self.number, name, message)

    async def act_refused(self, name: str, post: str, **fields: Any) -> None:
        """The act is tried; that it was refused is read from the ledger, not from here."""
        with suppress(NotPermittedError):
            await self.act(name, post, **fields)

    async def updates(self, name: str, post: str, **fields: Any) -> None:
        """The act is sent with `temporal workflow update execute`."""
        message = self._message(name, post, fields)
        said = json.dumps(message, ensure_ascii=False)
        self.commands.append(await self.tool.update(self._workflow, name, message["id"], said))

    async def signals(self, name: str, post: str, **fields: Any) -> None:
        """The act is sent with `temporal workflow signal`."""
        message = self._message(name, post, fields)
        message["decision_id"] = message.pop("id")
        await self.signals_text(json.dumps({"act": name, **message}, ensure_ascii=False))

    async def signals_text(self, content: str) -> None:
        """Any JSON is sent as a signal; returns once the matter has recorded what came of it."""
        before = len(await self.read())
        self.commands.append(await self.tool.signal(self._workflow, "signal_decision", content))
        await self.wait(lambda entries: len(entries) > before)

    async def told(self) -> ToldMatter:
        """The matter as it stands now."""
        kin = tuple([await other.told() for other in self.kin])
        status, entries = await self.status(), await self.read()
        return ToldMatter(self.kind, self.number, status, entries, tuple(self.commands), kin)

    async def status(self) -> Status:
        """What the matter says of itself."""
        return await self.client.status(self.kind, self.number)

    async def read(self) -> list[Entry]:
        """The matter's entries so far, from the ledger."""

        def from_ledger() -> list[Entry]:
            with snapshot(self.client.ledger.engine) as connection:
                return entries(connection, self.number)

        return await asyncio.to_thread(from_ledger)

    @property
    def _workflow(self) -> str:
        return f"{self.kind}/{self.number}"

    def _intake(self, post: str, name: str) -> dict[str, Any]:
        return {
            "business_key": self.key,
            "profile": PROFILE,
            "officer": self.setting.post(post).a,
            "post": post,
            "applicant": Applicant(name=name),
            "received_at": self.setting.start,
        }

    def _message(self, name: str, post: str, fields: dict[str, Any]) -> dict[str, Any]:
        self._acts += 1
        act_id, who = f"{self.key}-{self._acts}-{name}", fields.pop("who", "") or self.setting.post(post).a
        return {"id": act_id, "officer": who, "post": post, **fields}
