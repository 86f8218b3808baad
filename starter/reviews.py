"""Joint reviews from outside: how one is asked for, how the minutes are read, how a price is sealed."""

from __future__ import annotations

import asyncio

from ledger.db import Ledger
from readmodel.query import get_matter
from schemas.entries import Receipt
from schemas.errors import NotFoundError
from schemas.intake import IntakeReceipt
from schemas.review import ReviewInput, ReviewRequest, Seal
from starter.client import YangguangClient
from starter.sealed_values import seal_value


async def start_review(client: YangguangClient, request: ReviewRequest) -> IntakeReceipt:
    """Ask for a joint review. Raises NotFoundError for a case there is not, else like `start_matter`."""
    if request.case:
        await asyncio.to_thread(_known, client.ledger, request.case)
    return await client.start_matter(
        "review", request, ReviewInput, {}, case=request.case, matters=request.matters
    )


async def minutes_of(client: YangguangClient, number: str) -> tuple[str, str]:
    """(text, digest) of the minutes of the latest meeting. Raises NotFoundError before it is closed."""
    detail = (await client.status("review", number)).detail
    if not detail.get("minutes"):
        raise NotFoundError(f"{number} 还没有会议纪要 / {number} has no minutes yet", code="no_minutes")
    return str(detail["minutes_text"]), str(detail["minutes"])


async def seal_in(
    client: YangguangClient,
    number: str,
    name: str,
    value: str,
    *,
    act_id: str,
    officer: str,
    post: str,
    custodians: tuple[str, str],
) -> Receipt:
    """Encrypt a value here, then have the review keep it: only digest and ciphertext leave this process."""
    sealed = await asyncio.to_thread(seal_value, client.ledger, number, name, value)
    message = Seal(id=act_id, officer=officer, post=post, value=sealed, custodians=custodians)
    return await client.act("review", number, "seal", message)


def _known(ledger: Ledger, case: str) -> None:
    with ledger.engine.connect() as connection:
        found = get_matter(connection, case)
    if found is None or found.kind != "case":
        raise NotFoundError(f"没有办件 {case} / there is no case {case}")
