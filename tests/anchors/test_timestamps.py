"""RFC 3161 tokens from a real OpenSSL authority, checked here and by stock `openssl ts -verify`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rfc3161_client import decode_timestamp_response
from sqlalchemy import select

from ledger.anchors.timestamps import (
    MAX_TOKEN_BYTES,
    BadRootError,
    Stamped,
    TokenError,
    load_roots,
    stamp,
    trusted_roots,
    verify_token,
)
from ledger.anchors.witness_folder import Witness, trust
from ledger.anchors.witnesses import publish
from ledger.db import Ledger, snapshot
from ledger.notes.policy import Authority, PolicyWitness
from ledger.tables import ledger_token
from tests.anchors.ledgers import Signed
from tests.anchors.serving import answer, saying, served, utc_now
from tests.anchors.tsa import LocalAuthority

NOTE = "land.example/ledger\n3\n阳光\n\n— nobody AAAA\n".encode()


@pytest.fixture
def signed(ledger: Ledger) -> Signed:
    made = Signed(ledger)
    made.grow(3)
    return made


def ask(
    signed: Signed, http: httpx.Client, *authorities: Authority, roots: list[bytes]
) -> tuple[Stamped, ...]:
    policy = signed.policy()
    for each in authorities:
        policy = policy.with_authority(each)
    return stamp(signed.ledger, policy, roots, http=http, now=utc_now)


def kept(signed: Signed) -> list[tuple[int, str, bytes, bytes, str]]:
    with snapshot(signed.ledger.engine) as connection:
        rows = connection.execute(select(ledger_token).order_by(ledger_token.c.size)).all()
    return [(row.size, row.authority, row.note.encode(), bytes(row.token), row.stamped) for row in rows]


def refused(token: bytes, note: bytes, authority: LocalAuthority, word: str = " / ") -> None:
    with pytest.raises(TokenError, match=word):
        verify_token(token, note, [authority.root])


def test_token_is_kept_and_holds_here_and_with_openssl(
    signed: Signed, authority: LocalAuthority, http: httpx.Client
) -> None:
    before = utc_now().replace(microsecond=0)
    (stamped,) = ask(signed, http, authority.trusted, roots=[authority.pem])
    assert (stamped.authority, stamped.size, stamped.problem) == (authority.url, 3, "")
    ((size, url, note, token, at),) = kept(signed)
    assert (size, url, note) == (3, authority.url, signed.note.encode())
    assert stamped.at is not None
    assert before <= stamped.at <= utc_now()
    assert stamped.at.isoformat(timespec="microseconds") == at
    assert verify_token(token, note, [authority.root]) == stamped.at
    assert authority.check(token, note)


def test_one_token_for_a_size(signed: Signed, authority: LocalAuthority, http: httpx.Client) -> None:
    for sizes in ([3], [], [5], []):
        if sizes == [5]:
            signed.grow(2)
        told = ask(signed, http, authority.trusted, roots=[authority.pem])
        assert [each.size for each in told] == sizes
    assert [each[0] for each in kept(signed)] == [3, 5]
    assert len(authority.asked) == 2


def test_two_that_ask_at_once_keep_one_token(
    signed: Signed, authority: LocalAuthority, http: httpx.Client
) -> None:
    def meanwhile(query: bytes) -> bytes:
        authority.before = bytes
        with ThreadPoolExecutor(1) as other:
            asked = other.submit(ask, signed, http, authority.trusted, roots=[authority.pem])
            assert [each.problem for each in asked.result()] == [""]
        return query

    authority.before = meanwhile
    assert [each.problem for each in ask(signed, http, authority.trusted, roots=[authority.pem])] == [""]
    assert len(kept(signed)) == 1


def test_cosignatures_are_under_the_stamp(
    signed: Signed, authority: LocalAuthority, witness: Witness, http: httpx.Client
) -> None:
    trust(witness, signed.key.verifier)
    with served(witness) as url:
        policy = signed.policy([PolicyWitness("w", witness.keys[0].verifier, url)], 1)
        publish(signed.ledger, policy, http=http, now=utc_now)
    ask(signed, http, authority.trusted, roots=[authority.pem])
    ((_, _, note, token, _),) = kept(signed)
    assert policy.check(note).quorum
    assert authority.check(token, note)


def test_nothing_signed_nothing_stamped(
    ledger: Ledger, authority: LocalAuthority, http: httpx.Client
) -> None:
    assert ask(Signed(ledger), http, authority.trusted, roots=[authority.pem]) == ()


def test_altered_note_is_refused(authority: LocalAuthority) -> None:
    token = token_of(authority)
    assert authority.check(token, NOTE)
    for altered in (NOTE[:-1], NOTE + b"\n", NOTE.replace(b"3", b"4")):
        refused(token, altered, authority, "Mismatch between messages")
        assert not authority.check(token, altered)


def test_altered_token_is_refused(authority: LocalAuthority) -> None:
    token = token_of(authority)
    stamped = decode_timestamp_response(token).tst_info
    at = token.index(stamped.message_imprint.message)
    year = token.index(stamped.gen_time.strftime("%Y%m%d%H%M%SZ").encode()) + 3
    for place in (at, year, len(token) - 1):
        altered = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        refused(altered, NOTE, authority)
        assert not authority.check(altered, NOTE)
    for altered in (b"", token[:-1], token[:40], token + b"\0", bytes(MAX_TOKEN_BYTES + 1)):
        refused(altered, NOTE, authority)


def test_foreign_root_is_refused(authority: LocalAuthority, tmp_path: Path) -> None:
    token, foreign = token_of(authority), LocalAuthority(tmp_path / "foreign")
    refused(token, NOTE, foreign, "verif")
    assert not foreign.check(token, NOTE)
    assert verify_token(token, NOTE, [foreign.root, authority.root])
    with pytest.raises(TokenError, match="no root certificate"):
        verify_token(token, NOTE, [])


def test_certificate_for_something_else_is_refused(authority: LocalAuthority) -> None:
    """OpenSSL makes no such token, so a good one gets another certificate of the same key and number."""
    good = wrong = b""
    while len(wrong) != len(good) or not good:
        authority.certify("serving")
        wrong = authority.signer
        authority.certify("stamping")
        good = authority.signer
    token = token_of(authority)
    assert token.count(good) == 1
    exchanged = token.replace(good, wrong)
    refused(exchanged, NOTE, authority, "certificate verify error")
    assert not authority.check(exchanged, NOTE)


def test_token_of_another_request_is_refused(
    signed: Signed, authority: LocalAuthority, http: httpx.Client
) -> None:
    """The answer to an earlier request over the same note: all holds but the nonce."""
    ask(signed, http, authority.trusted, roots=[authority.pem])
    ((_, _, note, old, _),) = kept(signed)
    assert verify_token(old, note, [authority.root])
    with saying(answer(200, old, "application/timestamp-reply")) as url:
        again = replace(authority.trusted, url=url)
        (stamped,) = ask(signed, http, again, roots=[authority.pem])
    assert (stamped.problem, stamped.at, len(kept(signed))) == ("bad_token", None, 1)
    assert "Nonce mismatch" in stamped.told


def test_refusal_of_the_authority_is_told(
    signed: Signed, authority: LocalAuthority, http: httpx.Client
) -> None:
    authority.before = lambda query: query[:-4]  # cannot be read, and so is refused in a proper answer
    (stamped,) = ask(signed, http, authority.trusted, roots=[authority.pem])
    assert (stamped.problem, kept(signed)) == ("bad_token", [])
    assert "the authority refused (2)" in stamped.told


def test_clock_of_the_authority_far_off_is_told(
    signed: Signed, authority: LocalAuthority, http: httpx.Client
) -> None:
    policy = signed.policy().with_authority(authority.trusted)
    for hours in (-1, 1):
        told = stamp(
            signed.ledger,
            policy,
            [authority.pem],
            http=http,
            now=lambda hours=hours: utc_now() + timedelta(hours=hours),  # type: ignore[misc]
        )
        assert [each.problem for each in told] == ["authority_clock"]
    assert kept(signed) == []


def test_root_that_the_policy_does_not_name_is_not_used(
    signed: Signed, authority: LocalAuthority, http: httpx.Client
) -> None:
    wrong = replace(authority.trusted, fingerprint="00" * 32)
    (stamped,) = ask(signed, http, wrong, roots=[authority.pem])
    assert (stamped.problem, authority.asked) == ("unknown_root", [])
    assert trusted_roots(load_roots(authority.pem), authority.trusted) == [authority.root]


def test_root_that_is_none(signed: Signed, authority: LocalAuthority, http: httpx.Client) -> None:
    with pytest.raises(BadRootError, match="not a certificate"):
        ask(signed, http, authority.trusted, roots=[b"nonsense"])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer(200, b""), "bad_token"),
        (answer(200, b"<html>sorry</html>"), "bad_token"),
        (answer(200, bytes(MAX_TOKEN_BYTES + 1)), "too_large"),
        (answer(503, b"busy"), "away"),
        (b"nonsense", "away"),
    ],
)
def test_nonsense_costs_nothing_but_this_authority(
    signed: Signed, authority: LocalAuthority, http: httpx.Client, said: bytes, code: str
) -> None:
    with saying(said) as url:
        strange = Authority(url, authority.trusted.fingerprint)
        (stamped,) = ask(signed, http, strange, roots=[authority.pem])
    assert (stamped.problem, stamped.at, kept(signed)) == (code, None, [])
    (stamped,) = ask(signed, http, authority.trusted, roots=[authority.pem])
    assert stamped.problem == ""


def token_of(authority: LocalAuthority) -> bytes:
    """A token over NOTE, made with OpenSSL alone."""
    return authority.stamp(NOTE)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_altered_bytes_never_say_another_time(authority: LocalAuthority, data: st.DataObject) -> None:
    """Some bytes are under no signature; what remains readable says the same as before."""
    token = authority.once(NOTE)
    at = data.draw(st.integers(0, len(token) - 1))
    cut = data.draw(st.integers(0, 3))
    altered = token[:at] + data.draw(st.binary(max_size=3)) + token[at + cut :]
    try:
        said = verify_token(altered, NOTE, [authority.root])
    except TokenError:
        return
    assert said == verify_token(token, NOTE, [authority.root])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_refused_as_a_token(authority: LocalAuthority, raw: bytes) -> None:
    refused(raw, NOTE, authority)
