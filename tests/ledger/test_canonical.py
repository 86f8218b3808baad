"""The canonical form against the reference implementation of RFC 8785."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import MAX_INT, canonical, is_canonical, leaf_hash
from ledger.errors import NotCanonicalError


class Colour(StrEnum):
    """Something that looks like a string."""

    RED = "red"


KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INT, MAX_INT) | st.text(max_size=30)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_is_byte_for_byte_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)
    assert is_canonical(canonical(value))


@given(st.text(st.characters(exclude_categories=()), max_size=10))
def test_strings_are_written_or_refused_as_the_reference_does(text: str) -> None:
    try:
        expected = rfc8785.dumps(text)
    except rfc8785.CanonicalizationError:
        with pytest.raises(NotCanonicalError):
            canonical(text)
    else:
        assert canonical(text) == expected


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        math.nan,
        math.inf,
        MAX_INT + 1,
        -MAX_INT - 1,
        2**70,
        {"a": [{"b": 0.5}]},
        {"键": 1},
        {1: "a"},
        {"a\ud800": 1},
        "\udfff",
        datetime(2026, 6, 15, tzinfo=UTC),
        b"bytes",
        {"set"},
        Colour.RED,
        {Colour.RED: 1},
        pytest.param(object(), id="object"),
    ],
    ids=repr,
)
def test_refuses_what_lies_outside_the_profile(value: Any) -> None:
    with pytest.raises(NotCanonicalError) as caught:
        canonical(value)
    assert caught.value.code == "not_canonical"


def test_refuses_a_value_that_holds_itself() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(NotCanonicalError):
        canonical(ring)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1,"a":1}',
        b'"\\u0041"',
        b'"\\/"',
        b"-0",
        b"1.0",
        b"1e2",
        b"9007199254740992",
        b'{"a":',
        b"",
        b'"\xff"',
        b"\xef\xbb\xbf{}",
    ],
)
def test_other_spellings_are_not_canonical(raw: bytes) -> None:
    assert not is_canonical(raw)


def test_leaf_hash_is_that_of_rfc_6962() -> None:
    assert leaf_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"abc") == sha256(b"\x00abc").hexdigest()
