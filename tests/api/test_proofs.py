"""What the ledger proves over HTTP: checked here with the same algorithms that an outsider has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from httpx import AsyncClient

from ledger.merkle import verify_consistency, verify_inclusion
from ledger.notes import parse_checkpoint, parse_note, parse_tlog_proof
from starter.desk import Desk
from starter.home import write_private
from tests.api.desks import app_for, asking, desk_in, key
from tests.ledger.support import MONDAY
from tests.starter.receipting import NUMBER, Bureau, bureau
from tests.web.casework import Course

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATER = "LX-2026-000041"
CODE = "7KQ2M9XRTB"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def signed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Desk, Bureau]]:
    """A desk whose log is signed twice, and where something has come in since."""
    async with desk_in(tmp_path_factory.mktemp("proofs")) as desk:
        made = bureau(desk.ledger)
        write_private(desk.home.policy, made.alone.encode().decode())
        made.register()
        made.sign(witnessed=False)
        Course(desk.ledger, LATER, code=CODE).register().accept()
        made.sign(MONDAY + timedelta(minutes=2), witnessed=False)
        Course(desk.ledger, "LX-2026-000042", code=CODE).register()
        yield desk, made


@pytest_asyncio.fixture(loop_scope="module")
async def public(signed: tuple[Desk, Bureau]) -> AsyncIterator[AsyncClient]:
    """Somebody who asks."""
    async with asking(app_for(signed[0])) as client:
        yield client


async def test_the_head_is_the_newest_signed_checkpoint(
    public: AsyncClient, signed: tuple[Desk, Bureau]
) -> None:
    """As a note that the policy's keys signed."""
    told = (await public.get("/ledger/head")).json()
    checked = signed[1].alone.check(parse_note(told["note"].encode()))
    assert (checked.checkpoint.size, checked.checkpoint.root.hex()) == (told["size"], told["root"])
    assert told["size"] == 3
    assert told["as_of"] == 4


async def test_the_log_only_grew(public: AsyncClient) -> None:
    """Between any two sizes, the last being the whole log by default."""
    for old, new in ((0, 3), (1, 3), (2, 3), (1, None), (4, 4)):
        asked = {"from": old} | ({} if new is None else {"to": new})
        told = (await public.get("/ledger/consistency", params=asked)).json()
        assert told["to"] == (new or 4)
        proof = [bytes.fromhex(each) for each in told["proof"]]
        roots = bytes.fromhex(told["from_root"]), bytes.fromhex(told["to_root"])
        verify_consistency(old, told["to"], proof, *roots)


@pytest.mark.parametrize(("old", "new"), [(3, 2), (0, 99), (5, None)])
async def test_sizes_that_the_log_never_had_are_refused(
    public: AsyncClient, old: int, new: int | None
) -> None:
    """Also in the wrong order."""
    asked = {"from": old} | ({} if new is None else {"to": new})
    answer = await public.get("/ledger/consistency", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_size")


async def test_an_entry_is_in_the_log_under_the_newest_checkpoint(public: AsyncClient) -> None:
    """By default the matter's last one."""
    for seq in (1, 2, None):
        asked = {"code": CODE} | ({"seq": str(seq)} if seq else {})
        told = (await public.get(f"/cases/{LATER}/proof", params=asked)).json()
        assert told["seq"] == (seq or 2)
        proof = parse_tlog_proof(told["tlog_proof"].encode())
        proof.verify(bytes.fromhex(told["leaf_hash"]))
        root = parse_checkpoint(proof.note.text).root
        hashes = [bytes.fromhex(each) for each in told["hashes"]]
        verify_inclusion(bytes.fromhex(told["leaf_hash"]), told["index"], told["size"], hashes, root)


async def test_what_nothing_signed_covers_yet_has_a_place_but_no_signature(public: AsyncClient) -> None:
    """Sealed, not signed."""
    told = (await public.get("/cases/LX-2026-000042/proof", params={"code": CODE})).json()
    assert (told["index"], told["size"], told["tlog_proof"]) == (3, 4, "")
    missing = await public.get("/cases/LX-2026-000042/proof", params={"code": CODE, "seq": "9"})
    assert missing.status_code == 404


async def test_a_receipt_is_given_and_checked(public: AsyncClient, signed: tuple[Desk, Bureau]) -> None:
    """As document; a changed one does not hold, and the answer says by which code."""
    code = signed[1].codes[NUMBER]
    Course(signed[0].ledger, NUMBER, code=code).accept()
    answer = await public.get(f"/receipts/{NUMBER}", params={"code": code})
    assert answer.status_code == 200
    checked = await public.post("/verify", content=answer.content, headers=key())
    told = checked.json()
    assert (told["holds"], told["number"], told["standing"]) == (True, NUMBER, "signed")
    assert told["promise_derived_again"] is True
    assert any(NUMBER in sentence["en"] for sentence in told["proves"])
    forged = answer.json() | {"received": answer.json()["received"] | {"day": "2026-06-14"}}
    refused = await public.post("/verify", json=forged, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "receipt_received")
    for rubbish in (b"", b"{}", b"<html>", b"[" * 5000):
        refused = await public.post("/verify", content=rubbish, headers=key())
        assert (refused.status_code, refused.json()["code"]) == (422, "receipt_format")
