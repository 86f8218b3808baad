"""Receipts: what was handed over holds, and nothing of it can be changed without being named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import segno
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ledger.db import Ledger, Origin, OriginKind, open_database
from ledger.notes import KeyKind, LogKey, NoteError, Policy, PolicyWitness, generate_key
from ledger.receipt import MAX_BYTES, ReceiptError, document_digest, parse_receipt, verify_receipt
from ledger.receipt_words import OWN_KEYS, REDACTED, proves, proves_not
from ledger.redact import Order, redact
from schemas.errors import NotPermittedError, VerificationError, YangguangError
from schemas.receipts import ReceiptDocument, Standing
from starter.receipt_page import read_receipt, write_document, write_page
from starter.receipt_promise import check_promise
from tests.ledger.fixtures import ledger, new_url, postgresql, url
from tests.ledger.support import MONDAY
from tests.ledger.tampering import without_guards
from tests.starter.receipting import CITIZEN, NUMBER, Bureau, bureau

__all__ = ["ledger", "new_url", "postgresql", "url"]

Path = tuple[str | int, ...]


@pytest.fixture
def open_bureau(ledger: Ledger) -> Bureau:
    """A case between six others, nothing signed."""
    opened = bureau(ledger)
    for number in ("ZX-2026-000001", "LX-2026-000007", NUMBER, *(f"LX-2026-00010{n}" for n in range(4))):
        opened.register(number)
    return opened


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bureau, ReceiptDocument]]:
    """One witnessed receipt for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("receipts")
    opened = open_database(f"sqlite:///{folder / 'l.db'}", Origin("land.example/ledger", OriginKind.SAMPLE))
    giving = bureau(opened)
    for number in ("LX-2026-000007", NUMBER, "LX-2026-000008"):
        giving.register(number)
    giving.sign()
    yield giving, giving.receipt(giving.policy)
    opened.close()


def look(document: ReceiptDocument | bytes, policy: Policy | None = None) -> None:
    """Check a document, or a file, as the command does."""
    read = read_receipt(document) if isinstance(document, bytes) else document
    check_promise(read, verify_receipt(read, policy).event["data"])


def reason(document: ReceiptDocument | bytes, policy: Policy | None = None) -> str:
    """Code with which a document, or a file, is refused."""
    with pytest.raises(ReceiptError) as error:
        look(document, policy)
    assert " / " in error.value.message
    assert error.value.exit_code == 3
    return error.value.code


def test_a_receipt_proves_the_registration(open_bureau: Bureau) -> None:
    """The same on SQLite and PostgreSQL, from the file alone."""
    size = open_bureau.sign()
    document = open_bureau.receipt(open_bureau.policy)
    read = read_receipt(write_document(document).encode())
    proven = verify_receipt(read, open_bureau.policy)
    assert (proven.standing, proven.outside, proven.sealed) == (Standing.WITNESSED, True, 3)
    assert {each.name: each.value for each in proven.openings} == CITIZEN
    assert read.proof is not None
    assert (read.proof.index, read.proof.size) == (2, size) == (2, 7)
    assert check_promise(read, proven.event["data"])
    assert read.promise is not None
    assert (read.promise.day, len(read.promise.days)) == ("2026-06-23", 9)
    told = " ".join(zh + en for zh, en in proves(proven))
    assert "is entry 3 of the log land.example/ledger, which then had 7 entries" in told
    assert f"Witness {open_bureau.witness.verifier} cosigned it at 2026-06-15 01:31:00 UTC." in told
    assert OWN_KEYS not in proves_not(proven)
    assert OWN_KEYS in proves_not(verify_receipt(read))


def test_an_inquiry_has_its_reply_limit(open_bureau: Bureau) -> None:
    document = open_bureau.receipt(open_bureau.policy, "ZX-2026-000001")
    assert (document.kind, document.standing) == ("inquiry", "recorded" if _waits(open_bureau) else "sealed")
    assert document.promise is not None
    assert document.promise.day > "2026-06-15"


def _waits(opened: Bureau) -> bool:
    with opened.ledger.engine.connect() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM ledger_inbox")).scalar())


def test_before_anything_is_signed_it_says_so(open_bureau: Bureau) -> None:
    document = open_bureau.receipt(open_bureau.policy)
    assert (document.proof, document.keys, document.policy) == (None, (), "")
    proven = verify_receipt(document, open_bureau.policy)
    assert proven.standing in (Standing.RECORDED, Standing.SEALED)
    assert [en for _, en in proves(proven)] == [
        "This receipt bears no signature yet and proves nothing so far;"
        " get a newer one with number and lookup code."
    ]
    assert "proves nothing so far" in write_page(document)
    open_bureau.sign()
    assert open_bureau.receipt(open_bureau.policy).standing == "witnessed"
    assert open_bureau.receipt(None).standing == "sealed"


def test_a_checkpoint_with_witnesses_is_preferred_to_a_newer_one(open_bureau: Bureau) -> None:
    first = open_bureau.sign()
    open_bureau.register("LX-2026-000200")
    second = open_bureau.sign(MONDAY + timedelta(minutes=2), witnessed=False)
    sizes = []
    for policy in (open_bureau.policy, open_bureau.alone):
        document = open_bureau.receipt(policy)
        assert document.proof is not None
        sizes.append((document.proof.size, document.standing))
    assert sizes == [(first, "witnessed"), (second, "signed")]
    late = open_bureau.receipt(open_bureau.policy, "LX-2026-000200")
    assert late.standing == "signed"
    assert reason(late, open_bureau.policy) == "receipt_quorum"
    assert any("No witness from outside" in en for _, en in proves(verify_receipt(late)))


@pytest.mark.parametrize(("number", "code"), [(NUMBER, "AAAAAAAAAA"), ("LX-2026-999999", ""), (NUMBER, "")])
def test_who_has_not_the_code_learns_nothing(open_bureau: Bureau, number: str, code: str) -> None:
    open_bureau.codes[number] = code
    with pytest.raises(NotPermittedError) as error:
        open_bureau.receipt(open_bureau.policy, number)
    assert error.value.message == "件号与查询码不符 / no matter has this number and this lookup code"
    assert error.value.code == "wrong_code"


def test_a_code_read_out_in_small_letters_is_the_same(open_bureau: Bureau) -> None:
    code = open_bureau.codes[NUMBER]
    open_bureau.codes[NUMBER] = f" {code.lower()} "
    assert open_bureau.receipt(None).lookup_code == code


def test_a_redacted_case_keeps_its_proof_and_says_so(open_bureau: Bureau) -> None:
    before = open_bureau.receipt(None)
    redact(open_bureau.ledger, Order(NUMBER, "依法", "1003", "1001"), MONDAY)
    open_bureau.sign()
    document = open_bureau.receipt(open_bureau.policy)
    assert (document.openings, document.entry) == ((), before.entry)
    assert document.redaction is not None
    proven = verify_receipt(document, open_bureau.policy)
    assert (proven.sealed, proven.openings) == (3, ())
    assert REDACTED in proves_not(proven)
    assert "已依法遮蔽" in write_page(document)


def test_missing_openings_without_redaction_are_a_failure(open_bureau: Bureau) -> None:
    with open_bureau.ledger.engine.begin() as connection:
        without_guards(connection)
        connection.execute(text("UPDATE ledger_disclosure SET digest = 'gone-' || digest"))
    with pytest.raises(VerificationError) as error:
        open_bureau.receipt(None)
    assert error.value.code == "opening_missing"


def test_a_checkpoint_of_a_strange_key_is_not_handed_over(open_bureau: Bureau) -> None:
    open_bureau.sign()
    strange = Policy().with_log(LogKey(generate_key("land.example/ledger", KeyKind.ED25519).verifier))
    with pytest.raises(NoteError):
        open_bureau.receipt(strange)


def test_nothing_personal_is_a_receipt_too(open_bureau: Bureau) -> None:
    open_bureau.register("LX-2026-000300", {})
    open_bureau.sign()
    document = open_bureau.receipt(open_bureau.policy, "LX-2026-000300")
    assert document.openings == ()
    assert verify_receipt(document).sealed == 0


def test_the_page_says_what_the_document_says(issued: tuple[Bureau, ReceiptDocument]) -> None:
    giving, document = issued
    page = write_page(document)
    assert read_receipt(page.encode()) == read_receipt(write_document(document).encode()) == document
    for part in (*CITIZEN.values(), NUMBER, giving.codes[NUMBER], "2026-06-23", "● 已由见证方共同签名"):
        assert part in page
    assert not [each for each in ("http://", "https://", "src=", "href=", "@import", "url(") if each in page]


def test_what_an_applicant_typed_stays_text(ledger: Ledger) -> None:
    opened = bureau(ledger)
    nasty = {"name": "</script><script>alert(1)</script>", "address": "\"'&<b>\u2028\r\n{{ 7*7 }}"}
    opened.register(NUMBER, nasty)
    opened.sign()
    document = opened.receipt(opened.policy)
    page = write_page(document)
    assert page.count("<script") == page.count("</script>") == 1
    for part in ("&lt;script&gt;alert(1)", "&#39;&amp;&lt;b&gt;", "{{ 7*7 }}"):
        assert part in page
    assert read_receipt(page.encode()) == document


def test_the_qr_code_does_not_tell_the_lookup_code(
    issued: tuple[Bureau, ReceiptDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, document = issued
    told: list[str] = []
    make = segno.make

    def noted(content: str, **how: Any) -> Any:
        told.append(content)
        return make(content, **how)

    monkeypatch.setattr(segno, "make", noted)
    write_page(document)
    assert told == [f"{NUMBER}\n{document.entry.leaf_hash}\nyangguang receipt verify FILE"]


# -- whatever is changed is named ----------------------------------------------------------

REASONS: dict[str, set[str]] = {
    "format": {"receipt_format"},
    "number": {"receipt_number"},
    "kind": {"receipt_number"},
    "lookup_code": {"receipt_lookup_code"},
    "received": {"receipt_received"},
    "promise": {"receipt_document"},
    "standing": {"receipt_standing"},
    "entry": {"receipt_leaf", "receipt_entry"},
    "proof": {"receipt_proof", "receipt_signature"},
    "keys": {"receipt_policy"},
    "policy": {"receipt_policy", "receipt_signature", "receipt_standing", "receipt_document"},
    "openings": {"receipt_opening"},
    "redaction": {"receipt_opening"},
    "sha256": {"receipt_document"},
}
"""Why a changed field is refused, by the part of the document it stands in."""


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where a document has a value that is no container, or an empty one."""
    if isinstance(value, dict | list) and value:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*at, key))
    else:
        yield at


def changed(document: ReceiptDocument, at: Path, value: Any) -> bytes:
    """The document's file with another value at one place."""
    content = document.model_dump(mode="json")
    value_at(content, at[:-1])[at[-1]] = value
    return json.dumps(content, ensure_ascii=False).encode()


def value_at(content: Any, at: Path) -> Any:
    """What stands at a place."""
    for key in at:
        content = content[key]
    return content


def flips(value: Any) -> list[Any]:
    """Other values of the same kind."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, -value - 1]
    if isinstance(value, str):
        middle = len(value) // 2
        other = "7" if value[middle : middle + 1] != "7" else "8"
        return [value[:middle] + other + value[middle + 1 :], value + " ", value[:-1]] if value else ["x"]
    return [{"id": "x", "recorded": "y"}] if value is None else []


def test_every_field_that_is_changed_is_caught_with_its_reason(
    issued: tuple[Bureau, ReceiptDocument],
) -> None:
    _, document = issued
    content = document.model_dump(mode="json")
    found = list(places(content))
    assert {at[0] for at in found} == set(REASONS)
    for at in found:
        value = value_at(content, at)
        for other in flips(value):
            assert reason(changed(document, at, other)) in REASONS[str(at[0])], (at, other)


def test_a_changed_promise_is_caught_though_the_digest_is_made_anew(
    issued: tuple[Bureau, ReceiptDocument],
) -> None:
    _, document = issued
    assert document.promise is not None
    for change in ({"day": "2026-06-22"}, {"provisional": True}, {"days": ()}, {"profile_sha256": "0" * 64}):
        promise = document.promise.model_copy(update=change)
        forged = document.model_copy(update={"promise": promise})
        forged = forged.model_copy(update={"sha256": document_digest(forged)})
        assert reason(forged) == "receipt_promise"


def test_a_promise_counted_on_another_calendar_is_not_confirmed(
    issued: tuple[Bureau, ReceiptDocument],
) -> None:
    _, document = issued
    assert document.promise is not None
    promise = document.promise.model_copy(update={"calendar_sha256": "0" * 64})
    assert not check_promise(
        document.model_copy(update={"promise": promise}), verify_receipt(document).event["data"]
    )


def test_openings_of_another_case_or_twice_are_refused(issued: tuple[Bureau, ReceiptDocument]) -> None:
    giving, document = issued
    other = giving.receipt(giving.policy, "LX-2026-000008")
    strange = document.model_copy(update={"openings": other.openings})
    assert reason(strange) == "receipt_opening"
    assert reason(document.model_copy(update={"openings": document.openings * 2})) == "receipt_opening"


def test_a_receipt_cannot_borrow_the_proof_of_another(issued: tuple[Bureau, ReceiptDocument]) -> None:
    giving, document = issued
    other = giving.receipt(giving.policy, "LX-2026-000008")
    assert reason(document.model_copy(update={"proof": other.proof})) == "receipt_proof"
    assert reason(document.model_copy(update={"entry": other.entry})) == "receipt_number"


def test_a_forged_log_is_told_by_the_policy_from_outside(
    issued: tuple[Bureau, ReceiptDocument], tmp_path: Any
) -> None:
    giving, _ = issued
    opened = open_database(f"sqlite:///{tmp_path / 'f.db'}", giving.ledger.origin)
    forger = bureau(opened)
    forger.register()
    forger.sign()
    forged = forger.receipt(forger.policy)
    opened.close()
    assert verify_receipt(forged).standing is Standing.WITNESSED
    assert reason(forged, giving.policy) == "receipt_signature"


def test_a_witness_nobody_knows_is_no_quorum(issued: tuple[Bureau, ReceiptDocument]) -> None:
    giving, document = issued
    named = PolicyWitness("press", generate_key("press.example", KeyKind.COSIGNATURE_ED25519).verifier)
    policy = Policy().with_log(LogKey(giving.log.verifier)).with_witness(named).with_quorum("press")
    assert reason(document, policy) == "receipt_quorum"
    assert verify_receipt(document, giving.alone).standing is Standing.SIGNED


@pytest.mark.parametrize(
    "change",
    [
        ("2026-06-23</b>", "2026-06-24</b>"),
        ("欧阳", "欧陽"),
        ("does not prove", "proves too"),
        ("h1v1h-1z", "h1v1h-2z"),
        ("</html>", "</html> "),
        ("\n<body>", "\n\n<body>"),
    ],
)
def test_a_page_whose_words_were_changed_is_refused(
    issued: tuple[Bureau, ReceiptDocument], change: tuple[str, str]
) -> None:
    page = write_page(issued[1])
    assert change[0] in page
    visible, script, rest = page.partition("<script")
    forged = visible.replace(*change, 1) + script + rest if change[0] in visible else page.replace(*change, 1)
    assert reason(forged.encode()) == "receipt_page"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_a_page_is_refused(
    issued: tuple[Bureau, ReceiptDocument], data: st.DataObject
) -> None:
    raw = bytearray(write_page(issued[1]).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    assert reason(bytes(raw)).startswith("receipt_")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_a_document_is_refused_or_means_nothing(
    issued: tuple[Bureau, ReceiptDocument], data: st.DataObject
) -> None:
    raw = bytearray(write_document(issued[1]).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    if _same(bytes(raw), issued[1]):  # white space between values
        look(bytes(raw))
    else:
        assert reason(bytes(raw)).startswith("receipt_")


def _same(raw: bytes, document: ReceiptDocument) -> bool:
    try:
        return bool(json.loads(raw) == document.model_dump(mode="json"))
    except ValueError:
        return False


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=JSON)
def test_any_value_in_any_place_is_refused(
    issued: tuple[Bureau, ReceiptDocument], data: st.DataObject, value: Any
) -> None:
    content = issued[1].model_dump(mode="json")
    at = data.draw(
        st.sampled_from([*places(content), ("entry",), ("proof",), ("openings",), ("promise", "days")])
    )
    before = value_at(content, at)
    if type(value) is type(before) and value == before:
        return
    assert reason(changed(issued[1], at, value)).startswith("receipt_")


@settings(max_examples=200, deadline=None)
@given(
    raw=st.binary(max_size=400) | st.text(max_size=200).map(lambda each: f"<!doctype html>{each}".encode())
)
def test_garbage_is_no_receipt(raw: bytes) -> None:
    assert reason(raw) == "receipt_format"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[" * 200_000,
        b'{"format":' * 100_000,
        b'{"format": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe{\x00}\x00",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
        b" " * (MAX_BYTES + 1),
        b"<" + b"a" * (2 * MAX_BYTES),
        b"<html></html>",
        b'{"a": "\\ud800"}',
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_hostile_files_are_refused_in_one_sentence(raw: bytes) -> None:
    assert reason(raw) == "receipt_format"


def test_a_name_that_stands_twice_is_refused(issued: tuple[Bureau, ReceiptDocument]) -> None:
    raw = write_document(issued[1]).replace('"kind"', '"number": "LX-1",\n  "kind"', 1).encode()
    assert reason(raw) == "receipt_format"
    with pytest.raises(YangguangError, match="stands twice"):
        parse_receipt(raw)
