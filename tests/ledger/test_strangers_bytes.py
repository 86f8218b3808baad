"""Whatever bytes a stranger sends: they read as a value that writes the same bytes, or are refused by name.

Arbitrary bytes hardly get past the first line, so most examples are good files with a few places changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.merkle import ProofError, verify_consistency, verify_inclusion
from ledger.notes import (
    Authority,
    BadKeyError,
    BadPolicyError,
    KeyKind,
    LogKey,
    NoteError,
    parse_checkpoint,
    parse_note,
    parse_policy,
    parse_signatures,
    parse_tlog_proof,
    parse_vkey,
)
from schemas.errors import YangguangError
from tests.ledger.signers import ORIGIN, checkpoint, key, policy, signed, witness
from tests.ledger.test_tlog_proof import made

DASH = "—".encode()
TELLING = (
    b"\n",
    b"\n\n",
    b" ",
    b"\t",
    b"\r",
    b"\0",
    b"+",
    b"=",
    b"#",
    b"0",
    b"-",
    DASH,
    b"\xff",
    b"\xc2\xa0",
)
"""What these formats are made of, and what they may not contain."""


def _text(raw: bytes) -> str:
    """Any bytes as text, surrogates and all: what a command line makes of them."""
    return raw.decode(errors="surrogateescape")


def _policy() -> bytes:
    full = policy(witnesses=3).with_log(LogKey(key("other.invalid/log").verifier, url="https://a.invalid/"))
    full = full.with_range(key().verifier, 0, 100).with_quorum(2).with_authority(Authority("", "5f" * 32))
    return full.encode()


def _note(raw: bytes) -> bytes:
    return parse_note(raw).encode()


def _checked(raw: bytes) -> bytes:
    return policy(witnesses=1).check(raw).note.encode()


def _lines(raw: bytes) -> bytes:
    return "".join(each.line for each in parse_signatures(_text(raw))).encode()


def _checkpoint(raw: bytes) -> bytes:
    return parse_checkpoint(_text(raw)).text.encode()


def _vkey(raw: bytes) -> bytes:
    return parse_vkey(_text(raw)).vkey.encode()


def _proof(raw: bytes) -> bytes:
    return parse_tlog_proof(raw).encode()


def _normal_policy(raw: bytes) -> bytes:
    """A policy has many spellings; the one we write must mean the same."""
    read = parse_policy(raw)
    assert parse_policy(read.encode()) == read
    return raw


Reader = tuple[Callable[[bytes], bytes], tuple[type[YangguangError], ...], bytes]

READERS: dict[str, Reader] = {
    "note": (_note, (NoteError,), signed(key(), witness(0)).encode()),
    "checked note": (_checked, (NoteError,), signed(key(), witness(0)).encode()),
    "signature lines": (_lines, (NoteError,), signed(witness(0)).signatures[0].line.encode()),
    "checkpoint": (_checkpoint, (NoteError,), checkpoint().text.encode()),
    "verifier key": (_vkey, (BadKeyError,), key().verifier.vkey.encode()),
    "policy": (_normal_policy, (BadPolicyError,), _policy()),
    "proof": (_proof, (ProofError, NoteError), made(extra=b"extra").encode()),
}
"""What reads and writes again, how it refuses, and something good to read."""


def edited(good: bytes) -> st.SearchStrategy[bytes]:
    """The file with up to four places changed: something put in, taken out, or put in place of it."""
    piece = st.sampled_from(TELLING) | st.binary(max_size=3)
    edit = st.tuples(st.integers(0, len(good)), st.integers(0, 3), piece)
    return st.lists(edit, min_size=1, max_size=4).map(lambda edits: _edit(good, edits))


def _edit(raw: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    for at, drop, piece in edits:
        raw = raw[:at] + piece + raw[at + drop :]
    return raw


def read_or_refuse(name: str, raw: bytes) -> None:
    """Nothing but the value or its typed error, and the value writes the bytes it was read from."""
    read, errors, _ = READERS[name]
    told = ""
    try:
        assert read(raw) == raw
    except errors as error:
        told = error.message
    assert told.isprintable()


@pytest.mark.parametrize("name", READERS)
def test_the_good_file_is_read(name: str) -> None:
    read, _, good = READERS[name]
    assert read(good) == good


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None, max_examples=60)
@given(raw=st.binary(max_size=200))
def test_arbitrary_bytes(name: str, raw: bytes) -> None:
    read_or_refuse(name, raw)


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_good_files_with_places_changed(name: str, data: st.DataObject) -> None:
    read_or_refuse(name, data.draw(edited(READERS[name][2])))


@pytest.mark.parametrize("name", READERS)
def test_good_files_cut_short_or_with_one_byte_changed(name: str) -> None:
    good = READERS[name][2]
    for at in range(len(good)):
        read_or_refuse(name, good[:at])
        read_or_refuse(name, good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1 :])


def test_no_changed_byte_of_a_signed_note_goes_unnoticed() -> None:
    """Name and id of a signature aside: those who are unknown then are ignored, and only they."""
    note = signed(key(), witness(0))
    raw, strict = note.encode(), policy(witnesses=1).with_quorum(1)
    for at in range(len(raw)):
        try:
            checked = strict.check(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        except NoteError:
            continue
        assert not checked.quorum
        assert checked.checkpoint == checkpoint()


@settings(deadline=None, max_examples=100)
@given(
    index=st.integers(-1, 2**64),
    size=st.integers(-1, 2**64),
    proof=st.lists(st.binary(max_size=33) | st.just(bytes(32)), max_size=70),
    roots=st.tuples(st.just(bytes(32)) | st.binary(max_size=33), st.binary(min_size=32, max_size=32)),
)
def test_arbitrary_proofs_are_refused(
    index: int, size: int, proof: list[bytes], roots: tuple[bytes, bytes]
) -> None:
    with pytest.raises(ProofError):
        verify_inclusion(roots[0], index, size, proof, roots[1] + b"\0")
    if index != size:
        with pytest.raises(ProofError):
            verify_consistency(index, size, proof, *roots)


def test_a_note_with_every_kind_of_key_and_the_longest_names_is_read() -> None:
    signers = [key(ORIGIN), *(key("名" * 85, kind) for kind in KeyKind)]
    note = signed(*signers)
    assert parse_note(note.encode()) == note
