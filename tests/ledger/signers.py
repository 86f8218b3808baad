"""Keys and checkpoints that tests sign with; made once, because nothing depends on which they are."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from ledger.merkle import root_of
from ledger.notes import Checkpoint, KeyKind, LogKey, Note, Policy, PolicyWitness, SigningKey, generate_key
from tests.ledger.trees import leaves

ORIGIN = "ledger.invalid/log"

EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
"""The key of the example in C2SP signed-note."""

AT = datetime(2026, 6, 15, 1, 30, tzinfo=UTC)


@cache
def key(name: str = ORIGIN, kind: KeyKind = KeyKind.ED25519) -> SigningKey:
    """The key of this name and kind."""
    return generate_key(name, kind)


def witness(number: int) -> SigningKey:
    """One of any number of witnesses."""
    return key(f"witness.invalid/{number}", KeyKind.COSIGNATURE_ED25519)


def checkpoint(size: int = 5, origin: str = ORIGIN) -> Checkpoint:
    """The checkpoint of a log with so many leaves."""
    return Checkpoint(origin, size, root_of(leaves(size)))


def signed(*keys: SigningKey, size: int = 5, at: datetime = AT) -> Note:
    """Its note, signed by these keys, or by the log's alone."""
    text = checkpoint(size).text
    return Note(text, tuple(each.sign(text, at) for each in keys or (key(),)))


def policy(witnesses: int = 0) -> Policy:
    """That of the log, with so many witnesses and no quorum."""
    made = Policy().with_log(LogKey(key().verifier))
    for number in range(witnesses):
        made = made.with_witness(PolicyWitness(f"w{number}", witness(number).verifier))
    return made
