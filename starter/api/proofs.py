"""What the ledger proves, over HTTP: its head, its growth, the place of an entry, whether a receipt holds.

Head and growth hold no personal data and are for everybody; the place of an entry is told to whoever may see
the matter. Checking a receipt needs nothing of this house and is no more than a convenience: a server that
checks what it issued proves less than the applicant's own machine does.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import Connection, select

from ledger.entry import Entry
from ledger.merkle import consistency_proof
from ledger.notes import Policy, TlogProof, parse_checkpoint, parse_policy
from ledger.read import entries
from ledger.receipt import verify_receipt
from ledger.receipt_words import proves, proves_not
from ledger.sealing.stored import checkpoint_sizes, inclusion, log_index, newest_note, note_at, tree_of
from ledger.tables import ledger_log
from schemas.base import StrictModel
from schemas.errors import NotFoundError, UsageError
from starter.api import examples
from starter.api.paging import position
from starter.api.params import Code, Number
from starter.api.reaching import address_of, reach
from starter.api.router import Asking, DeskHere
from starter.desk import Desk
from starter.identity.guard import Area, allow
from starter.receipt_page import read_receipt
from starter.receipt_promise import check_promise

router = APIRouter(tags=["proof"], dependencies=[Depends(allow(Area.API_PUBLIC))])

MAX_SIZE = 2**53
Size = Annotated[int, Query(ge=0, le=MAX_SIZE)]


class Head(StrictModel):
    """The newest signed checkpoint."""

    origin: str
    size: int
    root: str
    note: str
    """C2SP checkpoint with its cosignatures."""
    as_of: int


class Consistency(StrictModel):
    """That the log of `to` entries begins with the log of `from` entries (RFC 9162 section 2.1.4)."""

    from_: int = Field(alias="from")
    to: int
    from_root: str
    to_root: str
    proof: tuple[str, ...]
    as_of: int


class EntryProof(StrictModel):
    """Where an entry stands in the log."""

    number: str
    seq: int
    id: str
    type: str
    recorded: str
    leaf_hash: str
    index: int | None
    """None while it is not sealed."""
    size: int | None
    """Of the tree the proof is for: of the newest checkpoint over the entry, where there is one."""
    hashes: tuple[str, ...]
    tlog_proof: str
    """C2SP tlog-proof with the checkpoint; empty while nothing is signed over the entry."""
    as_of: int


class Sentence(StrictModel):
    """Said in both languages."""

    zh: str
    en: str


class Verified(StrictModel):
    """What a receipt proves."""

    holds: bool
    number: str
    standing: str
    by_outside_keys: bool
    promise_derived_again: bool
    proves: tuple[Sentence, ...]
    proves_not: tuple[Sentence, ...]


@router.get(
    "/ledger/head", summary="最新检查点 / newest checkpoint", responses=examples.answered(examples.HEAD)
)
def head(desk: DeskHere) -> Head:
    """The newest signed checkpoint, to be kept elsewhere."""
    with desk.reading() as connection:
        note = newest_note(connection)
        if note is None:
            raise NotFoundError("尚无已签检查点 / nothing is signed yet", code="nothing_signed")
        found = parse_checkpoint(note.text)
        return Head(
            origin=found.origin,
            size=found.size,
            root=found.root.hex(),
            note=note.encode().decode(),
            as_of=position(connection),
        )


@router.get(
    "/ledger/consistency",
    summary="一致性证明 / proof that the log only grew",
    response_model=Consistency,
    responses=examples.answered(examples.CONSISTENCY),
)
def consistency(
    desk: DeskHere,
    from_: Annotated[int, Query(alias="from", ge=0, le=MAX_SIZE, examples=[1000])],
    to: Annotated[int | None, Query(ge=0, le=MAX_SIZE)] = None,
) -> Response:
    """The proof between two sizes; `to` is the whole log by default."""
    with desk.reading() as connection:
        whole = int(connection.scalar(select(ledger_log.c.size)) or 0)
        new = whole if to is None else to
        if not from_ <= new <= whole:
            raise UsageError(
                f"须 from ≤ to ≤ {whole} / from and to have to be sizes up to {whole}, in order",
                code="bad_size",
            )
        tree = tree_of(connection, new)
        hashes = consistency_proof(from_, new, tree.subtree)
        told = {
            "from": from_,
            "to": new,
            "from_root": tree_of(connection, from_).root().hex(),
            "to_root": tree.root().hex(),
            "proof": [each.hex() for each in hashes],
            "as_of": position(connection),
        }
    return JSONResponse(told)


@router.get(
    "/cases/{number}/proof", summary="存证 / proof of an entry", responses=examples.answered(examples.PROOF)
)
def proof(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    number: Number,
    seq: Annotated[
        int | None, Query(ge=1, le=MAX_SIZE, description="第几条，缺省最后 / which; the last")
    ] = None,
    code: Code = None,
) -> EntryProof:
    """Where an entry of a matter stands in the log, with the proof under the newest checkpoint over it."""
    reached = reach(desk, visitor, number, code, address_of(request))
    response.headers.update({"Cache-Control": "no-store", **reached.headers})
    with desk.reading() as connection:
        asked = seq or reached.row.last_seq
        found = entries(connection, number, after=asked - 1, limit=1)
        if not found or found[0].seq != asked:
            raise NotFoundError(f"{number} 没有第 {asked} 条记录 / {number} has no entry {asked}")
        return _proof(connection, found[0])


_RECEIPT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": examples.RECEIPT_FILE},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}


@router.post(
    "/verify",
    summary="核对回执 / check a receipt",
    responses=examples.answered(examples.VERIFIED),
    openapi_extra=_RECEIPT,
)
async def verify(request: Request, response: Response) -> Verified:
    """Check a receipt, JSON or page, by the keys it brings along; nothing of it is kept."""
    raw = await request.body()
    response.headers["Cache-Control"] = "no-store"
    return await asyncio.to_thread(_verified, raw)


def policy_of(desk: Desk) -> Policy | None:
    """By which keys this ledger is judged; None before there are any."""
    file = desk.home.policy
    return parse_policy(file.read_bytes()) if file.exists() else None


def _verified(raw: bytes) -> Verified:
    document = read_receipt(raw)
    proven = verify_receipt(document)
    return Verified(
        holds=proven.checked is not None,
        number=document.number,
        standing=proven.standing.value,
        by_outside_keys=proven.outside,
        promise_derived_again=check_promise(document, proven.event["data"]),
        proves=tuple(Sentence(zh=zh, en=en) for zh, en in proves(proven)),
        proves_not=tuple(Sentence(zh=zh, en=en) for zh, en in proves_not(proven)),
    )


def _proof(connection: Connection, entry: Entry) -> EntryProof:
    index = log_index(connection, entry.id)
    size, hashes, text = (None, (), "") if index is None else _place(connection, index)
    return EntryProof(
        number=entry.case_id,
        seq=entry.seq,
        id=entry.id,
        type=entry.type,
        recorded=entry.recorded,
        leaf_hash=entry.leaf_hash,
        index=index,
        size=size,
        hashes=hashes,
        tlog_proof=text,
        as_of=position(connection),
    )


def _place(connection: Connection, index: int) -> tuple[int | None, tuple[str, ...], str]:
    """Size, hashes and text of the proof: under the newest checkpoint over the entry, else under the log."""
    signed = max((size for size in checkpoint_sizes(connection) if size > index), default=None)
    size = signed or int(connection.scalar(select(ledger_log.c.size)) or 0)
    found = inclusion(connection, index, size).proof
    text = TlogProof(index, found, note_at(connection, signed)).encode().decode() if signed else ""
    return size, tuple(each.hex() for each in found), text
