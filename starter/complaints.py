"""Complaints and supervision matters from outside: how they are handed in, how sealed fields are read.

Who complains is opened only after the act of reading is on record, and only the fields that its entry names.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from ledger.db import Ledger
from ledger.keys import find_key
from ledger.openings import decrypt_opening
from ledger.read import entries
from ledger.tables import ledger_disclosure, ledger_entry
from schemas.acts import Act
from schemas.complaint import ComplaintInput, ComplaintRequest
from schemas.errors import NotFoundError
from schemas.intake import IntakeReceipt
from schemas.supervision import SupervisionInput, SupervisionRequest
from starter.client import YangguangClient


async def start_complaint(client: YangguangClient, request: ComplaintRequest) -> IntakeReceipt:
    """Register a complaint, an anonymous one too: who complains and what about is sealed.

    Raises like `YangguangClient.start_matter`.
    """
    personal = {**request.applicant.model_dump(), "topic": request.topic}
    return await client.start_matter(
        "complaint",
        request,
        ComplaintInput,
        personal,
        type=request.type,
        accused=request.accused,
        sections=request.sections,
        about=request.about,
        elsewhere=request.elsewhere,
    )


async def start_supervision(client: YangguangClient, request: SupervisionRequest) -> IntakeReceipt:
    """Propose a supervision matter. Raises like `YangguangClient.start_matter`."""
    return await client.start_matter(
        "supervision",
        request,
        SupervisionInput,
        request.applicant.model_dump(),
        type=request.type,
        instruction=request.instruction,
        document=request.document,
        days=request.days,
    )


async def read_sealed(client: YangguangClient, number: str, name: str, message: Act) -> dict[str, str]:
    """Do the act `read_identity` or `read_content`; once it is on record, the fields that it opens.

    Raises NotPermittedError, with the refusal on record, and NotFoundError (`redacted`) where the
    key was destroyed by law.
    """
    receipt = await client.act("complaint", number, name, message)
    return await asyncio.to_thread(opened_at, client.ledger, number, receipt.caseseq)


def opened_at(ledger: Ledger, number: str, seq: int) -> dict[str, str]:
    """The fields that the act of reading at this place opens. Raises NotFoundError (`redacted`)."""
    with ledger.engine.connect() as connection:
        reading = entries(connection, number, after=seq - 1, limit=1)[0]
        key = find_key(connection, number)
        held = select(ledger_disclosure.c.digest, ledger_disclosure.c.ciphertext).join_from(
            ledger_disclosure, ledger_entry, ledger_entry.c.id == ledger_disclosure.c.entry_id
        )
        rows = connection.execute(held.where(ledger_entry.c.case_id == number)).all()
    if key is None:
        raise NotFoundError(f"{number} 已依法遮蔽 / {number} is redacted", code="redacted")
    opened = (decrypt_opening(key, row.digest, row.ciphertext) for row in rows)
    wanted = reading.data["fields"]
    return {each.name: each.value for each in opened if each.name in wanted}
