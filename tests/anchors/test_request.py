"""Bytes of strangers: whatever is sent to a witness is a request or refused in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.anchors.request import MAX_BYTES, AddCheckpoint, BadRequestError, parse_request
from tests.anchors.logs import Log

LOG = Log().grow(40)
HONEST = LOG.request(9).encode()


@given(st.integers(0, 40), st.integers(0, 40))
def test_what_is_written_is_read(first: int, second: int) -> None:
    request = LOG.request(min(first, second), max(first, second))
    assert parse_request(request.encode()) == request


@settings(max_examples=400)
@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    check(raw)


@settings(max_examples=400)
@given(st.text(alphabet="old 0123456789\n+/=AB—é", max_size=200))
def test_text_that_resembles_a_request(text: str) -> None:
    check(text.encode())


@settings(max_examples=400)
@given(st.integers(0, len(HONEST) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_a_request_that_was_altered(at: int, instead: bytes, cut: int) -> None:
    check(HONEST[:at] + instead + HONEST[at + cut :])


def check(raw: bytes) -> None:
    """It is refused with a sentence, or there is one way only to write what was read."""
    try:
        found = parse_request(raw)
    except BadRequestError:
        return
    assert found.encode() == raw
    assert found.old <= found.checkpoint.size


def test_too_long_is_refused_unread() -> None:
    with pytest.raises(BadRequestError, match=str(MAX_BYTES)):
        parse_request(b"old 0\n\n" + bytes(MAX_BYTES))


def test_sixteen_postquantum_signatures_fit() -> None:
    signature = LOG.note().signatures[0]
    long = [type(signature)(f"w{n}.example", b"1234", bytes([n]) * 5000) for n in range(16)]
    assert parse_request(AddCheckpoint(0, (), LOG.note().signed_also(long)).encode()).old == 0
