"""`/api/v1/webhooks`: where events are delivered to, for the admin.

A subscription has the name its maker gives it, so that asking twice makes one; secrets are replaced, not
added. Neither is a POST: answers to a POST are kept for its repetition, and a secret is kept nowhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from schemas.base import StrictModel
from starter.api.bodies import Body as BodyModel
from starter.api.paging import Limit, position
from starter.api.router import Asking, DeskHere
from starter.delivery import queue, registry
from starter.delivery.admin import Admin, Wanted
from starter.delivery.queue import Fate
from starter.delivery.registry import Delivery, Shown, Standing
from starter.delivery.subscription import Subscription
from starter.delivery.vault import Vault, vault_in
from starter.desk import Desk
from starter.identity.guard import Area, allow

router = APIRouter(prefix="/webhooks", tags=["webhooks"], dependencies=[Depends(allow(Area.API_WEBHOOKS))])

_LARGEST = 2**53 - 1
Name = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9-]{2,59}$", description="订阅名 / name", examples=["city-desk"])
]
_Code = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[!-~]+$")]


class WebhookWanted(BodyModel):
    """A subscription to be."""

    url: str = Field(
        min_length=8, max_length=2000, pattern=r"^https?://[!-~]+$", examples=["https://city.example/hook"]
    )
    kinds: tuple[_Code, ...] = Field(default=(), max_length=20, examples=[["case", "inquiry"]])
    """Kinds of matters; the ordinary ones where none is named."""
    types: tuple[_Code, ...] = Field(default=(), max_length=50, examples=[["case.*", "lamp.changed"]])
    """Types of events, or patterns; all where none is named."""
    networks: tuple[_Code, ...] = Field(default=(), max_length=20, examples=[["10.20.0.0/16"]])
    """Networks of this house into which it may point."""
    since: int | None = Field(default=None, ge=0, le=_LARGEST)
    """Ledger number to begin with; from now on by default."""


class WebhookSecret(StrictModel):
    """What is shown this once."""

    id: str
    secret: str
    public_key: str
    as_of: int


class Webhook(StrictModel):
    """A subscription and how far it is."""

    id: str
    url: str
    kinds: tuple[str, ...]
    types: tuple[str, ...]
    networks: tuple[str, ...]
    state: str
    next: int
    """Ledger number up to which it was decided what is told."""
    behind: int
    waiting: int
    delivered: int
    dead: int
    public_keys: tuple[str, ...]


class WebhookList(StrictModel):
    """All subscriptions."""

    rows: tuple[Webhook, ...]
    as_of: int


class DeliveryList(StrictModel):
    """What became of the events of one subscription, the newest first."""

    rows: tuple[Delivery, ...]
    as_of: int


class Again(BodyModel):
    """What to send again: these ledger numbers, all dead letters, or at once what waits anyway."""

    numbers: tuple[Annotated[int, Field(ge=0, le=_LARGEST)], ...] = Field(default=(), max_length=500)
    dead: bool = False


class AgainDone(StrictModel):
    """How many go out again."""

    count: int
    as_of: int


@router.get("", summary="订阅一览 / subscriptions")
def list_webhooks(desk: DeskHere) -> WebhookList:
    """All subscriptions with what became of their events."""
    with desk.reading() as connection:
        rows = tuple(map(_row, registry.standings(connection)))
        return WebhookList(rows=rows, as_of=position(connection))


@router.put("/{name}", status_code=201, summary="订阅 / subscribe a system")
def add_webhook(desk: DeskHere, visitor: Asking, name: Name, wanted: WebhookWanted) -> WebhookSecret:
    """Subscribe; the secret is shown this once."""
    asked = Wanted(
        url=wanted.url,
        identity=name,
        kinds=wanted.kinds,
        types=wanted.types,
        allowed=wanted.networks,
        since=wanted.since,
    )
    return _shown(desk, Admin(desk.ledger, visitor.id, desk.now()).add(_vault(desk), asked))


@router.put("/{name}/secrets", summary="更换密钥 / replace the secrets")
def rotate(
    desk: DeskHere, visitor: Asking, name: Name, overlap_hours: Annotated[int, Query(ge=0, le=720)] = 24
) -> WebhookSecret:
    """New secrets; the old ones sign beside them for a while."""
    admin = Admin(desk.ledger, visitor.id, desk.now())
    return _shown(desk, admin.rotate(_vault(desk), name, timedelta(hours=overlap_hours)))


@router.get("/{name}/deliveries", summary="投递情况 / deliveries")
def deliveries(
    desk: DeskHere,
    name: Name,
    limit: Limit = 50,
    state: Fate | None = None,
    before: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
) -> DeliveryList:
    """The newest first; `before` a ledger number goes on."""
    with desk.reading() as connection:
        rows = registry.deliveries(connection, name, state=state or "", before=before, limit=limit)
        return DeliveryList(rows=tuple(rows), as_of=position(connection))


@router.post("/{name}/redeliver", summary="重新投递 / send again")
def redeliver(desk: DeskHere, name: Name, again: Again) -> AgainDone:
    """Send again under the same ids."""
    with desk.writing() as connection:
        count = queue.redeliver(connection, name, desk.now(), chosen=again.numbers, dead=again.dead)
        return AgainDone(count=count, as_of=position(connection))


@router.delete("/{name}", status_code=204, summary="取消订阅 / end a subscription")
def remove(desk: DeskHere, visitor: Asking, name: Name) -> Response:
    """End it; what waited for it goes with it."""
    Admin(desk.ledger, visitor.id, desk.now()).remove(name)
    return Response(status_code=204)


def _vault(desk: Desk) -> Vault:
    return vault_in(desk.home.keys)


def _shown(desk: Desk, shown: Shown) -> WebhookSecret:
    with desk.reading() as connection:
        as_of = position(connection)
    return WebhookSecret(
        id=shown.subscription.id, secret=shown.secret, public_key=shown.public_key, as_of=as_of
    )


def _row(each: Standing) -> Webhook:
    found: Subscription = each.subscription
    counts: dict[str, Any] = {fate.value: each.counts.get(fate, 0) for fate in Fate}
    return Webhook(
        id=found.id,
        url=found.url,
        kinds=found.kinds,
        types=found.types,
        networks=found.allowed,
        state=found.state.value,
        next=found.reached,
        behind=each.behind,
        public_keys=each.public_keys,
        **counts,
    )
