"""What a policy makes of a note: who signed, whether they may, and whether they are enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger.notes import KeyKind, LogKey, NoteError
from tests.ledger.signers import AT, ORIGIN, checkpoint, key, policy, signed, witness

LOG = key().verifier
OTHER_LOG = key("other.invalid/log").verifier
QUANTUM = key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44).verifier


def test_a_log_alone_meets_a_quorum_of_nobody() -> None:
    checked = policy(witnesses=1).check(signed().encode())
    assert (checked.note, checked.checkpoint, checked.quorum) == (signed(), checkpoint(), True)
    assert ([each.key for each in checked.log], checked.cosignatures) == ([LOG], ())
    assert not policy(witnesses=1).asks_witnesses


def test_both_keys_of_a_log_are_told() -> None:
    both = signed(key(), key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44), key("stranger.invalid"))
    assert [each.key for each in policy().with_log(LogKey(QUANTUM)).check(both).log] == [LOG, QUANTUM]
    assert [each.key for each in policy().check(both).log] == [LOG]


@pytest.mark.parametrize(("size", "allowed"), [(4, False), (5, True), (9, True), (10, False)])
def test_a_key_signs_its_own_sizes_only(size: int, allowed: bool) -> None:
    ranged = policy().with_range(LOG, 5, 9)
    if allowed:
        assert ranged.check(signed(size=size)).checkpoint.size == size
        return
    with pytest.raises(NoteError, match=rf"signed size {size}, may sign 5 - 9"):
        ranged.check(signed(size=size))


def test_a_key_that_was_replaced_spoils_what_its_successor_signs_too() -> None:
    """An old key that goes on signing is in somebody's hands."""
    replaced = policy().with_range(LOG, 0, 4).with_log(LogKey(QUANTUM, 5))
    assert replaced.check(signed(key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44))).log
    with pytest.raises(NoteError, match="signed size 5, may sign 0 - 4"):
        replaced.check(signed(key(ORIGIN, KeyKind.COSIGNATURE_MLDSA44), key()))


def test_a_log_does_not_sign_for_another() -> None:
    both = policy().with_log(LogKey(OTHER_LOG))
    for keys in ((key("other.invalid/log"),), (key(), key("other.invalid/log"))):
        with pytest.raises(NoteError, match=rf"other\.invalid/log.* signed a checkpoint of '{ORIGIN}'"):
            both.check(signed(*keys))


def test_witnesses_alone_make_no_checkpoint() -> None:
    with pytest.raises(NoteError, match="no log of the policy signed"):
        policy(witnesses=2).with_quorum(2).check(signed(witness(0), witness(1)))
    with pytest.raises(NoteError, match="no signature of a known key"):
        policy(witnesses=1).check(signed(witness(1)))


def test_a_bad_cosignature_of_a_known_witness_refuses_the_note() -> None:
    note = signed(key(), witness(0))
    bad = replace(note.signatures[1], signature=bytes(72))
    with pytest.raises(NoteError, match="does not hold"):
        policy(witnesses=1).check(note.signed_also([bad]))


def test_a_witness_counts_once_however_often_it_signs() -> None:
    later = datetime(2026, 7, 1, tzinfo=UTC)
    note = signed(key(), witness(0)).signed_also(signed(witness(0), at=later).signatures)
    checked = policy(witnesses=2).with_quorum(2).check(note)
    assert (len(checked.cosignatures), checked.quorum) == (2, False)


def test_a_cosignature_that_tells_no_time_counts_for_nothing() -> None:
    """It does not say that this tree is the largest the witness has seen."""
    timeless = signed(key(), witness(0), at=datetime.fromtimestamp(0, UTC))
    checked = policy(witnesses=1).with_quorum(1).check(timeless)
    assert (checked.cosignatures, checked.quorum) == ((), False)


def test_what_is_no_checkpoint_is_refused_whoever_signed_it() -> None:
    text = f"{checkpoint().text}extension\n"
    note = replace(signed(), text=text, signatures=(key().sign(text, AT),))
    with pytest.raises(NoteError, match="three lines"):
        policy().check(note)
    with pytest.raises(NoteError, match="not a signed note"):
        policy().check(b"")
