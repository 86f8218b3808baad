"""Proofs that stand alone: the shape of C2SP tlog-proof, and nothing else."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from ledger.merkle import ProofError
from ledger.notes import NoteError, TlogProof, parse_tlog_proof
from tests.ledger.signers import checkpoint, key, policy, signed, witness
from tests.ledger.trees import leaves, path

SIZE = 300
HASH = b64encode(bytes(32)).decode()


def made(index: int = 73, size: int = SIZE, extra: bytes = b"") -> TlogProof:
    """The proof of a leaf."""
    return TlogProof(index, tuple(path(index, leaves(size))), signed(key(), witness(0), size=size), extra)


def test_the_shape_is_that_of_the_specification() -> None:
    proof = made(extra=b"somewhere")
    hashes = "".join(f"{b64encode(each).decode()}\n" for each in path(73, leaves(SIZE)))
    start = f"c2sp.org/tlog-proof@v1\nextra c29tZXdoZXJl\nindex 73\n{hashes}\n{checkpoint(SIZE).text}\n— "
    assert proof.encode().decode().startswith(start)
    assert b"extra" not in made().encode()


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_every_leaf_has_a_proof_that_reads_back_and_holds(size: int) -> None:
    for index, leaf in enumerate(leaves(size)):
        read = parse_tlog_proof(made(index, size).encode())
        assert read == made(index, size)
        read.verify(leaf)
        assert policy().check(read.note).checkpoint == read.checkpoint == checkpoint(size)


@pytest.mark.parametrize("extra", [b"", b"\0", b"\n\n", bytes(60_000)])
def test_extra_data_comes_back_as_it_was(extra: bytes) -> None:
    assert parse_tlog_proof(made(extra=extra).encode()).extra == extra


def test_what_it_does_not_prove_is_refused() -> None:
    proof, leaf = made(), leaves(SIZE)[73]
    for wrong in (
        replace(proof, index=74),
        replace(proof, proof=proof.proof[:-1]),
        replace(proof, proof=(*proof.proof, proof.proof[0])),
        replace(proof, proof=(bytes(32), *proof.proof[1:])),
        replace(proof, note=signed(size=SIZE - 1)),
    ):
        with pytest.raises(ProofError) as caught:
            wrong.verify(leaf)
        assert (caught.value.code, caught.value.exit_code) == ("bad_proof", 3)
    with pytest.raises(ProofError, match="is not in the tree of 300"):
        proof.verify(leaves(SIZE)[74])


NOTE = signed(size=SIZE).encode().decode()
HEADER = "c2sp.org/tlog-proof@v1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "this is no c2sp", id="nothing"),
        pytest.param(f"{HEADER}\nindex 1\n", "this is no c2sp", id="no checkpoint"),
        pytest.param(f"{HEADER[:-1]}2\nindex 1\n\n{NOTE}", "this is no c2sp", id="another version"),
        pytest.param(f" {HEADER}\nindex 1\n\n{NOTE}", "this is no c2sp", id="space before"),
        pytest.param(f"{HEADER}\r\nindex 1\r\n\n{NOTE}", "this is no c2sp", id="carriage return"),
        pytest.param(f"{HEADER}\nindex １\n\n{NOTE}", "this is no c2sp", id="not ASCII"),
        pytest.param(f"\n\n{HEADER}\nindex 1\n\n{NOTE}", "this is no c2sp", id="lines before"),
        pytest.param(f"{HEADER}\n\n{NOTE}", "not the index", id="no index"),
        pytest.param(f"{HEADER}\nindex 1\nindex 1\n\n{NOTE}", "is no hash", id="index twice"),
        pytest.param(
            f"{HEADER}\nextra AA==\nextra AA==\nindex 1\n\n{NOTE}", "not the index", id="extra twice"
        ),
        pytest.param(f"{HEADER}\nindex 1\nextra AAAA\n\n{NOTE}", "is no hash", id="extra after index"),
        pytest.param(f"{HEADER}\nextra \nindex 1\n\n{NOTE}", "not extra data", id="extra of nothing"),
        pytest.param(f"{HEADER}\nextra AAB=\nindex 1\n\n{NOTE}", "not extra data", id="extra spelt so"),
        *(
            pytest.param(f"{HEADER}\nindex {index}\n\n{NOTE}", "not the index", id=f"index {index!r}")
            for index in ("", "01", "-1", "+1", "1 ", " 1", "1.0", "0x1", str(2**63))
        ),
        pytest.param(f"{HEADER}\nindex {'9' * 5000}\n\n{NOTE}", "not the index", id="very long index"),
        pytest.param(f"{HEADER}\nindex 300\n\n{NOTE}", "leaf 300 is not in a tree of 300", id="beyond"),
        pytest.param(f"{HEADER}\nindex 1\n{HASH[:-4]}\n\n{NOTE}", "is no hash", id="short hash"),
        pytest.param(f"{HEADER}\nindex 1\n{HASH} \n\n{NOTE}", "is no hash", id="space after a hash"),
        pytest.param(f"{HEADER}\nindex 1\n" + f"{HASH}\n" * 64 + f"\n{NOTE}", "at most 63", id="64 hashes"),
        pytest.param("a" * ((1 << 20) + (1 << 17) + 1), "at most 1179648", id="too long"),
    ],
)
def test_what_is_no_proof_is_refused(text: str, told: str) -> None:
    with pytest.raises(ProofError, match=told) as caught:
        parse_tlog_proof(text.encode())
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "note",
    [
        pytest.param("", id="nothing"),
        pytest.param("\n", id="blank line"),
        pytest.param("text\n", id="text"),
        pytest.param(NOTE.replace("\n", "\nmore\n", 1), id="extension"),
        pytest.param(NOTE[:-1], id="cut short"),
    ],
)
def test_what_encloses_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        parse_tlog_proof(f"{HEADER}\nindex 1\n\n{note}".encode())
