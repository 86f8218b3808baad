"""How a matter of the story is told: by acts of named people, at the matter's own simulated time.

A teller knows the bureau's posts, so that the story can say who acts by post alone, and keeps
what the story needs to be checked afterwards.
"""

from __future__ import annotations

import asyncio
import json
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

_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class ToldMatter:
    """A matter as it stands when its chapter has been told."""

    kind: str
    number: str
    status: Status
    entries: list[Entry]
    commands: tuple[Ran, ...] = ()
    """Stock commands run on the way."""

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
    """Tells one matter. Posts act through their A officer."""

    client: SimulatedClient
    setting: Setting
    tool: StockTool
    key: str
    """Business key of the matter; also the beginning of its acts' ids."""
    kind: str = "case"
    number: str = ""
    commands: list[Ran] = field(default_factory=list)
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
        for _ in range(int(_PATIENCE_SECONDS / 0.05)):
            if len(await self.read()) > before:
                return
            await asyncio.sleep(0.05)
        raise PendingError(f"信号未被记录 / the signal to {self.number} was not recorded")

    async def told(self) -> ToldMatter:
        """The matter as it stands now."""
        status = await self.client.status(self.kind, self.number)
        return ToldMatter(self.kind, self.number, status, await self.read(), tuple(self.commands))

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
        act_id = f"{self.key}-{self._acts}-{name}"
        return {"id": act_id, "officer": self.setting.post(post).a, "post": post, **fields}
