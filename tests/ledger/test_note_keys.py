"""Keys of logs and witnesses: what they sign, how they are written down, what no key is."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_public_key,
)

from ledger.notes import (
    BadKeyError,
    KeyKind,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    generate_key,
    load_key,
    parse_note,
    parse_vkey,
    verify_note,
)
from tests.ledger.signers import AT, EXAMPLE_VKEY, ORIGIN, checkpoint, key, signed, witness

KINDS = pytest.mark.parametrize("kind", KeyKind, ids=lambda kind: kind.name)


def test_an_ed25519_cosignature_is_made_over_the_message_of_the_specification() -> None:
    signing = witness(1)
    (line,) = signed(signing).signatures
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n{checkpoint().text}".encode()
    Ed25519PublicKey.from_public_bytes(signing.verifier.public).verify(line.signature[8:], message)


def test_an_ml_dsa_cosignature_is_made_over_the_message_of_the_specification() -> None:
    signing = key("witness.invalid/q", KeyKind.COSIGNATURE_MLDSA44)
    (line,) = signed(signing).signatures
    seconds = int(AT.timestamp())
    message = b"subtree/v1\n\0" + bytes([17]) + b"witness.invalid/q" + struct.pack(">Q", seconds)
    message += bytes([18]) + ORIGIN.encode() + struct.pack(">QQ", 0, 5) + checkpoint().root
    assert line.signature[:8] == struct.pack(">Q", seconds)
    MLDSA44PublicKey.from_public_bytes(signing.verifier.public).verify(line.signature[8:], message)


@KINDS
def test_each_kind_signs_and_survives_being_written_down(kind: KeyKind) -> None:
    made = key("某局.invalid/钥", kind)
    again = load_key(made.name, kind, made.pem())
    assert again.verifier == made.verifier == parse_vkey(made.verifier.vkey)
    note = parse_note(signed(again).encode())
    (found,) = verify_note(note, (made.verifier,))
    assert found.at == (AT if kind.timed else None)
    public = load_pem_public_key(made.verifier.pem())
    assert isinstance(public, Ed25519PublicKey | MLDSA44PublicKey)
    assert public.public_bytes_raw() == made.verifier.public


@KINDS
def test_a_signing_key_never_shows_its_secret(kind: KeyKind) -> None:
    made = key("shown.invalid", kind)
    assert repr(made) == f"SigningKey({made.verifier})"
    assert str(made.verifier) == f"shown.invalid+{made.verifier.key_id.hex()}"


@KINDS
def test_one_key_material_has_another_id_for_each_name_and_kind(kind: KeyKind) -> None:
    verifier = key("one.invalid", kind).verifier
    others = {replace(verifier, name="two.invalid").key_id} | {
        replace(verifier, kind=other).key_id for other in KeyKind if other is not kind
    }
    assert verifier.key_id not in others
    assert len(others) == 3


def test_openssl_accepts_the_signature_and_refuses_another_text(tmp_path: Path) -> None:
    note = signed(key())
    (tmp_path / "key.pem").write_bytes(key().verifier.pem())
    (tmp_path / "signature").write_bytes(note.signatures[0].signature)
    (tmp_path / "text").write_text(note.text)
    assert _openssl(tmp_path).returncode == 0
    (tmp_path / "text").write_text(note.text.replace("5", "6"))
    assert _openssl(tmp_path).returncode == 1


def _openssl(folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
    return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)


@KINDS
def test_no_bit_of_text_or_signature_can_change(kind: KeyKind) -> None:
    made = key("bits.invalid", kind)
    note = signed(made)
    (line,) = note.signatures
    raw = line.signature
    for altered in (*(_flip(raw, bit) for bit in range(0, len(raw) * 8, 61)), raw[:-1], raw + b"\0", b"\0"):
        with pytest.raises(NoteError):
            verify_note(replace(note, signatures=(replace(line, signature=altered),)), (made.verifier,))
    with pytest.raises(NoteError, match="does not hold"):
        verify_note(Note(checkpoint(6).text, note.signatures), (made.verifier,))


def _flip(raw: bytes, bit: int) -> bytes:
    altered = bytearray(raw)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)


def test_a_cosignature_is_none_of_the_log_and_the_other_way_round() -> None:
    """The same key material and name: the kinds sign different messages."""
    private = key().verifier
    as_witness = VerifierKey(private.name, KeyKind.COSIGNATURE_ED25519, private.public)
    (line,) = signed(key()).signatures
    forged = Signature(private.name, as_witness.key_id, bytes(8) + line.signature)
    with pytest.raises(NoteError, match="does not hold"):
        verify_note(Note(checkpoint().text, (forged,)), (as_witness,))


@pytest.mark.parametrize("kind", [KeyKind.COSIGNATURE_ED25519, KeyKind.COSIGNATURE_MLDSA44])
def test_the_time_0_tells_no_time(kind: KeyKind) -> None:
    made = key("timeless.invalid", kind)
    (found,) = verify_note(signed(made, at=datetime.fromtimestamp(0, UTC)), (made.verifier,))
    assert found.at is None


def test_times_up_to_the_last_there_is() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    (found,) = verify_note(signed(witness(1), at=last), (witness(1).verifier,))
    assert found.at == last
    private = Ed25519PrivateKey.generate()
    verifier = VerifierKey(
        "far.invalid", KeyKind.COSIGNATURE_ED25519, private.public_key().public_bytes_raw()
    )
    for seconds in (int(last.timestamp()) + 1, 2**63, 2**64 - 1):
        made = private.sign(f"cosignature/v1\ntime {seconds}\n{checkpoint().text}".encode())
        line = Signature("far.invalid", verifier.key_id, seconds.to_bytes(8, "big") + made)
        with pytest.raises(NoteError, match="no usable time"):
            verifier.verify(checkpoint().text, line)


def test_an_ml_dsa_key_signs_checkpoints_alone() -> None:
    made = key("q.invalid", KeyKind.COSIGNATURE_MLDSA44)
    with pytest.raises(NoteError, match="three lines"):
        made.sign("some text\n", AT)
    long = "a" * 256
    with pytest.raises(NoteError, match="at most 255"):
        made.sign(f"{long}\n{checkpoint().text.partition(chr(10))[2]}", AT)


NAME, KEY_ID, MATERIAL = EXAMPLE_VKEY.split("+", 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not a verifier key of a known kind"),
        (NAME, "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}", "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}+", "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}+{MATERIAL}=", "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}+{MATERIAL}\n", "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}+é", "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}+Aukyeg==", "not a verifier key of a known kind"),
        (f"{NAME}+{KEY_ID}+Aekyeg==", "not a verifier key"),
        (f"{NAME}+{KEY_ID}+{MATERIAL}AAAA", "not a verifier key"),
        (f"+{KEY_ID}+{MATERIAL}", "not a verifier key"),
        (f"a b+{KEY_ID}+{MATERIAL}", "not a verifier key"),
        (f"a\u202eb+{KEY_ID}+{MATERIAL}", "not a verifier key"),
        (f"a\udc80b+{KEY_ID}+{MATERIAL}", "not a verifier key"),
        (f"{NAME}+{KEY_ID.upper()}+{MATERIAL}", "the id is not"),
        (f"{NAME}+530d903b+{MATERIAL}", "the id is not"),
        (f"{NAME}++{MATERIAL}", "the id is not"),
        (f"{NAME}x+{KEY_ID}+{MATERIAL}", "the id is not"),
        (f"{NAME}+{KEY_ID}+{MATERIAL.replace('Aek', 'BOk')}", "the id is not"),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str, told: str) -> None:
    with pytest.raises(BadKeyError, match=told) as caught:
        parse_vkey(text)
    assert (caught.value.code, caught.value.exit_code) == ("bad_key", 2)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\tb", "a\nb", "a\N{NO-BREAK SPACE}b", "\u200b", "\ud800"]
)
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(BadKeyError, match="name of a key"):
        generate_key(name, KeyKind.ED25519)
    with pytest.raises(BadKeyError):
        load_key(name, KeyKind.ED25519, key().pem())


def test_a_private_key_of_another_kind_or_none_is_refused() -> None:
    post_quantum = key("q.invalid", KeyKind.COSIGNATURE_MLDSA44)
    private = Ed25519PrivateKey.generate()
    locked = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    for kind, pem in (
        (KeyKind.ED25519, post_quantum.pem()),
        (KeyKind.COSIGNATURE_MLDSA44, key().pem()),
        (KeyKind.ED25519, key().verifier.pem()),
        (KeyKind.ED25519, locked),
        (KeyKind.ED25519, key().pem()[:-40]),
        (KeyKind.ED25519, b""),
        (KeyKind.ED25519, b"\xff"),
    ):
        with pytest.raises(BadKeyError):
            load_key("name.invalid", kind, pem)


def test_signing_counts_whole_seconds() -> None:
    assert signed(witness(1), at=AT + timedelta(milliseconds=999)) == signed(witness(1))
