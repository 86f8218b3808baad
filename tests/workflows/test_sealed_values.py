"""Sealed values (密封): the reserve price opens after the sale, by two named people, and on record."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ledger.bundle.write import write_bundle
from ledger.db import open_database, snapshot
from ledger.keys import case_key
from ledger.notes import parse_policy
from ledger.openings import BadOpeningError
from ledger.redact import Order, redact
from ledger.sealing import keeper
from ledger.sealing.duties import Keeping
from schemas.entries import Receipt
from schemas.errors import ConflictError, NotPermittedError
from starter.sealed_values import Opened, Reading, open_released, read_values, seal_value, sealed_under
from tests.conftest import SIMULATION
from tests.workflows.beside import beside
from tests.workflows.house import File, House, at
from tests.workflows.review_desk import (
    CHAIR,
    CONVENER_POST,
    PANEL,
    PRICE,
    concluded,
    seal_price,
    sitting,
    vote,
)

CUSTODIANS = {"1005": "discipline", "1901": "supervisor"}


async def read(file: File, who: str) -> Reading:
    """One of the two asks for the price."""
    message = file.message("unseal", CUSTODIANS[who], who, what="reserve_price")
    return await read_values(file.desk, "review", file.number, "unseal", message)


async def signed_price(house: House) -> File:
    """A resolution on a reserve price, with its minutes signed; the sale goes on."""
    file = await sitting(house, matters=("reserve_price",))
    await seal_price(file)
    await concluded(file)
    return file


@beside
async def test_who_seals_what_and_who_may_open_it(house: House) -> None:
    """What the type of matter says, once, by chair or convener, with two people named; else no resolution."""
    file = await sitting(house, matters=("reserve_price",))
    value = seal_value(house.ledger, file.number, "reserve_price", PRICE).model_dump()
    other = seal_value(house.ledger, file.number, "informant", "某人").model_dump()
    two = ["1005", "1901"]
    seal: dict[str, Any] = {"value": value, "custodians": two}
    await file.refused("not_party", "seal", "deputy-land", who="1002", **seal)
    await file.refused("unknown_value", "seal", "head", who=CHAIR, **{**seal, "value": other})
    await file.refused(
        "two_custodians", "seal", "head", who=CHAIR, **{**seal, "custodians": ["1005", "1005"]}
    )
    await file.refused(
        "unknown_officer", "seal", "head", who=CHAIR, **{**seal, "custodians": ["1005", "9999"]}
    )
    await vote(file, dict.fromkeys(PANEL, "agree"))
    await file.refused("seal_missing", "close_session", "head", who=CHAIR)
    await file.act("seal", "head", who=CHAIR, **seal)
    await file.refused("sealed_already", "seal", CONVENER_POST, **seal)
    await file.act("close_session", "head", who=CHAIR)
    assert value["digest"] in str((await file.status()).detail["minutes_text"])
    penal = await sitting(house)
    await penal.refused("unknown_value", "seal", "head", who=CHAIR, **seal)


@beside
async def test_it_opens_after_the_sale_by_two_people_and_every_attempt_is_an_entry(house: House) -> None:
    """Before the sale has ended nobody; then the first asks, and the second opens."""
    file = await signed_price(house)
    for who, post in CUSTODIANS.items():
        await file.refused("sale_not_ended", "unseal", post, who=who, what="reserve_price")
    await file.refused("not_party", "unseal", "head", who=CHAIR, what="reserve_price")
    await file.refused("not_sealed", "unseal", "discipline", who="1005", what="informant")
    await file.refused("sale_not_ended", "execute", CONVENER_POST, document="成交确认书")
    await file.refused("wrong_role", "end_sale", "head", document="成交确认书")
    await file.act("end_sale", "land-use-handler", document="成交确认书〔2037〕1号")
    await file.refused("sale_over", "end_sale", "land-use-handler", document="再次")
    first = await read(file, "1005")
    assert first.opened == ()
    await file.refused("second_person", "unseal", "discipline", who="1005", what="reserve_price")
    (opened,) = (await read(file, "1901")).opened
    assert (opened.name, opened.value) == ("reserve_price", PRICE)
    assert (await read(file, "1005")).opened == (opened,)  # once open it may be read, on record
    attempts = [e.type for e in file.entries() if e.data.get("act") == "unseal"]
    assert attempts == [
        *["act.refused"] * 4,
        "review.unseal_begun",
        "act.refused",
        "review.unsealed",
        "review.unsealed",
    ]
    await file.act("execute", CONVENER_POST, document="成交确认书〔2037〕1号")
    assert (await file.handle.result())["state"] == "executed"


@beside
async def test_nothing_but_the_releasing_entry_opens_it(house: House) -> None:
    """Not the entry that sealed it, not one of another review, not a made-up receipt."""
    file, other = await signed_price(house), await signed_price(house)
    sealed = file.entries("review.sealed")[0]
    receipt = Receipt(id=sealed.id, caseseq=sealed.seq, leaf_hash=sealed.leaf_hash)
    assert open_released(house.ledger, file.number, receipt) == ()
    for wrong in (
        receipt.model_copy(update={"id": "0" * 64}),
        receipt.model_copy(update={"leaf_hash": "0" * 64}),
    ):
        with pytest.raises(NotPermittedError) as refused:
            open_released(house.ledger, file.number, wrong)
        assert refused.value.code == "not_released"
    await other.act("end_sale", "land-use-handler", document="1")
    await read(other, "1005")
    released = (await read(other, "1901")).receipt
    with pytest.raises(NotPermittedError):
        open_released(house.ledger, file.number, released)


@beside
async def test_a_sealed_value_has_a_key_of_its_own(house: House) -> None:
    """The same value again is the same; another name, another matter, another value is another."""
    with house.ledger.engine.begin() as connection:
        one, two = case_key(connection, "HS-key-1"), case_key(connection, "HS-key-2")
    value = sealed_under(one, "reserve_price", PRICE)
    assert value == sealed_under(one, "reserve_price", PRICE)
    assert value.key_id != one.key_id
    others = (
        sealed_under(one, "informant", PRICE),
        sealed_under(two, "reserve_price", PRICE),
        sealed_under(one, "reserve_price", f"{PRICE}0"),
    )
    assert len({each.digest for each in (value, *others)}) == 4
    assert PRICE not in value.model_dump_json()
    assert seal_value(house.ledger, "HS-key-1", "reserve_price", PRICE) == value


@beside
async def test_it_is_nowhere_in_clear(house: House) -> None:
    """Neither in the histories nor in log lines, the database, nor a bundle with all that may be opened."""
    with _logged() as told:
        file = await signed_price(house)
        await file.act("end_sale", "land-use-handler", document="1")
        await read(file, "1005")
        (opened,) = (await read(file, "1901")).opened
        await file.act("execute", CONVENER_POST, document="1")
        await file.handle.result()
    history = await file.handle.fetch_history()
    places = {
        "history": b"".join(event.SerializeToString() for event in history.events),
        "json": history.to_json().encode(),
        "leaves": b"".join(entry.leaf for entry in file.entries()),
        "log": "\n".join(told).encode(),
        **await asyncio.to_thread(_taken_home, house, file.number),
    }
    for where, content in places.items():
        for secret in _forms(opened):
            assert secret not in content, where
    for where in ("history", "leaves", "database", "bundle"):
        assert opened.digest.encode() in places[where], where  # so that a search there finds what is there


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Every line that any logger of this process writes meanwhile."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _forms(opened: Opened) -> tuple[bytes, ...]:
    """The price as text and in base64, at each of the three places it can have there, and its opening."""
    digits = opened.value.encode()[:14]
    inside = (urlsafe_b64encode(b"x" * before + digits)[4:-4] for before in (0, 1, 2))
    return (opened.value.encode(), digits, opened.opening.encode(), *inside)


def _taken_home(house: House, number: str) -> dict[str, bytes]:
    """The database file, and a signed bundle of the review with every opening that may be handed out."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        source = str(house.ledger.engine.url.database)
        with sqlite3.connect(source) as live, sqlite3.connect(folder / "ledger.db") as copy:
            live.backup(copy)
        live.close()
        copy.close()
        ledger = open_database(f"sqlite:///{folder / 'ledger.db'}", SIMULATION)
        try:
            keeping = Keeping(ledger, folder / "keys")
            keeper.keep(keeping, outside=False)
            policy = parse_policy(keeping.policy.read_bytes())
            with snapshot(ledger.engine) as connection:
                write_bundle(connection, folder / "bundle", policy, case=number, openings=True)
        finally:
            ledger.close()
        files = sorted(path for path in (folder / "bundle").rglob("*") if path.is_file())
        return {
            "database": (folder / "ledger.db").read_bytes(),
            "bundle": b"\n".join(path.read_bytes() for path in files),
        }


@beside
async def test_a_value_sealed_under_a_foreign_key_opens_nothing(house: House) -> None:
    """Whoever sends another ciphertext than his own matter's has sealed nothing that anybody can read."""
    file = await sitting(house, matters=("reserve_price",))
    with house.ledger.engine.begin() as connection:
        foreign = sealed_under(case_key(connection, "HS-foreign"), "reserve_price", PRICE)
    await file.act("seal", CONVENER_POST, value=foreign.model_dump(), custodians=list(CUSTODIANS))
    await concluded(file)
    await file.act("end_sale", "land-use-handler", document="1")
    await read(file, "1005")
    with pytest.raises(BadOpeningError):
        await read(file, "1901")


@beside
async def test_a_redacted_matter_seals_and_opens_nothing_more(house: House) -> None:
    """Its key went with the redaction, and the keys of its values follow from it."""
    inquiry = await house.inquiry()
    sealed = seal_value(house.ledger, inquiry.number, "informant", "某举报人")
    assert "某举报人" not in sealed.model_dump_json()
    order = Order(inquiry.number, "个人信息保护法第四十七条", "1001", "1005")
    await asyncio.to_thread(redact, house.ledger, order, at("06-15 10:00"))
    with pytest.raises(ConflictError) as refused:
        seal_value(house.ledger, inquiry.number, "informant", "某举报人")
    assert refused.value.code == "redacted"
