"""Personal data: in no history, no leaf, no row; readable with the key of the case (design 8)."""

from __future__ import annotations

import base64
import json

from sqlalchemy import inspect, text

from ledger.keys import find_key
from schemas.entries import SealedField
from starter.sealing import open_sealed
from tests.workflows.beside import beside
from tests.workflows.house import File, House

CITIZEN = {
    "name": "欧阳秘而不宣",
    "id_number": "370285197001019999",
    "phone": "13799990001",
    "address": "某镇某村八十八号",
}
TOPIC = "邻居占我宅基地怎么办"


def guises(secret: str) -> list[bytes]:
    """A text as it might lie about: UTF-8, JSON escapes, base64."""
    plain = secret.encode()
    return [
        plain,
        json.dumps(secret)[1:-1].encode(),
        base64.b64encode(plain),
        base64.urlsafe_b64encode(plain),
    ]


async def histories(matter: File) -> bytes:
    """Every byte of the matter's history as the engine stores it."""
    events = (await matter.handle.fetch_history()).events
    return b"".join(event.SerializeToString() for event in events)


def rows(house: House) -> bytes:
    """Every row of every table."""
    found = []
    with house.ledger.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            found += [
                repr(tuple(row)).encode() for row in connection.execute(text(f'SELECT * FROM "{table}"'))
            ]
    return b"\n".join(found)


@beside
async def test_nothing_personal_anywhere_and_all_of_it_with_the_key(house: House) -> None:
    """Digests in the leaf, ciphertext beside it; the officer's words are official and stand in clear."""
    case = await house.case("LX-CX-01", applicant=CITIZEN)
    await case.act("accept", "window-clerk")
    await case.act("decide", "window-clerk", opinion="同意提供", outcome="granted")
    inquiry = await house.inquiry(applicant={"name": CITIZEN["name"]}, topic=TOPIC)
    stored = rows(house) + b"".join(entry.leaf for file in (case, inquiry) for entry in file.entries())
    stored += await histories(case) + await histories(inquiry)
    for secret in (*CITIZEN.values(), TOPIC):
        assert not [guise for guise in guises(secret) if guise in stored], secret
    assert "同意提供".encode() in stored
    opened = {**_opened(case), **_opened(inquiry)}
    assert opened == {**CITIZEN, "topic": TOPIC}


def _opened(matter: File) -> dict[str, str]:
    """Fields of the registration, opened with the key of the matter."""
    registered = matter.entries(f"{matter.kind}.registered")[0]
    query = text("SELECT digest, ciphertext, key_id FROM ledger_disclosure WHERE entry_id = :id")
    with matter.house.ledger.engine.connect() as connection:
        key = find_key(connection, matter.number)
        sealed = [
            SealedField(name="sealed", digest=row.digest, ciphertext=row.ciphertext, key_id=row.key_id)
            for row in connection.execute(query, {"id": registered.id})
        ]
    assert key is not None
    assert sorted(field.digest for field in sealed) == registered.data["_sd"]
    return dict(open_sealed(key, field) for field in sealed)
