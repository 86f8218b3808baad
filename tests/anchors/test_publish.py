"""Publishing from real ledgers to real witnesses: quorum, rotation, outages, and a log that went back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete

from ledger.anchors.witness_folder import Witness, init_witness, logs, trust
from ledger.anchors.witness_state import add_checkpoint
from ledger.anchors.witnesses import Published, publish
from ledger.db import Ledger
from ledger.notes.policy import Policy, PolicyWitness
from ledger.tables import ledger_checkpoint, ledger_cosignature
from tests.anchors.ledgers import Signed
from tests.anchors.logs import Log
from tests.anchors.serving import answer, saying, served, utc_now


@pytest.fixture
def signed(ledger: Ledger) -> Signed:
    return Signed(ledger)


@contextmanager
def three(folder: Path, signed: Signed) -> Iterator[list[tuple[Witness, str]]]:
    """Three witnesses that know the log, each with its URL."""
    made = [init_witness(folder / f"w{n}", f"w{n}.example/witness") for n in (1, 2, 3)]
    for each in made:
        trust(each, signed.key.verifier)
    with served(made[0]) as first, served(made[1]) as second, served(made[2]) as third:
        yield list(zip(made, (first, second, third), strict=True))


def named(witness: Witness, url: str, key: int = 0) -> PolicyWitness:
    name = f"{witness.name.partition('.')[0]}-{key}"
    return PolicyWitness(name, witness.keys[key].verifier, url)


def ask(signed: Signed, policy: Policy, http: httpx.Client) -> tuple[Published, ...]:
    return publish(signed.ledger, policy, http=http, now=utc_now)


def problems(published: tuple[Published, ...]) -> list[tuple[str, str]]:
    """(witness, code) of each; every problem is told in a sentence, and none stands beside a time."""
    assert all(bool(each.problem) == bool(each.told) == (each.at is None) for each in published)
    return [(each.witness, each.problem) for each in published]


def dead_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_nothing_signed_nothing_published(signed: Signed, witness: Witness, http: httpx.Client) -> None:
    assert ask(signed, signed.policy([named(witness, "http://127.0.0.1:9")]), http) == ()


def test_cosigned_kept_and_not_asked_again(signed: Signed, witness: Witness, http: httpx.Client) -> None:
    trust(witness, signed.key.verifier)
    size = signed.grow(3)
    with served(witness) as url:
        policy = signed.policy([named(witness, url)], 1)
        assert not policy.check(signed.note).quorum
        before = utc_now().replace(microsecond=0)
        (published,) = ask(signed, policy, http)
        assert (published.size, published.problem) == (size, "")
        assert published.at is not None
        assert before <= published.at <= utc_now()
        assert policy.check(signed.note).quorum
        assert ask(signed, policy, http) == ()
        for count in (1, 300, 7):
            signed.grow(count)
            assert problems(ask(signed, policy, http)) == [("audit-0", "")]
            assert policy.check(signed.note).quorum
    (seen,) = logs(witness)
    assert seen.seen is not None
    assert [each[0] for each in signed.stored()] == [3, 4, 304, 311]
    assert seen.seen.size == 311


def test_both_keys_of_a_witness_are_asked_for_once(
    signed: Signed, witness: Witness, http: httpx.Client
) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    with served(witness) as url:
        policy = signed.policy([named(witness, url, 0), named(witness, url, 1)], 2)
        assert problems(ask(signed, policy, http)) == [("audit-0", ""), ("audit-1", "")]
    assert policy.check(signed.note).quorum
    assert [each[1] for each in signed.stored()] == sorted(str(key.verifier) for key in witness.keys)


@pytest.mark.parametrize(("wanted", "met"), [(1, True), (2, True), (3, False)])
def test_quorum_of_three_with_one_down(
    signed: Signed, tmp_path: Path, http: httpx.Client, wanted: int, met: bool
) -> None:
    size = signed.grow(5)
    with three(tmp_path, signed) as made:
        up = [named(*each) for each in made]
        down = [*up[:2], PolicyWitness(up[2].name, up[2].key, dead_url())]
        policy = signed.policy(down, wanted)
        assert problems(ask(signed, policy, http)) == [("w1-0", ""), ("w2-0", ""), ("w3-0", "away")]
        assert policy.check(signed.note).quorum is met
        # Back again, it alone is asked, for what it owes.
        policy = signed.policy(up, wanted)
        assert problems(ask(signed, policy, http)) == [("w3-0", "")]
        assert policy.check(signed.note).quorum
    assert [each[0] for each in signed.stored()] == [size] * 3


def test_witness_with_a_gap_names_its_size_and_catches_up(
    signed: Signed, witness: Witness, http: httpx.Client
) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    with served(witness) as url:
        policy = signed.policy([named(witness, url)], 1)
        ask(signed, policy, http)
        signed.tamper(delete(ledger_cosignature))  # what the witness said was lost
        signed.grow(8)
        assert problems(ask(signed, policy, http)) == [("audit-0", "")]
    assert policy.check(signed.note).quorum


def test_log_that_was_restored_is_told_loudly(signed: Signed, witness: Witness, http: httpx.Client) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    with served(witness) as url:
        policy = signed.policy([named(witness, url)], 1)
        ask(signed, policy, http)
        signed.grow(4)
        ask(signed, policy, http)
        newest = ledger_checkpoint.c.size == 7
        signed.tamper(delete(ledger_cosignature), delete(ledger_checkpoint).where(newest))
        (published,) = ask(signed, policy, http)
    assert (published.problem, published.size, published.at) == ("witness_ahead", 3, None)
    assert "has seen 7 entries, the log has signed 3" in published.told
    assert signed.stored() == []


def test_log_that_was_forked_is_told_loudly(signed: Signed, witness: Witness, http: httpx.Client) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    forged = Log(signed.key.name, [signed.key]).grow(2, "forged")
    add_checkpoint(witness, forged.request(0).encode(), utc_now)
    with served(witness) as url:
        (published,) = ask(signed, signed.policy([named(witness, url)], 1), http)
    assert published.problem == "witness_ahead"
    assert "contradicts" in published.told
    assert signed.stored() == []


def test_spoilt_tiles_are_not_blamed_on_the_witness(
    signed: Signed, witness: Witness, http: httpx.Client
) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    signed.spoil_tile()
    with served(witness) as url:
        (published,) = ask(signed, signed.policy([named(witness, url)], 1), http)
    assert published.problem == "seal_refused"
    assert logs(witness)[0].seen is None


def test_unknown_to_the_witness(signed: Signed, witness: Witness, http: httpx.Client) -> None:
    signed.grow(3)
    with served(witness) as url:
        (published,) = ask(signed, signed.policy([named(witness, url)], 1), http)
    assert published.problem == "witness_refused"
    assert "404" in published.told


def test_clock_ahead_is_not_taken(signed: Signed, witness: Witness, http: httpx.Client) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    with served(witness, lambda: utc_now() + timedelta(hours=1)) as url:
        (published,) = ask(signed, signed.policy([named(witness, url)], 1), http)
    assert (published.problem, signed.stored()) == ("witness_clock", [])


def test_other_witness_behind_the_url_is_ignored(signed: Signed, tmp_path: Path, http: httpx.Client) -> None:
    signed.grow(3)
    with three(tmp_path, signed) as ((first, _), (_, url), _):
        (published,) = ask(signed, signed.policy([named(first, url)], 1), http)
    assert (published.problem, signed.stored()) == ("witness_silent", [])


def test_cosignature_that_does_not_hold_is_not_kept(
    signed: Signed, witness: Witness, http: httpx.Client
) -> None:
    signed.grow(3)
    key = witness.keys[0]
    other = Log(signed.key.name).grow(3).note().text
    with saying(answer(200, key.sign(other, utc_now()).line.encode())) as url:
        (published,) = ask(signed, signed.policy([named(witness, url)], 1), http)
    assert (published.problem, signed.stored()) == ("bad_note", [])
    with saying(answer(200, key.sign(signed.note.text, utc_now()).line.encode())) as url:
        assert problems(ask(signed, signed.policy([named(witness, url)], 1), http)) == [("audit-0", "")]


SIZE = "text/x.tlog.size"
ANSWERS = [
    (answer(200, b""), "garbled"),
    (answer(200, b"cosigned!\n"), "garbled"),
    (answer(200, b"\xff\xfe\n"), "garbled"),
    (answer(200, b"x" * 70_000), "too_large"),
    (b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n" + b"ffff\r\n" + b"x" * 65535, "away"),
    (answer(409, b"2\n"), "garbled"),
    (answer(409, b"two\n", SIZE), "garbled"),
    (answer(409, b"99999999999999999999\n", SIZE), "garbled"),
    (answer(409, b"4\n", SIZE), "witness_ahead"),
    (answer(422, b"no"), "witness_ahead"),
    (answer(403, b"no"), "witness_refused"),
    (answer(302, b""), "witness_refused"),
    (answer(500, b"\x1b[31m" + b"long" * 9000), "witness_refused"),
    (b"SSH-2.0-none\r\n", "away"),
    (b"", "away"),
]


@pytest.mark.parametrize(("said", "code"), ANSWERS)
def test_nonsense_costs_nothing_but_this_witness(
    signed: Signed, witness: Witness, http: httpx.Client, said: bytes, code: str
) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    other = PolicyWitness("strange", witness.keys[1].verifier)
    with served(witness) as url, saying(said) as strange:
        policy = signed.policy([PolicyWitness(other.name, other.key, strange), named(witness, url)], 1)
        assert problems(ask(signed, policy, http)) == [("strange", code), ("audit-0", "")]
    assert policy.check(signed.note).quorum


def test_shown_again_where_another_published_meanwhile(
    signed: Signed, witness: Witness, http: httpx.Client
) -> None:
    """A checkpoint that another process signed and published is shown then, and no alarm is raised."""
    trust(witness, signed.key.verifier)
    signed.grow(3)
    with served(witness) as url:
        policy = signed.policy([named(witness, url)], 1)

        def meanwhile(connection: socket.socket) -> None:
            signed.grow(4)
            ask(signed, policy, http)
            connection.sendall(answer(409, b"7\n", SIZE))

        with saying(meanwhile, answer(403, b"enough")) as slow:
            late = signed.policy([PolicyWitness("late", witness.keys[1].verifier, slow)], 1)
            (published,) = ask(signed, late, http)
    assert published.problem == "witness_refused"
    assert policy.check(signed.note).quorum


def test_two_publishers_at_once_keep_one_cosignature(
    signed: Signed, witness: Witness, http: httpx.Client
) -> None:
    trust(witness, signed.key.verifier)
    signed.grow(3)
    line = witness.keys[0].sign(signed.note.text, utc_now()).line
    with served(witness) as url:

        def meanwhile(connection: socket.socket) -> None:
            assert problems(ask(signed, signed.policy([named(witness, url)], 1), http)) == [("audit-0", "")]
            connection.sendall(answer(200, line.encode()))

        with saying(meanwhile) as slow:
            assert problems(ask(signed, signed.policy([named(witness, slow)], 1), http)) == [("audit-0", "")]
    assert len(signed.stored()) == 1
